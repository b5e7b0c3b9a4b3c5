/** Two builds against each other: what pairs of measurements, taken one right after the other, say about their ratio. */

export interface Interval {
  readonly median: number;
  /** The true median lies between them with a probability of 95 % or more. */
  readonly low: number;
  readonly high: number;
}

/** Fewer have no such interval. */
export const LEAST_PAIRS = 6;

/** A build that takes this many times as long is slower; less is what the machine's noise may hide. */
export const TOLERATED = 1.02;

/**
 * The k-th least and the k-th greatest of n values miss the true median when fewer than k of them fall on one side of it,
 * and each falls there with probability ½, whatever the distribution. Returns the greatest k for which that is unlikely.
 */
export function rankOf(n: number): number {
  let exactly = 0.5 ** n; // P(k of n)
  let fewer = 0; // P(fewer than k of n)
  for (let k = 0; k <= n; k++) {
    if (fewer + exactly > 0.025) return k;
    fewer += exactly;
    exactly *= (n - k) / (k + 1);
  }
  return n;
}

export function medianInterval(values: readonly number[]): Interval {
  const n = values.length;
  if (n < LEAST_PAIRS) throw new Error(`an interval of 95 % needs ${LEAST_PAIRS} pairs or more, not ${n}`);
  if (!values.every(Number.isFinite)) throw new Error(`a ratio is no number: ${values.join(", ")}`);
  const sorted = values.toSorted((a, b) => a - b);
  const k = rankOf(n);
  return { median: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, low: sorted[k - 1], high: sorted[n - k] };
}

/** Units a second of the same work by both builds. */
export interface Pair {
  readonly old: number;
  readonly new: number;
}

/** Time that the new build takes, of the time that the old one takes. */
export const timeRatio = (pairs: readonly Pair[]): Interval => medianInterval(pairs.map((pair) => pair.old / pair.new));

export const isSlower = ({ low }: Interval): boolean => low > TOLERATED;
