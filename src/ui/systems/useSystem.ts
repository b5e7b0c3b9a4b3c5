/** The threads of the run, and how they spent the last stretch of the time that it ran. */
import { useEffect, useState } from "react";
import type { SystemView } from "../../runtime/seen/system.ts";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { epochNow } from "../../runtime/shared/lane.ts";
import { everyFrame } from "../state/frame.ts";
import { runner } from "../state/session.ts";
import { coveredSpan, spans } from "./lanes.ts";
import { nothingYet, ratesBetween, readTotals, type SystemRates, type SystemTotals } from "./rates.ts";

/** Milliseconds between two looks at the totals, and of the stretch that rates are of. */
const LOOK_MS = 500;
const STRETCH_MS = 1500;

export interface Seen {
  readonly system: SystemView;
  /** Null before the run has gone on for two looks. */
  readonly rates: SystemRates | null;
  /** The longest stretch of time that all lanes can show; ms. */
  readonly covered: number;
  /** Unrolls of each actor that wait for the learner. */
  readonly queued: readonly number[];
}

/** When the last of all spans began. */
export const lastMoment = (system: SystemView): number => Math.max(...system.lanes.map(({ since }) => since));

/** Rates of one run, look by look. Pauses and single steps leave them as they were. */
class Watch {
  private history: SystemTotals[] = [];
  private rates: SystemRates | null = null;
  covered: number = spans[spans.length - 1];

  constructor(readonly system: SystemView) {}

  look({ phase, updates, dropped, seconds }: Snapshot): SystemRates | null {
    const now = epochNow();
    const { system } = this;
    this.covered = coveredSpan(system.lanes, phase === "running" ? now : lastMoment(system), this.covered);
    if (phase === "running") {
      this.history.push(readTotals(system, updates, dropped, now));
      while (this.history.length > 2 && now - this.history[1].at > STRETCH_MS) this.history.shift();
      if (this.history.length > 1) this.rates = this.between(this.history[0], this.history[this.history.length - 1]);
      return this.rates;
    }
    this.history = []; // what comes after a pause begins afresh
    const hasEnded = phase === "stopped" || phase === "failed";
    // A run that was over before it had been looked at twice: all of it.
    if (hasEnded && !this.rates && seconds > 0) {
      const all = readTotals(system, updates, dropped, now);
      this.rates = this.between(nothingYet(now - 1000 * seconds), all);
    }
    return this.rates;
  }

  private between(before: SystemTotals, after: SystemTotals): SystemRates {
    const { active, plan } = this.system;
    return ratesBetween(before, after, { active, stepsPerUnroll: plan.T * plan.B });
  }
}

/** The run at work and its rates; null when there is none. */
export function useSystem(): Seen | null {
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    let watch: Watch | null = null;
    return everyFrame((snapshot: Snapshot) => {
      const { system } = runner();
      if (!system) watch = null;
      else if (watch?.system !== system) watch = new Watch(system);
      const rates = watch?.look(snapshot) ?? null;
      const queued = system ? snapshot.actors.map(({ index }) => system.queued(index)) : [];
      setSeen((before) => {
        if (!system) return null;
        const { covered } = watch as Watch;
        const same =
          before?.system === system &&
          before.rates === rates &&
          before.covered === covered &&
          before.queued.join() === queued.join();
        return same ? before : { system, rates, covered, queued };
      });
    }, LOOK_MS);
  }, []);
  return seen;
}
