/** The one environment copy that a person watches: drawn in front of its actor, and what Insides is about. */
import { create } from "zustand";
import type { Mark } from "../../envs/environment.ts";

export interface Watched {
  readonly actor: number;
  readonly copy: number;
}

export const useWatched = create<Watched>()(() => ({ actor: 0, copy: 0 }));

export const watch = (actor: number, copy: number): void => useWatched.setState({ actor, copy });

/** The copy of an actor that is in front: the watched one, otherwise the first. */
export const frontOf = ({ actor, copy }: Watched, index: number, copies: number): number =>
  actor === index && copy < copies ? copy : 0;

/** Metres from a point to a mark that moves with the state; infinite for scenery. */
function distanceTo(mark: Mark, x: number, y: number): number {
  if (mark.tone === "ground" || mark.tone === "limit") return Number.POSITIVE_INFINITY;
  if (mark.kind === "disc") return Math.hypot(x - mark.centre[0], y - mark.centre[1]);
  if (mark.kind === "box") {
    const beyond = (at: number, centre: number, size: number) => Math.max(0, Math.abs(at - centre) - size / 2);
    return Math.hypot(beyond(x, mark.centre[0], mark.size[0]), beyond(y, mark.centre[1], mark.size[1]));
  }
  const [[ax, ay], [bx, by]] = [mark.from, mark.to];
  const [dx, dy] = [bx - ax, by - ay];
  const share = ((x - ax) * dx + (y - ay) * dy) / Math.max(1e-12, dx * dx + dy * dy);
  const t = Math.max(0, Math.min(1, share));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** How near to a mark a press counts as on it; metres. */
const REACH = 0.15;

/** The copy whose sketch is pressed, the one in front where it is as near as any; null where the press is beside all. */
export function copyAt(
  sketches: readonly (readonly Mark[])[],
  front: number,
  [x, y]: readonly [number, number],
): number | null {
  const distances = sketches.map((marks) => Math.min(...marks.map((mark) => distanceTo(mark, x, y))));
  const least = Math.min(...distances);
  if (!(least <= REACH)) return null;
  return distances[front] <= least ? front : distances.indexOf(least);
}
