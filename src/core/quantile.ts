/** Of numbers in any order, between neighbours in proportion; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted.length === 0 ? Number.NaN : sorted[below] + (at - below) * (sorted[Math.ceil(at)] - sorted[below]);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
