/**
 * A curve in bounded memory. Rows are added one by one, their first column x never falls, and all rows of one bucket of x
 * are one point. When there is no room for another point, the buckets become twice as wide and their points are joined: the
 * resolution along x is even, however many rows came from each part of it. What a point shows is declared for every column.
 */

/** last: of the joined rows. mean: weighted by the `weight` column. sum, min, max: as they say. */
export type Fold = "last" | "mean" | "sum" | "min" | "max";

/**
 * The bucket that x ≥ 0 falls into. Widths are powers of two, so every bucket lies within one of twice the width: joined
 * at once or step by step, it is the same points.
 */
export const bucketOf = (x: number, width: number): number => Math.floor(x / width);

export class Series {
  /** Points. The last one is in the making. */
  length = 0;
  /** Of a bucket, in units of x: a power of two. */
  width = 1;
  readonly columns: number;

  /**
   * @param folds one a column, that of x first: "last"
   * @param rows [capacity, columns], row-major; the caller owns it
   * @param weight the column that weighs means (its fold is "sum"); −1 where there is no mean
   */
  constructor(
    readonly folds: readonly Fold[],
    readonly rows: Float64Array,
    private readonly weight = -1,
  ) {
    this.columns = folds.length;
    if (this.capacity < 2) throw new Error(`a series needs room for 2 points, not ${this.capacity}`);
    if (folds[0] !== "last") throw new Error(`the fold of x is "last", not "${folds[0]}"`);
    if (weight < 0 ? folds.includes("mean") : folds[weight] !== "sum")
      throw new Error(`means need the weight of a column that is a sum, not of column ${weight}`);
  }

  get capacity(): number {
    return Math.floor(this.rows.length / this.columns);
  }

  clear(): void {
    this.length = 0;
    this.width = 1;
  }

  /** Goes on from what a series with the same columns and capacity held. */
  restore(length: number, width: number, rows: Float64Array): void {
    this.length = length;
    this.width = width;
    this.rows.set(rows);
  }

  /** Adds one row: [columns]. */
  add(row: ArrayLike<number>): void {
    while (this.length === this.capacity && !this.continues(row[0])) this.widen();
    if (this.continues(row[0])) this.fold((this.length - 1) * this.columns, row, 0);
    else this.rows.set(row, this.length++ * this.columns);
  }

  /** Whether x falls into the bucket of the last point. */
  private continues(x: number): boolean {
    const { rows, columns, width, length } = this;
    return length > 0 && bucketOf(rows[(length - 1) * columns], width) === bucketOf(x, width);
  }

  private widen(): void {
    const { rows, columns } = this;
    this.width *= 2;
    const points = this.length;
    this.length = 1;
    for (let i = 1; i < points; i++) {
      const from = i * columns;
      if (this.continues(rows[from])) this.fold((this.length - 1) * columns, rows, from);
      else rows.copyWithin(this.length++ * columns, from, from + columns);
    }
  }

  /** Folds the point or row at `from` of `source` into the point at `into`. */
  private fold(into: number, source: ArrayLike<number>, from: number): void {
    const { rows, weight } = this;
    const wa = weight < 0 ? 0 : rows[into + weight];
    const wb = weight < 0 ? 0 : source[from + weight];
    for (let c = 0; c < this.columns; c++) {
      const a = rows[into + c];
      const b = source[from + c];
      const fold = this.folds[c];
      rows[into + c] =
        fold === "last"
          ? b
          : fold === "sum"
            ? a + b
            : fold === "min"
              ? Math.min(a, b)
              : fold === "max"
                ? Math.max(a, b)
                : (a * wa + b * wb) / (wa + wb);
    }
  }
}
