/**
 * Measurements in bounded memory, each as it was made: where there is no room for another, what stays of every bucket of x
 * is its least and its greatest one, so that neither a lapse nor a best is ever lost. Of equal ones the first.
 */
import { bucketOf } from "./series.ts";

export class Extremes {
  /** Rows kept. The last one is always the latest. */
  length = 0;
  /** Of a bucket, in units of x: a power of two. */
  width = 1;

  /**
   * @param columns of a row; the first is x, which never falls
   * @param rows [capacity, columns], row-major; the caller owns it
   * @param value the column that says which row is the least and which the greatest
   */
  constructor(
    readonly columns: number,
    readonly rows: Float64Array,
    private readonly value: number,
  ) {
    if (this.capacity < 4) throw new Error(`extremes need room for 4 rows, not ${this.capacity}`);
  }

  get capacity(): number {
    return Math.floor(this.rows.length / this.columns);
  }

  /** Goes on from what extremes with the same columns and capacity held. */
  restore(length: number, width: number, rows: Float64Array): void {
    this.length = length;
    this.width = width;
    this.rows.set(rows);
  }

  /** Adds one row: [columns]. */
  add(row: ArrayLike<number>): void {
    if (this.length === this.capacity) {
      this.thin();
      while (this.length > this.capacity / 2) {
        this.width *= 2;
        this.thin();
      }
    }
    this.rows.set(row, this.length++ * this.columns);
  }

  private thin(): void {
    const { rows, columns, value, width } = this;
    const all = this.length;
    this.length = 0;
    for (let i = 0; i < all; ) {
      const bucket = bucketOf(rows[i * columns], width);
      let least = i;
      let greatest = i;
      for (i++; i < all && bucketOf(rows[i * columns], width) === bucket; i++) {
        if (rows[i * columns + value] < rows[least * columns + value]) least = i;
        if (rows[i * columns + value] > rows[greatest * columns + value]) greatest = i;
      }
      this.keep(Math.min(least, greatest));
      if (least !== greatest) this.keep(Math.max(least, greatest));
    }
  }

  private keep(i: number): void {
    const { rows, columns } = this;
    rows.copyWithin(this.length++ * columns, i * columns, (i + 1) * columns);
  }
}
