/**
 * When a run ends by itself. The page writes the conditions into shared memory, at the beginning and whenever a person
 * changes them; the learner reads them between two updates. They decide how long a run is and no bit of what it learns.
 */

import { f64, i32, layout, type Views } from "../../core/layout.ts";
import type { StopCondition, Until } from "../../core/params.ts";

const kinds = ["solved", "steps", "updates", "seconds"] as const satisfies readonly StopCondition["when"][];

/** Writer of all: the page. */
export const stopsLayout = layout({
  /** Odd while the conditions are being written. */
  revision: i32(1),
  /** In their order: 1 + index into `kinds`, or 0 where there is none, and the count. */
  conditions: f64(kinds.length, 2),
});

type StopsViews = Views<typeof stopsLayout>;

/** On the page's thread only. */
export function writeStops({ revision, conditions }: StopsViews, until: Until): void {
  Atomics.add(revision, 0, 1);
  conditions.fill(0);
  until.forEach((condition, i) => {
    conditions[2 * i] = 1 + kinds.indexOf(condition.when);
    conditions[2 * i + 1] = condition.when === "solved" ? 0 : condition.count;
  });
  Atomics.add(revision, 0, 1);
}

/** The first stop condition that is met, in words, or null. */
export function conditionMet(
  until: Until,
  record: { envSteps: number; updates: number; solved: object | null },
  seconds: number,
): string | null {
  for (const condition of until) {
    const { when } = condition;
    if (when === "solved") {
      if (record.solved) return "solved";
    } else {
      const reached = when === "steps" ? record.envSteps : when === "updates" ? record.updates : seconds;
      if (reached >= condition.count) return `${condition.count} ${when === "steps" ? "env-steps" : when}`;
    }
  }
  return null;
}

/** The conditions in effect, as the learner's thread sees them. */
export class Stops {
  private until: Until = [];
  private seen = -1;

  constructor(private readonly views: StopsViews) {}

  /** Call between two updates. */
  met(record: Parameters<typeof conditionMet>[1], seconds: number): string | null {
    if (Atomics.load(this.views.revision, 0) !== this.seen) this.read();
    return conditionMet(this.until, record, seconds);
  }

  /** Conditions that are being written at this instant are read after the next update. */
  private read(): void {
    const { revision, conditions } = this.views;
    const before = Atomics.load(revision, 0);
    const until = kinds.flatMap((_, i): StopCondition[] => {
      const when = kinds[conditions[2 * i] - 1];
      if (when === undefined) return [];
      return [when === "solved" ? { when } : { when, count: conditions[2 * i + 1] }];
    });
    if (before % 2 !== 0 || Atomics.load(revision, 0) !== before) return;
    this.until = until;
    this.seen = before;
  }
}
