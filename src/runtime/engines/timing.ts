/** How long a piece of work takes that can be done on fewer rows, within a limit of time. */
import { median } from "../../core/quantile.ts";

/** Some work on so many rows. */
export type Work = (rows: number) => void | Promise<void>;

export interface Timed {
  readonly milliseconds: number;
  /** Extrapolated from fewer rows. */
  readonly isEstimate: boolean;
}

/** Milliseconds that several measurements share. */
export class Budget {
  /** @param clock milliseconds */
  constructor(
    public left: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Milliseconds that the work took; they are spent. */
  async time(work: () => void | Promise<void>): Promise<number> {
    const began = this.clock();
    const working = work();
    if (working) await working;
    const took = this.clock() - began;
    this.left -= took;
    return took;
  }
}

/** Rows that timing begins with where nothing is known yet: few enough for any network. */
export const FIRST_ROWS = 64;
/** How often work must fit what is left, before it is begun on so many rows. */
export const REPEATS = 3;
/** Milliseconds that a sample lasts at least, so that the clock's steps do not matter. */
const SAMPLE = 0.5;
/** Most repetitions in a sample, and most samples. */
const MOST = 100;

/**
 * Doubles the rows until all are done or more would not fit, then takes the median of as many samples as fit. What was
 * timed on fewer rows is extrapolated along a line through half of them and all of them.
 *
 * @param share milliseconds of the budget that may be spent
 * @param first rows to begin with
 */
export async function timeWork(
  work: Work,
  rows: number,
  budget: Budget,
  share = budget.left,
  first = FIRST_ROWS,
): Promise<Timed> {
  const others = Math.max(0, budget.left - share);
  const left = () => budget.left - others;
  const once = (size: number) => budget.time(() => work(size));
  let size = Math.min(first, rows);
  let half = { size: 0, samples: [0] }; // no rows, no time
  let took = await once(size);
  while (size < rows) {
    const next = Math.min(rows, 2 * size);
    if ((REPEATS * took * next) / size > left()) break;
    half = { size, samples: [took] };
    size = next;
    took = await once(size);
  }
  const repeats = took > 0 ? Math.min(MOST, Math.ceil(SAMPLE / took)) : MOST;
  const sample = async (of: number) => {
    const all = await budget.time(async () => {
      for (let i = 0; i < repeats; i++) {
        const working = work(of);
        if (working) await working;
      }
    });
    return all / repeats;
  };
  const samples = [took];
  for (let longest = took * repeats; left() > 2 * longest && samples.length < MOST; ) {
    samples.push(await sample(size));
    if (size < rows && half.size > 0) half.samples.push(await sample(half.size));
    longest = Math.max(longest, samples[samples.length - 1] * repeats);
  }
  const whole = median(samples);
  const slope = Math.max(0, whole - median(half.samples)) / (size - half.size);
  return { milliseconds: whole + slope * (rows - size), isEstimate: size < rows };
}
