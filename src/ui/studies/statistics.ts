/** Statistics of a handful of runs, as recommended for few seeds.   Agarwal et al. 2021, arXiv:2108.13264, §4 */
import { Rng } from "../../core/rng.ts";

/** The mean of the middle half: a quarter of the weight is cut off at each end, parts of a value where it must be. NaN of nothing. */
export function interquartileMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const [from, to] = [n / 4, (3 * n) / 4];
  let sum = 0;
  // value i covers the stretch [i, i + 1] of the n that there are
  for (let i = 0; i < n; i++) sum += sorted[i] * Math.max(0, Math.min(i + 1, to) - Math.max(i, from));
  return n === 0 ? Number.NaN : sum / (to - from);
}

export interface Estimate {
  readonly iqm: number;
  /** 95 % bootstrap interval. */
  readonly low: number;
  readonly high: number;
}

/** Resamples that an interval is read from. */
export const RESAMPLES = 2000;

/**
 * The interquartile mean with its 95 % percentile bootstrap interval over runs. The same runs give the same interval.
 *
 * @param values one a run
 */
export function estimate(values: readonly number[], resamples = RESAMPLES): Estimate {
  const iqm = interquartileMean(values);
  const n = values.length;
  if (n < 2) return { iqm, low: iqm, high: iqm };
  const rng = new Rng().seed(n);
  const means = Array.from({ length: resamples }, () =>
    interquartileMean(Array.from({ length: n }, () => values[Math.floor(rng.uniform() * n)])),
  ).sort((a, b) => a - b);
  const at = (q: number) => means[Math.min(resamples - 1, Math.floor(q * resamples))];
  return { iqm, low: Math.min(iqm, at(0.025)), high: Math.max(iqm, at(0.975)) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
