/** How fast a run goes, and how fast one went that is not under way. */
import type { Snapshot } from "../../runtime/seen/view.ts";

type Seen = Pick<Snapshot, "phase" | "seconds" | "envSteps" | "updates" | "stepsPerSecond" | "updatesPerSecond">;

/** Whether rates are those of the whole run: nothing happens now that could be measured. */
export const isWholeRun = ({ phase, seconds }: Seen): boolean => phase !== "running" && seconds > 0;

/** Over about the last second while it runs, over the whole run otherwise; per second. */
export const ratesOf = (s: Seen): { steps: number; updates: number } =>
  isWholeRun(s)
    ? { steps: s.envSteps / s.seconds, updates: s.updates / s.seconds }
    : { steps: s.stepsPerSecond, updates: s.updatesPerSecond };
