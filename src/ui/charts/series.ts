/** From the runner's series to the rows of a chart. All functions are pure. */
import { bucketOf } from "../../core/series.ts";
import type { EvaluationPoint, ReturnPoint, UpdatePoint } from "../../runtime/seen/view.ts";
import type { LineStyle } from "../parts/palette.ts";
import { lttb } from "./lttb.ts";

export const axes = ["envSteps", "updates", "seconds"] as const;
export type Axis = (typeof axes)[number];

interface Placed {
  readonly envSteps: number;
  readonly updates: number;
  readonly seconds: number;
}

export interface ReturnRow {
  x: number;
  episodes?: number;
  raw?: number;
  range?: [number, number];
  smooth?: number;
  evaluation?: number;
  spread?: number;
}

/** What every curve of returns has, a kept run's and a shared one's too. */
export type CurvePoint = Pick<ReturnPoint, "envSteps" | "updates" | "seconds" | "episodes" | "mean">;

/** How far a chart reaches: along env-steps, and along the axis that it shows. */
export interface Span {
  readonly envSteps: number;
  readonly x: number;
}

/** One point a bucket of env-steps: the mean weighted by episodes, the extremes (where there are any) kept. */
export function thinReturns<P extends CurvePoint & Partial<Pick<ReturnPoint, "min" | "max">>>(
  points: readonly P[],
  width: number,
): P[] {
  return buckets(points, width).map((group) => {
    const last = group[group.length - 1];
    if (group.length === 1) return last;
    const episodes = group.reduce((sum, p) => sum + p.episodes, 0);
    return {
      ...last,
      episodes,
      mean: group.reduce((sum, p) => sum + p.mean * p.episodes, 0) / Math.max(1, episodes),
      ...(last.min !== undefined && { min: Math.min(...group.map((p) => p.min ?? Number.POSITIVE_INFINITY)) }),
      ...(last.max !== undefined && { max: Math.max(...group.map((p) => p.max ?? Number.NEGATIVE_INFINITY)) }),
    };
  });
}

/** At most so many buckets of a curve over the whole width of a chart, and at least half as many. */
export const CURVE_BUCKETS = 256;
/** At most so many buckets of a curve that is much shorter than the chart. */
const SHORT_CURVE_BUCKETS = 32;

/**
 * A curve as it is drawn, whoever's it is: the same returns are the same line, even while one of two runs is not yet as
 * far as the other, because both are joined in the same buckets and smoothed alike.
 */
function drawn<P extends CurvePoint>(points: readonly P[], axis: Axis, smoothing: number, span: Span) {
  const own = bucketWidth(lastX("envSteps", points), SHORT_CURVE_BUCKETS);
  const thin = thinReturns(points, Math.min(own, bucketWidth(span.envSteps, CURVE_BUCKETS)));
  const x = thin.map((p) => p[axis]);
  const mean = thin.map((p) => p.mean);
  return { thin, x, y: smooth(x, mean, smoothing, span.x) };
}

/** The last value of the smoothed curve; null before there is one. */
export const lastSmooth = (points: readonly CurvePoint[], axis: Axis, smoothing: number, span: Span): number | null =>
  drawn(points, axis, smoothing, span).y.at(-1) ?? null;

/**
 * Points of the updates that keep the look of each of these curves, peaks among them (lttb.ts): for every curve its own
 * share of the n, all at their true values.
 */
export function thinUpdates(points: readonly UpdatePoint[], n: number, keys: readonly string[]): UpdatePoint[] {
  if (points.length <= n) return [...points];
  const share = Math.floor(n / keys.length);
  const taken = new Set(
    keys.flatMap((key) =>
      lttb(
        points,
        share,
        (p) => p.updates,
        (p) => p[key] ?? Number.NaN,
      ),
    ),
  );
  return points.filter((p) => taken.has(p));
}

/** The least and the greatest evaluation of every bucket of env-steps; of equal ones the first, which stays. */
export function thinEvaluations(evaluations: readonly EvaluationPoint[], width: number): EvaluationPoint[] {
  return buckets(evaluations, width).flatMap((group) => {
    const least = group.reduce((a, b) => (b.mean < a.mean ? b : a));
    const greatest = group.reduce((a, b) => (b.mean > a.mean ? b : a));
    return group.filter((p) => p === least || p === greatest);
  });
}

/** At most so many buckets of the evaluations, and dots twice as many. */
const EVALUATION_BUCKETS = 32;

/** The width of a bucket of env-steps, of which at most n cover those up to `end`; see core/series.ts. */
export const bucketWidth = (end: number, n: number): number => 2 ** Math.max(0, Math.ceil(Math.log2((end + 1) / n)));

/** The points of each bucket of env-steps that has any. */
function buckets<P extends Placed>(points: readonly P[], width: number): P[][] {
  const groups: P[][] = [];
  for (const point of points) {
    const group = groups.at(-1);
    if (group && bucketOf(group[0].envSteps, width) === bucketOf(point.envSteps, width)) group.push(point);
    else groups.push([point]);
  }
  return groups;
}

/**
 * Exponential moving average whose memory is a share of the visible width, so that it looks the same however the
 * series was thinned:  m ← m + w (y − m), w = 1 − exp(−Δx / τ), without the bias of its start. What comes later changes
 * nothing before it.
 *
 * @param x ends of the stretches, the first of which begins at 0
 * @param share τ as a part of the width; 0 leaves the values as they are
 * @param width of the visible axis in the units of x
 */
export function smooth(x: readonly number[], y: readonly number[], share: number, width: number): number[] {
  const tau = share * width;
  if (tau <= 0) return [...y];
  let sum = 0;
  let weight = 0;
  return y.map((value, i) => {
    const dx = Math.max(0, x[i] - (i > 0 ? x[i - 1] : 0));
    const keep = Math.exp(-dx / tau);
    const fresh = Math.max(1 - keep, 1e-9);
    sum = keep * sum + fresh * value;
    weight = keep * weight + fresh;
    return sum / weight;
  });
}

/** The rows of the reward curve: training points and evaluations, in the order of x. At most 256 + 64 of them. */
export function returnRows(
  returns: readonly ReturnPoint[],
  evaluations: readonly EvaluationPoint[],
  axis: Axis,
  smoothing: number,
  span: Span,
): ReturnRow[] {
  const { thin, x, y } = drawn(returns, axis, smoothing, span);
  const training: ReturnRow[] = thin.map((p, i) => ({
    x: x[i],
    episodes: p.episodes,
    raw: p.mean,
    range: [p.min, p.max],
    smooth: y[i],
  }));
  const greedy = thinEvaluations(evaluations, bucketWidth(span.envSteps, EVALUATION_BUCKETS)).map(
    (p): ReturnRow => ({ x: p[axis], evaluation: p.mean, spread: p.std }),
  );
  return [...training, ...greedy].sort((a, b) => a.x - b.x);
}

/** Another run's curve, drawn behind the live one. */
export interface Overlay {
  readonly id: string;
  /** What sets it apart, e.g. "shared run" or "A3C · α 0.001". */
  readonly label: string;
  readonly style: LineStyle;
  readonly points: readonly CurvePoint[];
}

/** The key of an overlay's value in a row. */
export const overlayKey = (index: number): `overlay${number}` => `overlay${index}`;
export type OverlaidRow = ReturnRow & Partial<Record<`overlay${number}`, number>>;

/**
 * The rows with every overlay's value at each of them, drawn as the live curve is, between its points by a straight line;
 * rows of its own where it alone has points.
 */
export function overlaid(
  rows: ReturnRow[],
  overlays: readonly Overlay[],
  axis: Axis,
  smoothing: number,
  span: Span,
): OverlaidRow[] {
  if (overlays.length === 0) return rows as OverlaidRow[];
  const curves = overlays.map(({ points }) => drawn(points, axis, smoothing, span));
  const there = new Set(rows.map((row) => row.x));
  const own = [...new Set(curves.flatMap(({ x }) => x))].filter((x) => !there.has(x));
  const all = [...rows, ...own.map((x): ReturnRow => ({ x }))]
    .map((row): OverlaidRow => ({ ...row }))
    .sort((a, b) => a.x - b.x);
  curves.forEach(({ x, y }, index) => {
    let next = 0;
    for (const row of all) {
      while (next < x.length && x[next] < row.x) next++;
      if (next === x.length) break;
      if (next === 0 && x[0] > row.x) continue;
      const before = Math.max(0, next - 1);
      const share = x[next] > x[before] ? (row.x - x[before]) / (x[next] - x[before]) : 1;
      row[overlayKey(index)] = y[before] + share * (y[next] - y[before]);
    }
  });
  return all;
}

/** Multiples of 1, 2 or 5 × 10^k that cover [from, to], about n of them. */
export function niceTicks(from: number, to: number, n: number): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / n;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5, 10].find((m) => m * decade >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++)
    ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

/**
 * A range that holds the values, ends just outside round numbers (a line along the edge stays whole), and is not thrown
 * open by one outlier in a hundred.
 */
export function paddedDomain(values: readonly number[], include: readonly number[] = []): [number, number] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const cut = sorted.length >= 100 ? Math.floor(sorted.length * 0.01) : 0;
  const kept = sorted.length > 0 ? [sorted[cut], sorted[sorted.length - 1 - cut]] : [];
  const all = [...kept, ...include];
  let low = all.length > 0 ? Math.min(...all) : 0;
  let high = all.length > 0 ? Math.max(...all) : 1;
  if (low === high) {
    const room = Math.abs(low) || 1;
    if (low > 0) low -= room;
    else high += room;
  }
  const room = high - low;
  const ticks = niceTicks(low - room, high + room, 30);
  const floor = ticks.findLast((t) => t <= low) ?? low;
  const ceiling = ticks.find((t) => t >= high) ?? high;
  const rim = 0.03 * (ceiling - floor);
  return [floor - rim, ceiling + rim];
}

export const lastX = (axis: Axis, ...series: readonly (readonly Placed[])[]): number =>
  Math.max(0, ...series.map((points) => points.at(-1)?.[axis] ?? 0));

export const spanOf = (axis: Axis, ...series: readonly (readonly Placed[])[]): Span => ({
  envSteps: lastX("envSteps", ...series),
  x: lastX(axis, ...series),
});
