/** Draws swim lanes: one a thread, the present at the right edge. */

import type { LaneView } from "../../runtime/seen/system.ts";
import type { Activity } from "../../runtime/shared/lane.ts";
import { okabeIto } from "../parts/palette.ts";
import type { Span } from "./stages.ts";

/** The same in light and dark. Waiting has no colour: the lane shows through. */
export const activityColours: Readonly<Partial<Record<Activity, string>>> = {
  act: okabeIto.blue,
  differentiate: okabeIto.orange,
  apply: okabeIto.green,
  publish: okabeIto.purple,
  evaluate: okabeIto.sky,
  delay: okabeIto.vermillion,
  pace: "#9AA1A9",
};

export const activityNames: Readonly<Partial<Record<Activity, string>>> = {
  act: "act",
  differentiate: "differentiate",
  apply: "apply",
  publish: "publish",
  evaluate: "evaluate",
  delay: "held up",
  pace: "paced",
};

export const LANE_HEIGHT = 18; // CSS pixels
const BAR = 12;
/** From one line of a hatch to the next, in x; and how wide one is that has words on it. CSS pixels. */
const HATCH = 6;
const UNKNOWN = 76;
/** Opacity of what is not lit. */
const FADED = 0.3;
export const AXIS_HEIGHT = 16;

/** Width of the lanes' names, where they are drawn on the canvas; CSS pixels. */
const NAMES = 64;

/** A stretch of time to draw: milliseconds since the epoch. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** What the axis counts from: the present, or the beginning of what is shown. */
  readonly zero: number;
}

export interface LanesDrawing {
  readonly width: number;
  readonly ratio: number;
  readonly stretch: Stretch;
  /** These stand out from the rest; null: nothing does. */
  readonly lit: readonly Span[] | null;
  /** Whether every lane says its name. */
  readonly named: boolean;
  readonly colours: { readonly lane: string; readonly text: string };
}

/** A stage fills its picture, but for a margin after it. */
export function stretchOf(spans: readonly Span[]): Stretch {
  const from = Math.min(...spans.map((span) => span.from));
  const long = Math.max(0.02, Math.max(...spans.map((span) => span.to)) - from);
  return { from, to: from + 1.15 * long, zero: from };
}

/**
 * A span that is narrower than a pixel colours its part of it, so that at any zoom a stretch of lane has the mixture of
 * what happened in it.
 */
export function drawLanes(context: CanvasRenderingContext2D, lanes: readonly LaneView[], of: LanesDrawing): void {
  const { width, ratio, stretch, lit, colours } = of;
  const { from: start, to: end } = stretch;
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  const left = of.named ? NAMES : 0;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const x = (time: number) => left + ((Math.max(start, Math.min(end, time)) - start) / (end - start)) * (width - left);
  const top = (lane: number) => lane * LANE_HEIGHT + (LANE_HEIGHT - BAR) / 2;
  const paint = (lane: number, activity: Activity, from: number, to: number) => {
    const colour = activityColours[activity];
    if (!colour || to <= start || from >= end) return;
    context.fillStyle = colour;
    context.fillRect(x(from), top(lane), x(to) - x(from), BAR);
  };
  context.font = "11px Inter Variable, Inter, sans-serif";
  lanes.forEach((lane, i) => {
    const known = x(recordOf(lane).from);
    hatch(context, left, known, top(i), colours);
    context.fillStyle = colours.lane;
    context.fillRect(known, top(i), width - known, BAR);
    if (of.named) {
      context.fillStyle = colours.text;
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(lane.name, 0, top(i) + BAR / 2);
    }
    context.globalAlpha = lit ? FADED : 1;
    lane.read(0, (activity, from, to) => paint(i, activity, from, to));
    paint(i, lane.activity, lane.since, end);
    context.globalAlpha = 1;
  });
  for (const { lane, activity, from, to } of lit ?? []) paint(lane, activity, from, Math.max(to, from + 0.005));
  drawAxis(context, of, left, lanes.length * LANE_HEIGHT + 3);
}

/** What is no longer known, which is not waiting. */
function hatch(
  context: CanvasRenderingContext2D,
  from: number,
  to: number,
  top: number,
  { text }: LanesDrawing["colours"],
): void {
  if (to <= from) return;
  context.save();
  context.beginPath();
  context.rect(from, top, to - from, BAR);
  context.clip();
  context.beginPath();
  for (let x = from - BAR; x < to; x += HATCH) {
    context.moveTo(x, top + BAR);
    context.lineTo(x + BAR, top);
  }
  context.strokeStyle = text;
  context.globalAlpha = FADED;
  context.stroke();
  context.globalAlpha = 1;
  if (to - from >= UNKNOWN) {
    context.clearRect(from, top, UNKNOWN - 6, BAR);
    context.fillStyle = text;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText("not recorded", from, top + BAR / 2);
  }
  context.restore();
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { width, stretch, colours }: LanesDrawing,
  left: number,
  y: number,
) {
  const { from, to, zero } = stretch;
  context.fillStyle = colours.text;
  context.textBaseline = "top";
  const ticks = width - left < 320 ? 2 : 4;
  for (let t = 0; t <= ticks; t++) {
    const time = from + ((to - from) * t) / ticks - zero;
    const words = time < 0 ? `−${duration(-time)}` : time > 0 ? duration(time) : zero === to ? "now" : "0";
    context.textAlign = t === 0 ? "left" : t === ticks ? "right" : "center";
    context.fillText(words, left + ((width - left) * t) / ticks, y);
  }
}

/** The clock's step where pages are isolated; ms. */
const CLOCK = 0.005;

/** Two digits: 1.5 s, 20 ms, 35 µs. */
export function duration(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(2))} s`;
  if (ms >= 0.1) return `${Number(ms.toPrecision(2))} ms`;
  return ms < CLOCK ? "< 5 µs" : `${Number((ms * 1000).toPrecision(2))} µs`;
}

/** When the oldest span of a lane that is still kept began, and whether that is all that it ever did. */
export function recordOf(lane: Pick<LaneView, "activity" | "since" | "read">): { from: number; whole: boolean } {
  let oldest: { from: number; whole: boolean } | null = null;
  lane.read(0, (activity, from) => {
    oldest ??= { from, whole: activity === "starting" };
  });
  return oldest ?? { from: lane.since, whole: true };
}

/** The spans that can be chosen, in ms. */
export const spans = [5, 50, 500, 3000] as const;
const [shortest, longest] = [spans[0], spans[spans.length - 1]];

/** The span in which about a dozen rounds of an actor fit, from how often it hands in an unroll. */
export function fittingSpan(unrollsPerSecond: number): number {
  if (!(unrollsPerSecond > 0)) return longest;
  const off = (span: number) => Math.abs(Math.log((span * unrollsPerSecond) / 12_000));
  return spans.reduce((best, span) => (off(span) < off(best) ? span : best), longest);
}

/**
 * The longest span that every lane has a record of; a longer one than before only where they have half as much again, so
 * that it does not flicker.
 */
export function coveredSpan(
  lanes: readonly Pick<LaneView, "activity" | "since" | "read">[],
  to: number,
  before: number,
) {
  const cut = lanes.map(recordOf).filter(({ whole }) => !whole);
  const kept = to - Math.max(Number.NEGATIVE_INFINITY, ...cut.map(({ from }) => from));
  return spans.findLast((span) => kept >= (span > before ? 1.5 * span : span)) ?? shortest;
}
