/** How the charts name and draw their axes. */
import { clock, tick } from "../format.ts";
import type { Axis } from "./series.ts";

export const axisNames: Record<Axis, string> = {
  envSteps: "environment steps",
  updates: "updates",
  seconds: "wall time (s)",
};

export const axisValue = (axis: Axis, x: number): string =>
  axis === "seconds" ? `${x.toFixed(1)} s` : tick(Math.round(x));

export const axisTick = (axis: Axis) => (x: number) => (axis === "seconds" && x >= 120 ? clock(x) : tick(x));

/** Shared by every chart: labels in the page's font, hairlines, nothing animated. */
export const axisStyle = {
  tick: { fill: "var(--muted)", fontSize: 11 },
  stroke: "var(--muted)",
  tickLine: { stroke: "var(--line)" },
  axisLine: { stroke: "var(--line)" },
  tickMargin: 4,
} as const;
