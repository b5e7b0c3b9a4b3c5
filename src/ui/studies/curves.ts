/** The curves of several runs on one grid, so that they can be averaged. */
import type { ReturnPoint } from "../../runtime/view.ts";
import { type Estimate, estimate } from "./statistics.ts";

export type CurvePoint = Pick<ReturnPoint, "envSteps" | "seconds" | "mean100" | "mean">;
export type StudyAxis = "envSteps" | "seconds";

/** The mean of the last 100 episodes where there are so many, else of those of the point. */
const meanOf = (p: CurvePoint) => (Number.isNaN(p.mean100) ? p.mean : p.mean100);

/** A curve's value at x, by a straight line between its points; its last value beyond them, as a run that has ended would stay; NaN before the first. */
export function valueAt(points: readonly CurvePoint[], axis: StudyAxis, x: number): number {
  let low = 0;
  let high = points.length; // the first point at or beyond x is in [low, high]
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][axis] < x) low = middle + 1;
    else high = middle;
  }
  if (low === points.length) return points.length === 0 ? Number.NaN : meanOf(points[low - 1]);
  const to = points[low];
  if (low === 0) return to[axis] === x ? meanOf(to) : Number.NaN;
  const from = points[low - 1];
  const share = (x - from[axis]) / (to[axis] - from[axis]);
  return meanOf(from) + share * (meanOf(to) - meanOf(from));
}

export interface BandPoint extends Estimate {
  readonly x: number;
  /** Runs that have a value here. */
  readonly runs: number;
}

export const GRID = 80;
/** Resamples of a point of a curve: the band is drawn, not quoted. */
const CURVE_RESAMPLES = 100;

/** The interquartile mean of several curves and its band, at the points of a grid from 0 to `end` where at least half of them have begun. */
export function band(curves: readonly (readonly CurvePoint[])[], axis: StudyAxis, end: number): BandPoint[] {
  const points: BandPoint[] = [];
  for (let k = 1; k <= GRID; k++) {
    const x = (k / GRID) * end;
    const values = curves.map((curve) => valueAt(curve, axis, x)).filter((y) => !Number.isNaN(y));
    if (values.length * 2 >= curves.length && values.length > 0)
      points.push({ x, runs: values.length, ...estimate(values, CURVE_RESAMPLES) });
  }
  return points;
}
