/** How the charts name and draw their axes. */
import { clock, tick } from "../format.ts";
import type { Axis } from "./series.ts";

export const axisNames: Record<Axis, string> = {
  envSteps: "environment steps",
  updates: "updates",
  seconds: "wall time (s)",
};

/** @param span of the axis: the shorter it is, the more digits seconds have */
export const axisValue = (axis: Axis, x: number, span = x): string =>
  axis === "seconds" ? `${x.toFixed(span < 2 ? 3 : span < 20 ? 2 : 1)} s` : tick(Math.round(x));

export const axisTick = (axis: Axis) => (x: number) => (axis === "seconds" && x >= 120 ? clock(x) : tick(x));

/** Shared by every chart: labels in the page's font, hairlines, nothing animated. */
export const axisStyle = {
  tick: { fill: "var(--muted)", fontSize: 11 },
  stroke: "var(--muted)",
  tickLine: { stroke: "var(--line)" },
  axisLine: { stroke: "var(--line)" },
  tickMargin: 4,
} as const;
