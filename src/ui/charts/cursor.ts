/** What stands at one x of the charts: the reading of every curve, and the x itself, which all charts share. */
import { create } from "zustand";

/**
 * A curve's height at x, between its points by a straight line as it is drawn; null before its first and after its last.
 * rows: in the order of x; those without a value are no points of it
 */
export function valueAt<R>(
  rows: readonly R[],
  x: number,
  xOf: (row: R) => number,
  yOf: (row: R) => number | undefined,
): number | null {
  let before: R | null = null;
  for (const row of rows) {
    const y = yOf(row);
    if (y === undefined || !Number.isFinite(y)) continue;
    if (xOf(row) === x) return y;
    if (xOf(row) > x) {
      if (before === null) return null;
      const from = yOf(before) as number;
      return from + ((x - xOf(before)) / (xOf(row) - xOf(before))) * (y - from);
    }
    before = row;
  }
  return null;
}

interface Cursor {
  /** On the axis of all charts; null: no chart is pointed at. */
  readonly x: number | null;
  /** The chart that is pointed at: it has a cursor of its own. */
  readonly chart: string;
}

export const useCursor = create<Cursor>()(() => ({ x: null, chart: "" }));

/** The x that a chart is pointed at, from now on; null: it is left. */
export function pointAt(chart: string, x: number | null): void {
  const now = useCursor.getState();
  if (x === null ? now.chart === chart && now.x !== null : now.x !== x || now.chart !== chart)
    useCursor.setState({ x, chart });
}
