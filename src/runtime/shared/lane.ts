/**
 * A swim lane: what one thread does, and since when. The thread closes a span whenever it begins something else; the
 * page draws the latest spans and divides the totals. Times are milliseconds since the epoch, one clock for all threads.
 */
import { f64, i32, layout, type Views } from "../../core/layout.ts";
import { Log, logLayout } from "./ring.ts";

/** delay: a straggler's, on purpose. pace: held back so that an eye can follow. */
export const activities = [
  "starting",
  "act",
  "differentiate",
  "apply",
  "publish",
  "evaluate",
  "wait",
  "delay",
  "pace",
  "stopped",
] as const;
export type Activity = (typeof activities)[number];
export const Activity = Object.fromEntries(activities.map((name, i) => [name, i])) as Readonly<
  Record<Activity, number>
>;

/** Columns of a span. */
export const spanColumns = ["activity", "from", "to"] as const;
const SPANS = 1024;

export const laneLayout = () =>
  layout({
    /** What the thread does now. Writer of all: the thread. */
    current: i32(1),
    since: f64(1),
    /** Milliseconds spent so far on every activity, the running span apart. */
    spent: f64(activities.length),
    spans: logLayout(SPANS, spanColumns.length),
  });

export type LaneViews = Views<ReturnType<typeof laneLayout>>;

const { timeOrigin } = performance;
/** Milliseconds since the epoch, on the same steady clock in every thread. */
export const epochNow = (): number => timeOrigin + performance.now();

export class Lane {
  private readonly log: Log;
  private readonly row = new Float64Array(spanColumns.length);

  constructor(private readonly views: LaneViews) {
    this.log = new Log(views.spans, spanColumns.length);
    if (views.since[0] === 0) views.since[0] = epochNow();
  }

  get current(): number {
    return this.views.current[0];
  }

  /** Begins an activity, unless the thread is at it already. Returns the milliseconds of the span that ended. */
  enter(activity: number): number {
    const { views, row } = this;
    const before = views.current[0];
    if (before === activity) return 0;
    const now = epochNow();
    const lasted = now - views.since[0];
    row[0] = before;
    row[1] = views.since[0];
    row[2] = now;
    this.log.add(row);
    views.spent[before] += lasted;
    views.since[0] = now;
    Atomics.store(views.current, 0, activity);
    return lasted;
  }
}
