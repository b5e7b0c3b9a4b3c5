/** From the runner's series to the rows of a chart. All functions are pure. */
import { bucketOf } from "../../core/series.ts";
import type { EvaluationPoint, ReturnPoint, UpdatePoint } from "../../runtime/view.ts";
import type { LineStyle } from "../palette.ts";
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

/** At most n points, neighbours joined: the mean weighted by episodes, the extremes kept. */
export function thinReturns(points: readonly ReturnPoint[], n: number): ReturnPoint[] {
  return chunks(points, n, (group) => {
    const last = group[group.length - 1];
    const episodes = group.reduce((sum, p) => sum + p.episodes, 0);
    return {
      ...last,
      episodes,
      mean: group.reduce((sum, p) => sum + p.mean * p.episodes, 0) / Math.max(1, episodes),
      min: Math.min(...group.map((p) => p.min)),
      max: Math.max(...group.map((p) => p.max)),
    };
  });
}

/**
 * Points of the updates that keep the look of each of these curves, peaks among them (lttb.ts): for every curve its own
 * share of the n, all at their true values.
 */
export function thinUpdates(
  points: readonly UpdatePoint[],
  n: number,
  keys: readonly (keyof UpdatePoint)[],
): UpdatePoint[] {
  if (points.length <= n) return [...points];
  const share = Math.floor(n / keys.length);
  const taken = new Set(
    keys.flatMap((key) =>
      lttb(
        points,
        share,
        (p) => p.updates,
        (p) => p[key],
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

function chunks<T>(points: readonly T[], n: number, join: (group: readonly T[]) => T): T[] {
  if (points.length <= n) return [...points];
  const size = Math.ceil(points.length / n);
  const joined: T[] = [];
  for (let i = 0; i < points.length; i += size) joined.push(join(points.slice(i, i + size)));
  return joined;
}

/**
 * Exponential moving average whose memory is a share of the visible width, so that it looks the same however the
 * series was thinned:  m ← m + w (y − m), w = 1 − exp(−Δx / τ), without the bias of its start.
 * share: τ as a part of the width; 0 leaves the values as they are.
 * width: of the visible axis in the units of x; without one, the series fills it
 */
export function smooth(x: readonly number[], y: readonly number[], share: number, width?: number): number[] {
  const span = x.length > 1 ? x[x.length - 1] - x[0] : 0;
  const tau = share * (width ?? span);
  if (tau <= 0) return [...y];
  let sum = 0;
  let weight = 0;
  return y.map((value, i) => {
    const dx = i > 0 ? Math.max(0, x[i] - x[i - 1]) : span / y.length;
    const keep = Math.exp(-dx / tau);
    const fresh = Math.max(1 - keep, 1e-9);
    sum = keep * sum + fresh * value;
    weight = keep * weight + fresh;
    return sum / weight;
  });
}

/** The rows of the reward curve: training points and evaluations, in the order of x. At most 200 + 64 of them. */
export function returnRows(
  returns: readonly ReturnPoint[],
  evaluations: readonly EvaluationPoint[],
  axis: Axis,
  smoothing: number,
  width?: number,
): ReturnRow[] {
  const points = thinReturns(returns, 200);
  const x = points.map((p) => p[axis]);
  const bold = smooth(
    x,
    points.map((p) => p.mean),
    smoothing,
    width,
  );
  const training: ReturnRow[] = points.map((p, i) => ({
    x: x[i],
    episodes: p.episodes,
    raw: p.mean,
    range: [p.min, p.max],
    smooth: bold[i],
  }));
  const greedy = thinEvaluations(
    evaluations,
    bucketWidth(lastX("envSteps", returns, evaluations), EVALUATION_BUCKETS),
  ).map((p): ReturnRow => ({ x: p[axis], evaluation: p.mean, spread: p.std }));
  return [...training, ...greedy].sort((a, b) => a.x - b.x);
}

/** Another run's curve, drawn behind the live one. */
export interface Overlay {
  readonly id: string;
  /** What sets it apart, e.g. "shared run" or "A3C · α 0.001". */
  readonly label: string;
  readonly style: LineStyle;
  readonly points: readonly Pick<ReturnPoint, "envSteps" | "updates" | "seconds" | "mean">[];
}

/** The key of an overlay's value in a row. */
export const overlayKey = (index: number): `overlay${number}` => `overlay${index}`;
export type OverlaidRow = ReturnRow & Partial<Record<`overlay${number}`, number>>;

/**
 * The rows with every overlay's value at each of them, smoothed as the live curve is, between its points by a straight line;
 * rows of its own where it has points.
 */
export function overlaid(
  rows: ReturnRow[],
  overlays: readonly Overlay[],
  axis: Axis,
  smoothing = 0,
  width?: number,
): OverlaidRow[] {
  if (overlays.length === 0) return rows as OverlaidRow[];
  const own = overlays.flatMap(({ points }) => points.map((p): ReturnRow => ({ x: p[axis] })));
  const all = [...rows, ...own].map((row): OverlaidRow => ({ ...row }) as OverlaidRow).sort((a, b) => a.x - b.x);
  overlays.forEach(({ points }, index) => {
    const y = smooth(
      points.map((p) => p[axis]),
      points.map((p) => p.mean),
      smoothing,
      width,
    );
    let next = 0;
    for (const row of all) {
      while (next < points.length && points[next][axis] < row.x) next++;
      if (next === points.length) break;
      const to = points[next];
      if (next === 0 && to[axis] > row.x) continue;
      const before = Math.max(0, next - 1);
      const from = points[before];
      const share = to[axis] > from[axis] ? (row.x - from[axis]) / (to[axis] - from[axis]) : 1;
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
