/** A kept run in the numbers that the page shows of one under way. */
import type { Snapshot } from "../../runtime/seen/view.ts";
import type { Recording } from "./recording.ts";

export type Numbers = Pick<
  Snapshot,
  | "phase"
  | "seconds"
  | "envSteps"
  | "updates"
  | "episodes"
  | "stepsPerSecond"
  | "updatesPerSecond"
  | "meanReturn100"
  | "staleness"
>;

/** As the run stood last; nothing of it happens now. */
export function numbersOf(run: Recording): Numbers {
  const { seconds, envSteps, updates, episodes, updateSeries } = run;
  let [sum, max, before] = [0, 0, 0];
  for (const { updates: until, staleness, maxStaleness } of updateSeries) {
    sum += staleness * (until - before); // each point is a mean over its stretch
    max = Math.max(max, maxStaleness);
    before = until;
  }
  return {
    phase: "stopped",
    ...{ seconds, envSteps, updates, episodes },
    stepsPerSecond: 0,
    updatesPerSecond: 0,
    meanReturn100: run.mean100,
    staleness: { mean: before > 0 ? sum / before : 0, max },
  };
}
