/**
 * A curve in bounded memory. Rows are added one by one and gathered into points of `stride` rows; when the points are
 * full, neighbours are joined in pairs and the stride doubles. What a joined point shows is declared for every column.
 */

/** last: of the joined rows. mean: weighted by row count or by the `weight` column. sum, min, max: as they say. */
export type Fold = "last" | "mean" | "sum" | "min" | "max";

export class Series {
  /** Finished points. */
  length = 0;
  /** Rows a point is made of. */
  stride = 1;
  private pendingRows = 0;
  private readonly columns: number;

  /**
   * @param folds one a column
   * @param rows [capacity + 1, columns], row-major; the caller owns it. The row after the last point is in the making.
   * @param weight the column that weighs means (its fold is "sum"), or −1: every row weighs the same
   */
  constructor(
    readonly folds: readonly Fold[],
    readonly rows: Float64Array,
    private readonly weight = -1,
  ) {
    this.columns = folds.length;
    if (this.capacity < 2 || this.capacity % 2 !== 0)
      throw new Error(`a series needs an even number of points ≥ 2, not ${this.capacity}`);
  }

  get capacity(): number {
    return Math.floor(this.rows.length / this.columns) - 1;
  }

  /** Points to draw: the finished ones, and the one in the making. */
  get visible(): number {
    return this.length + (this.pendingRows > 0 ? 1 : 0);
  }

  clear(): void {
    this.length = 0;
    this.stride = 1;
    this.pendingRows = 0;
  }

  /** Writes what `restore` needs beside the rows. progress: [3] */
  save(progress: Int32Array): void {
    progress[0] = this.length;
    progress[1] = this.stride;
    progress[2] = this.pendingRows;
  }

  /** Goes on from the rows and the progress of a series with the same columns and capacity. */
  restore(progress: Int32Array, rows: Float64Array): void {
    [this.length, this.stride, this.pendingRows] = progress;
    this.rows.set(rows);
  }

  /** Adds one row: [columns]. */
  add(row: ArrayLike<number>): void {
    const at = this.length * this.columns;
    if (this.pendingRows === 0) for (let c = 0; c < this.columns; c++) this.rows[at + c] = row[c];
    else this.fold(at, this.pendingRows, row, 0, 1);
    this.pendingRows++;
    if (this.pendingRows < this.stride) return;
    this.pendingRows = 0;
    this.length++;
    if (this.length === this.capacity) this.halve();
  }

  private halve(): void {
    const { rows, columns } = this;
    for (let i = 0; i < this.length; i += 2) {
      this.fold(i * columns, this.stride, rows, (i + 1) * columns, this.stride);
      rows.copyWithin((i / 2) * columns, i * columns, (i + 1) * columns);
    }
    this.length /= 2;
    this.stride *= 2;
  }

  /** Folds the point at `from` of `source`, made of nb rows, into the point at `into`, made of na rows. */
  private fold(into: number, na: number, source: ArrayLike<number>, from: number, nb: number): void {
    const { rows, weight } = this;
    const wa = weight < 0 ? na : rows[into + weight];
    const wb = weight < 0 ? nb : source[from + weight];
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
