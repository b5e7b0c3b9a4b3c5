/** The curves of several runs on one grid, so that they can be averaged. */
import type { ReturnPoint } from "../../runtime/seen/view.ts";
import { type Estimate, estimate } from "./statistics.ts";

export type CurvePoint = Pick<ReturnPoint, "envSteps" | "seconds" | "mean100" | "mean">;
export type StudyAxis = "envSteps" | "seconds";

/** The mean of the last 100 episodes where there are so many, else of those of the point. */
export const meanOf = (p: CurvePoint) => (Number.isNaN(p.mean100) ? p.mean : p.mean100);

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

/** A curve that belongs to one of the compared configurations. */
export interface Grouped {
  readonly group: number;
  readonly curve: readonly CurvePoint[];
}

/** A run that has ended, and where. */
export interface Ended extends Grouped, Readonly<Record<StudyAxis, number>> {}

/**
 * The value of a run that has ended: beyond its last point it holds what it had reached. Whoever left such runs out would
 * average the slow ones alone, and the curve would end at another value than the table. NaN before it begins.
 */
export function heldAt({ curve }: Grouped, axis: StudyAxis, x: number): number {
  const last = curve.at(-1);
  return last && last[axis] < x ? meanOf(last) : valueAt(curve, axis, x);
}

export interface BandPoint extends Estimate {
  readonly x: number;
  /** Runs that have a value here: all, or else some have not begun. */
  readonly runs: number;
  /** Those of them that had ended before the stretch of the grid that ends here, and hold their last value. */
  readonly held: number;
}

export const GRID = 100;
/** Resamples of a point of a curve: the band is drawn, not quoted. */
const CURVE_RESAMPLES = 200;

/**
 * The interquartile mean of several runs and its band, at the points of a grid from 0 to `end` where at least half of
 * them have begun.
 */
export function band(runs: readonly Ended[], axis: StudyAxis, end: number): BandPoint[] {
  const points: BandPoint[] = [];
  for (let k = 1; k <= GRID; k++) {
    const x = (k / GRID) * end;
    const before = ((k - 1) / GRID) * end;
    const values = runs.map((run) => heldAt(run, axis, x)).filter((y) => !Number.isNaN(y));
    const held = runs.filter((run) => run.curve.length > 0 && run[axis] <= before).length;
    if (values.length * 2 >= runs.length && values.length > 0)
      points.push({ x, runs: values.length, held, ...estimate(values, CURVE_RESAMPLES) });
  }
  return points;
}

/** Where the longest run has ended or has got to; 1 where there is none. */
export const endOf = (outcomes: readonly Ended[], live: readonly Grouped[], axis: StudyAxis): number =>
  Math.max(0, ...outcomes.map((o) => o[axis]), ...live.map(({ curve }) => curve.at(-1)?.[axis] ?? 0)) || 1;

/** Mean and band of every configuration. */
export const bandsOf = (outcomes: readonly Ended[], groups: number, axis: StudyAxis, end: number): BandPoint[][] =>
  Array.from({ length: groups }, (_, group) =>
    band(
      outcomes.filter((o) => o.group === group),
      axis,
      end,
    ),
  );

/**
 * A row of the chart, at one x. Of configuration g: `iqm<g>` where all of its runs are under way, `part<g>` where some have
 * not begun or have ended (and at the point that joins the two), `band<g>` where all have begun and are enough for one,
 * `runs<g>` how many have begun and `held<g>` how many of them have ended; of the i-th single curve `run<i>`, as far as it
 * went; of the i-th run under way `live<i>`.
 */
export type StudyRow = { x: number } & Record<string, number | readonly [number, number] | undefined>;

export function studyRows(
  outcomes: readonly Ended[],
  bands: readonly (readonly BandPoint[])[],
  live: readonly Grouped[],
  axis: StudyAxis,
  end: number,
  single: boolean,
): StudyRow[] {
  const rows: StudyRow[] = Array.from({ length: GRID }, (_, k) => ({ x: ((k + 1) / GRID) * end }));
  bands.forEach((points, group) => {
    const all = outcomes.filter((o) => o.group === group).length;
    const isWhole = (i: number) => points[i]?.runs === all && points[i].held === 0;
    points.forEach(({ x, runs, held, iqm, interval }, i) => {
      const row = rows[Math.round((x / end) * GRID) - 1];
      row[`runs${group}`] = runs;
      row[`held${group}`] = held;
      if (isWhole(i)) row[`iqm${group}`] = iqm;
      if (runs === all && interval) row[`band${group}`] = interval;
      const joins = (i > 0 && !isWhole(i - 1)) || (i < points.length - 1 && !isWhole(i + 1));
      if (!isWhole(i) || joins) row[`part${group}`] = iqm;
    });
  });
  const put = <C extends Grouped>(name: string, curves: readonly C[], at: (of: C, x: number) => number) =>
    curves.forEach((of, i) => {
      for (const row of rows) {
        const y = at(of, row.x);
        if (!Number.isNaN(y)) row[`${name}${i}`] = y;
      }
    });
  if (single) put("run", outcomes, (of, x) => (x > of[axis] ? Number.NaN : heldAt(of, axis, x)));
  put("live", live, ({ curve }, x) => valueAt(curve, axis, x));
  return rows;
}
