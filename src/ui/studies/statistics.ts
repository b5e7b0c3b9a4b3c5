/** Statistics of a handful of runs, as recommended for few seeds.   Agarwal et al. 2021, arXiv:2108.13264, §4 */
import { Rng } from "../../core/rng.ts";
import { oneDecimal } from "../parts/format.ts";

/**
 * The mean of the middle half of values that are sorted, the i-th of which counts counts[at + i] times, as many times in
 * all as there are values.
 */
function middleMean(sorted: readonly number[], counts: Uint8Array, at: number): number {
  const n = sorted.length;
  const [from, to] = [n / 4, (3 * n) / 4];
  let sum = 0;
  // a value covers the stretch [begun, begun + its count] of the n that there are
  for (let i = 0, begun = 0; i < n; i++) {
    const end = begun + counts[at + i];
    sum += sorted[i] * Math.max(0, Math.min(end, to) - Math.max(begun, from));
    begun = end;
  }
  return sum / (to - from);
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The mean of the middle half: a quarter of the weight is cut off at each end, parts of a value where it must be. NaN of nothing. */
export function interquartileMean(values: readonly number[]): number {
  const { length } = values;
  return length === 0 ? Number.NaN : middleMean(ascending(values), new Uint8Array(length).fill(1), 0);
}

export interface Estimate {
  readonly iqm: number;
  /** 95 % bootstrap interval, from low to high; null of too few runs. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** Runs that an interval takes: redrawing one or two says nothing of how others would have gone. */
export const FEWEST = 3;

/** Resamples that an interval is read from. */
export const RESAMPLES = 2000;

const drawn = new Map<string, Uint8Array>();

/** How often each of n values is drawn in every resample. The same for the same n. [resamples, n] */
function draws(n: number, resamples: number): Uint8Array {
  const key = `${n} ${resamples}`;
  let counts = drawn.get(key);
  if (counts) return counts;
  const rng = new Rng().seed(n);
  counts = new Uint8Array(resamples * n);
  for (let k = 0; k < resamples; k++) for (let i = 0; i < n; i++) counts[k * n + Math.floor(rng.uniform() * n)]++;
  drawn.set(key, counts);
  return counts;
}

/**
 * The interquartile mean with its 95 % percentile bootstrap interval over runs. The same runs give the same interval,
 * whatever their order.
 *
 * @param values one a run, at most 255
 */
export function estimate(values: readonly number[], resamples = RESAMPLES): Estimate {
  const iqm = interquartileMean(values);
  const n = values.length;
  if (n < FEWEST) return { iqm, interval: null };
  const sorted = ascending(values);
  const counts = draws(n, resamples);
  const means = Float64Array.from({ length: resamples }, (_, k) => middleMean(sorted, counts, k * n)).sort();
  const at = (q: number) => means[Math.min(resamples - 1, Math.floor(q * resamples))];
  return { iqm, interval: [Math.min(iqm, at(0.025)), Math.max(iqm, at(0.975))] };
}

/** "370.2 [58.5, 500.0]", the mean alone where there is no interval. */
export const inWords = ({ iqm, interval }: Estimate): string =>
  interval ? `${oneDecimal(iqm)} [${interval.map(oneDecimal).join(", ")}]` : oneDecimal(iqm);
