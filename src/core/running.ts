/**
 * Mean and variance of numbers that come in parts, in float64: every part's own are merged into those of all before.
 * Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115. Of `width` quantities side by side, as count | means | M₂, where M₂ is the
 * sum of squared distances from the mean. Sums of squares would lose all digits of numbers far from zero.
 */

/** Numbers that hold the sums of so many quantities. */
export const sumsLength = (width: number): number => 1 + 2 * width;

/** The sums of one part, in two passes. x: [rows, width]; sums: written from `at` on */
export function sumsOf(
  x: Float32Array | Float64Array,
  rows: number,
  width: number,
  sums: Float64Array,
  at: number,
): void {
  sums.fill(0, at, at + sumsLength(width));
  if (rows === 0) return;
  sums[at] = rows;
  const mean = at + 1;
  const m2 = mean + width;
  for (let r = 0; r < rows; r++) for (let j = 0; j < width; j++) sums[mean + j] += x[r * width + j];
  for (let j = 0; j < width; j++) sums[mean + j] /= rows;
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < width; j++) {
      const apart = x[r * width + j] - sums[mean + j];
      sums[m2 + j] += apart * apart;
    }
}

/** Merges a part into `into`; one without numbers changes nothing. Both begin at `at`. */
export function mergeSums(into: Float64Array, part: Float64Array, width: number, at: number): void {
  const before = into[at];
  const added = part[at];
  if (added === 0) return;
  const count = before + added;
  into[at] = count;
  const mean = at + 1;
  const m2 = mean + width;
  for (let j = 0; j < width; j++) {
    const apart = part[mean + j] - into[mean + j];
    into[mean + j] += (apart * added) / count;
    into[m2 + j] += part[m2 + j] + (apart * apart * before * added) / count;
  }
}
