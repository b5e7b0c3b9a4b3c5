/** The bars of a histogram of staleness: few gradients far behind must be seen beside many that are fresh. Pure. */

export interface Bar {
  /** Versions behind: "3", or "64+" for all beyond. */
  readonly label: string;
  readonly count: number;
  /** Share of the height, logarithmic: 0 for none, and a tenth of the greatest count is one decade lower. */
  readonly height: number;
}

const FEWEST_BARS = 8;

/** How high a count is beside the greatest. One gradient is half a decade high, so that it is seen. */
export const heightOf = (count: number, most: number): number =>
  count === 0 ? 0 : (Math.log10(count) + 0.5) / (Math.log10(Math.max(1, most)) + 0.5);

/** counts: gradients by how many versions they were behind; the last entry counts all beyond */
export function barsOf(counts: readonly number[]): readonly Bar[] {
  const shown = counts.slice(0, Math.max(FEWEST_BARS, counts.findLastIndex((n) => n > 0) + 1));
  const most = Math.max(...shown);
  return shown.map((count, i) => ({
    label: i === counts.length - 1 ? `${i}+` : String(i),
    count,
    height: heightOf(count, most),
  }));
}

/** Powers of ten up to the greatest count, thinned to a few. */
export function decades(most: number): readonly number[] {
  const last = Math.floor(Math.log10(Math.max(1, most)));
  const every = Math.ceil((last + 1) / 4);
  return Array.from({ length: last + 1 }, (_, k) => k).filter((k) => k % every === 0).map((k) => 10 ** k); // biome-ignore format: one line
}
