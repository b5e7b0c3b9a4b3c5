/**
 * A notice board: one thread's running totals and curves, copied to shared memory for the page to read. Writer and
 * reader each try the lock and come back later when the other holds it, so that nobody waits for a drawing.
 */

import type { Extremes } from "../../core/extremes.ts";
import { f64, i32, layout, type Views } from "../../core/layout.ts";
import type { Series } from "../../core/series.ts";

export const seriesLayout = (points: number, columns: number) =>
  layout({
    /** Points, and the width of a bucket in env-steps. */
    length: i32(1),
    width: f64(1),
    rows: f64(points, columns),
  });

export type SeriesViews = Views<ReturnType<typeof seriesLayout>>;

export const boardHead = {
  /** 0 free, 1 held by the writer, 2 by the reader. */
  lock: i32(1),
  /** Publications so far. Writer: the owner of the board. */
  revision: i32(1),
};

interface Head {
  readonly lock: Int32Array;
  readonly revision: Int32Array;
}

function tryLock(head: Head, who: number): boolean {
  return Atomics.compareExchange(head.lock, 0, 0, who) === 0;
}

function unlock(head: Head): void {
  Atomics.store(head.lock, 0, 0);
  Atomics.notify(head.lock, 0);
}

/** Writes the board if nobody reads it at this instant; true when written. Owner only. */
export function tryPublish(head: Head, write: () => void): boolean {
  if (!tryLock(head, 1)) return false;
  write();
  Atomics.add(head.revision, 0, 1);
  unlock(head);
  return true;
}

/** Reads the board if nobody writes it at this instant; true when read. */
export function tryRead(head: Head, read: () => void): boolean {
  if (!tryLock(head, 2)) return false;
  read();
  unlock(head);
  return true;
}

/** Copies a series to the board; the board must be held. */
export function postSeries(series: Series | Extremes, views: SeriesViews): void {
  views.rows.set(series.rows.subarray(0, series.length * series.columns));
  views.length[0] = series.length;
  views.width[0] = series.width;
}

/** Goes on with a series that was posted; one without a point begins anew, for nobody has posted its width. */
export function resumeSeries(series: Series | Extremes, views: SeriesViews): void {
  if (views.length[0] > 0) series.restore(views.length[0], views.width[0], views.rows);
}
