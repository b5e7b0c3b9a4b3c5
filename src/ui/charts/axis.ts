/** How the charts name and draw their axes. */
import { type Environment, goodReturn } from "../../envs/environment.ts";
import { clock, short, tick } from "../parts/format.ts";
import { type Axis, niceTicks } from "./series.ts";

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

/** Text of a plot, with a rim that keeps it legible over a line. */
export const plotLabel = {
  fontSize: 11,
  fill: "var(--muted)",
  stroke: "var(--surface)",
  strokeWidth: 3,
  paintOrder: "stroke",
} as const;

/** Pixels that the axes of a large chart take. */
export const Y_AXIS = 62;
export const X_AXIS = 36;

/** What the axis of returns shows whatever the runs do: nothing, or what chance earns, and what is good. */
export const returnRange = (environment: Environment): [number, number] => [
  Math.min(0, environment.returns.random),
  goodReturn(environment),
];

/** The line of a good return in words: what counts as solved, where that is published. */
export const goodWord = ({ solvedAt }: Environment): "solved" | "good" => (solvedAt === null ? "good" : "solved");

/** The axis along which a large chart runs. width: of the chart in pixels */
export const alongAxis = (axis: Axis, end: number, width: number) =>
  ({
    ...axisStyle,
    dataKey: "x",
    type: "number",
    domain: [0, end],
    ticks: niceTicks(0, end, width < 500 ? 4 : 8),
    tickFormatter: axisTick(axis),
    height: X_AXIS,
    label: { value: axisNames[axis], position: "insideBottom", offset: 0, ...plotLabel },
    allowDataOverflow: true,
  }) as const;

/** The axis of returns of a large chart. Returns have all their digits: −1200 beside −800. */
export const upAxis = (name: string, low: number, high: number) =>
  ({
    ...axisStyle,
    width: Y_AXIS,
    domain: [low, high],
    ticks: niceTicks(low, high, 6),
    tickFormatter: short,
    label: {
      value: name,
      angle: -90,
      position: "insideLeft",
      offset: 12,
      style: { textAnchor: "middle" },
      ...plotLabel,
    },
    allowDataOverflow: true,
  }) as const;
