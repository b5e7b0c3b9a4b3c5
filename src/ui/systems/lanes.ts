/** Draws swim lanes: one a thread, the present at the right edge. */
import type { Activity } from "../../runtime/lane.ts";
import type { LaneView } from "../../runtime/system.ts";
import { okabeIto } from "../palette.ts";

/** The same in light and dark. Waiting has no colour: the lane shows through. */
export const activityColours: Readonly<Partial<Record<Activity, string>>> = {
  act: okabeIto.blue,
  differentiate: okabeIto.orange,
  apply: okabeIto.green,
  publish: okabeIto.purple,
  evaluate: okabeIto.sky,
  delay: okabeIto.vermillion,
};

export const activityNames: Readonly<Partial<Record<Activity, string>>> = {
  act: "act",
  differentiate: "differentiate",
  apply: "apply",
  publish: "publish",
  evaluate: "evaluate",
  delay: "held up",
};

export const LANE_HEIGHT = 22; // CSS pixels
const BAR = 12;
export const AXIS_HEIGHT = 18;

export interface LanesDrawing {
  readonly width: number;
  readonly ratio: number;
  /** Milliseconds from the left edge to the right one. */
  readonly span: number;
  /** Milliseconds since the epoch at the right edge. */
  readonly now: number;
  readonly colours: { readonly lane: string; readonly text: string };
}

/**
 * A span that is narrower than a pixel colours its part of it, so that at any zoom a stretch of lane has the mixture of
 * what happened in it.
 */
export function drawLanes(context: CanvasRenderingContext2D, lanes: readonly LaneView[], of: LanesDrawing): void {
  const { width, ratio, span, now, colours } = of;
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const start = now - span;
  const x = (time: number) => ((Math.max(start, Math.min(now, time)) - start) / span) * width;
  lanes.forEach((lane, i) => {
    const top = i * LANE_HEIGHT + (LANE_HEIGHT - BAR) / 2;
    context.fillStyle = colours.lane;
    context.fillRect(0, top, width, BAR);
    const paint = (activity: Activity, from: number, to: number) => {
      const colour = activityColours[activity];
      if (!colour || to <= start || from >= now) return;
      context.fillStyle = colour;
      context.fillRect(x(from), top, x(to) - x(from), BAR);
    };
    lane.read(0, paint);
    paint(lane.activity, lane.since, now);
  });
  context.fillStyle = colours.text;
  context.font = "11px Inter Variable, Inter, sans-serif";
  context.textBaseline = "top";
  const ticks = 4;
  for (let t = 0; t <= ticks; t++) {
    const ago = (span * (ticks - t)) / ticks;
    context.textAlign = t === 0 ? "left" : t === ticks ? "right" : "center";
    context.fillText(t === ticks ? "now" : `−${duration(ago)}`, (width * t) / ticks, lanes.length * LANE_HEIGHT + 4);
  }
}

/** 20 ms, 1.5 s */
export const duration = (ms: number): string =>
  ms >= 1000 ? `${Number((ms / 1000).toPrecision(2))} s` : `${Number(ms.toPrecision(2))} ms`;

/** The spans that can be chosen, in ms. */
export const spans = [20, 100, 500, 3000] as const;

/** A span in which about so many rounds of an actor fit, from how often it hands in an unroll. */
export function fittingSpan(unrollsPerSecond: number): number {
  const wanted = unrollsPerSecond > 0 ? 12_000 / unrollsPerSecond : spans[spans.length - 1];
  return spans.find((span) => span >= wanted) ?? spans[spans.length - 1];
}
