/** The curves of several runs on one grid, so that they can be averaged. */
import type { ReturnPoint } from "../../runtime/view.ts";
import { type Estimate, estimate } from "./statistics.ts";

export type CurvePoint = Pick<ReturnPoint, "envSteps" | "seconds" | "mean100" | "mean">;
export type StudyAxis = "envSteps" | "seconds";

/** The mean of the last 100 episodes where there are so many, else of those of the point. */
const meanOf = (p: CurvePoint) => (Number.isNaN(p.mean100) ? p.mean : p.mean100);

/** A curve's value at x, by a straight line between its points; NaN before the first and beyond the last. */
export function valueAt(points: readonly CurvePoint[], axis: StudyAxis, x: number): number {
  let low = 0;
  let high = points.length; // the first point at or beyond x is in [low, high]
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][axis] < x) low = middle + 1;
    else high = middle;
  }
  if (low === points.length) return Number.NaN;
  const to = points[low];
  if (low === 0) return to[axis] === x ? meanOf(to) : Number.NaN;
  const from = points[low - 1];
  const share = (x - from[axis]) / (to[axis] - from[axis]);
  return meanOf(from) + share * (meanOf(to) - meanOf(from));
}

export interface BandPoint extends Estimate {
  readonly x: number;
  /** Runs that have a value here: all, or else some have not begun yet or have ended. */
  readonly runs: number;
}

export const GRID = 100;
/** Resamples of a point of a curve: the band is drawn, not quoted. */
const CURVE_RESAMPLES = 200;

/**
 * The interquartile mean of several curves and its band, at the points of a grid from 0 to `end` where at least half of
 * them have a value.
 */
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

/** The greatest x of all curves; 1 where there is none. */
export const endOf = (curves: readonly (readonly CurvePoint[])[], axis: StudyAxis): number =>
  Math.max(0, ...curves.map((curve) => curve.at(-1)?.[axis] ?? 0)) || 1;

/** A curve that belongs to one of the compared configurations. */
export interface Grouped {
  readonly group: number;
  readonly curve: readonly CurvePoint[];
}

/** Mean and band of every configuration. */
export const bandsOf = (outcomes: readonly Grouped[], groups: number, axis: StudyAxis, end: number): BandPoint[][] =>
  Array.from({ length: groups }, (_, group) =>
    band(
      outcomes.filter((o) => o.group === group).map(({ curve }) => curve),
      axis,
      end,
    ),
  );

/**
 * A row of the chart, at one x. Of configuration g: `iqm<g>` and `band<g>` where all of its runs have a value, `part<g>`
 * where some do (and at the point that joins the two), `runs<g>` how many; of the i-th single curve `run<i>`; of the
 * i-th run under way `live<i>`.
 */
export type StudyRow = { x: number } & Record<string, number | [number, number] | undefined>;

export function studyRows(
  outcomes: readonly Grouped[],
  bands: readonly (readonly BandPoint[])[],
  live: readonly Grouped[],
  axis: StudyAxis,
  end: number,
  single: boolean,
): StudyRow[] {
  const rows: StudyRow[] = Array.from({ length: GRID }, (_, k) => ({ x: ((k + 1) / GRID) * end }));
  bands.forEach((points, group) => {
    const all = outcomes.filter((o) => o.group === group).length;
    const isWhole = (i: number) => points[i]?.runs === all;
    points.forEach(({ x, runs, iqm, low, high }, i) => {
      const row = rows[Math.round((x / end) * GRID) - 1];
      row[`runs${group}`] = runs;
      if (isWhole(i)) {
        row[`iqm${group}`] = iqm;
        row[`band${group}`] = [low, high];
      }
      const joins = (i > 0 && !isWhole(i - 1)) || (i < points.length - 1 && !isWhole(i + 1));
      if (!isWhole(i) || joins) row[`part${group}`] = iqm;
    });
  });
  const put = (name: string, curves: readonly Grouped[]) =>
    curves.forEach(({ curve }, i) => {
      for (const row of rows) {
        const y = valueAt(curve, axis, row.x);
        if (!Number.isNaN(y)) row[`${name}${i}`] = y;
      }
    });
  if (single) put("run", outcomes);
  put("live", live);
  return rows;
}
