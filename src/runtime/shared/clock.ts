/**
 * Time that training takes. Where a machine sleeps, its steady clock may run on, and nobody has trained meanwhile. One
 * long update looks the same to the learner's thread alone, so another thread keeps a vigil: the evaluator, which sleeps
 * for a moment at a time and never works for long without a look at the clock. Between two of its looks no more than
 * AWAKE counts: if it did not come to look for longer, nobody's thread ran. A learner at work, a busy machine or a hidden
 * tab, whose page gets no timers, do not keep it from looking.
 */
import { i32, layout, type Views } from "../../core/layout.ts";
import { epochNow } from "./lane.ts";

/** Milliseconds between two looks that are surely time in which threads ran. */
export const AWAKE = 2000;
/** Milliseconds between two looks of a vigil with nothing else to do. */
export const LOOK = 250;

export const vigilLayout = layout({
  /** The last look, milliseconds since the epoch modulo 2³²; 0 before the first. Writer of both: the evaluator. */
  at: i32(1),
  /** Milliseconds that the machine has slept. */
  slept: i32(1),
});
type VigilViews = Views<typeof vigilLayout>;

const since = (at: number, now: number): number => (Math.floor(now) - at) | 0;

/** The thread that keeps watch. */
export class Vigil {
  constructor(
    private readonly views: VigilViews,
    /** Milliseconds since the epoch. */
    private readonly clock: () => number = epochNow,
  ) {}

  readonly look = (): void => {
    const { at, slept } = this.views;
    const now = this.clock();
    const before = Atomics.load(at, 0);
    // Sleep is counted before the look is: whoever reads in between has less time, and never more.
    if (before !== 0 && since(before, now) > AWAKE) Atomics.add(slept, 0, since(before, now) - AWAKE);
    Atomics.store(at, 0, Math.floor(now) | 0 || 1);
  };
}

/** Milliseconds, of which those that the machine slept do not count. Without a vigil all do. */
export class AwakeClock {
  private last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly views: VigilViews,
    private readonly clock: () => number = epochNow,
  ) {}

  readonly now = (): number => {
    const { at, slept } = this.views;
    const now = this.clock();
    const before = Atomics.load(at, 0);
    const unwatched = before === 0 ? 0 : Math.max(0, since(before, now) - AWAKE);
    this.last = Math.max(this.last, now - unwatched - Atomics.load(slept, 0));
    return this.last;
  };
}

/** Running time: stands still while paused. */
export class StopWatch {
  private since: number | null = null;

  /**
   * @param before milliseconds that have run already
   * @param clock milliseconds
   */
  constructor(
    private before = 0,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  readonly seconds = (): number => (this.before + (this.since === null ? 0 : this.clock() - this.since)) / 1000;

  go(): void {
    this.since ??= this.clock();
  }

  halt(): void {
    if (this.since === null) return;
    this.before += this.clock() - this.since;
    this.since = null;
  }
}
