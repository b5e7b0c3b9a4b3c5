/** What is printed and written of a run. */
import type { FinalEvaluation } from "../../runtime/acting/finalEvaluation.ts";
import type { Report } from "../../ui/state/report.ts";

const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** One line that says how far a run is. */
export function progressLine(report: Report): string {
  const parts = [
    `${report.seconds.toFixed(0).padStart(4)} s`,
    `${whole.format(report.envSteps)} steps`,
    `${compact.format(report.stepsPerSecond)} steps/s`,
    `${whole.format(report.updates)} updates`,
    `return ${report.meanReturn100 === null ? "–" : report.meanReturn100.toFixed(1)}`,
    `staleness ${report.staleness.mean.toFixed(2)}`,
  ];
  return parts.join("   ") + (report.status === "running" ? "" : `   ${report.status}`);
}

/** What --json writes. */
export function result(report: Report, problem: string | null, finalEvaluation: FinalEvaluation | null = null) {
  const { query, backend, solved, solvedAt, envSteps, updates, seconds, stepsPerSecond, meanReturn100 } = report;
  const { evaluation, evaluations, statistics, staleness, curve, parametersHash } = report;
  return {
    ...{ query, backend, solved, solvedAt, envSteps, updates, seconds, stepsPerSecond, meanReturn100, evaluation },
    ...(finalEvaluation && { finalEvaluation }),
    ...{ evaluations, statistics, staleness, curve, parametersHash },
    ...(problem && { problem }),
  };
}
export type Result = ReturnType<typeof result>;

/** How a run ended. */
export interface Ending {
  reached: boolean;
  problem: string | null;
}

/** The ending of a run, by a report of it; null while it goes on. */
export function endingOf({ status, problem, targetReached, stopReason }: Report): Ending | null {
  const refused = status === "idle" && problem !== null;
  if (status === "failed" || refused) return { reached: false, problem: problem ?? "the run failed" };
  if (status !== "stopped") return null;
  const reason = stopReason ? ` (${stopReason})` : "";
  return {
    reached: targetReached,
    problem: targetReached ? null : (problem ?? `stopped short of the target${reason}`),
  };
}

/** Says how one run ended. */
export function sayEnding({ problem }: Ending, report: Report | null): void {
  if (problem) console.error(problem);
  else console.log(`Target reached: ${report?.stopReason ?? "done"}`);
}
