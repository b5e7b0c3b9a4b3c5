/** The one animation loop of the page. It reads the runner's snapshot once a frame and hands it to whoever draws. */
import type { Snapshot } from "../../runtime/seen/view.ts";
import { runner } from "./session.ts";

export type Draw = (snapshot: Snapshot, now: number) => void;

interface Drawer {
  draw: Draw;
  /** Milliseconds between two calls, at least. */
  interval: number;
  due: number;
}

const drawers = new Set<Drawer>();
let frame = 0;

/** Of those that draw now and then, the one that has waited longest: two of them in one frame would make it a long one. */
function mostOverdue(now: number): Drawer | null {
  let most: Drawer | null = null;
  for (const drawer of drawers)
    if (drawer.interval > 0 && now >= drawer.due && (most === null || drawer.due < most.due)) most = drawer;
  return most;
}

function loop(now: number): void {
  frame = requestAnimationFrame(loop);
  const snapshot = runner().snapshot();
  const slow = mostOverdue(now);
  for (const drawer of drawers) {
    if (drawer.interval > 0 && drawer !== slow) continue;
    // Half a frame early is on time, else a steady interval would slip by a frame each time.
    drawer.due = now + drawer.interval - 8;
    drawer.draw(snapshot, now);
  }
}

/** Calls `draw` with the snapshot once a frame, or about once in `interval` milliseconds. Returns how to stop it. */
export function everyFrame(draw: Draw, interval = 0): () => void {
  const drawer = { draw, interval, due: 0 };
  drawers.add(drawer);
  if (drawers.size === 1) frame = requestAnimationFrame(loop);
  return () => {
    drawers.delete(drawer);
    if (drawers.size === 0) cancelAnimationFrame(frame);
  };
}

/** For several that must show one moment: each is called with the same snapshot, about once in `interval` milliseconds. */
export function together(interval: number): (draw: Draw) => () => void {
  const members = new Set<Draw>();
  let stop = () => {};
  return (draw) => {
    members.add(draw);
    if (members.size === 1)
      stop = everyFrame((snapshot, now) => {
        for (const member of members) member(snapshot, now);
      }, interval);
    return () => {
      members.delete(draw);
      if (members.size === 0) stop();
    };
  };
}
