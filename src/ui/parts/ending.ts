/** How a run ended, in words. */
import type { Snapshot } from "../../runtime/seen/view.ts";
import { compact, elapsed } from "./format.ts";

/** @param reason the stop condition that was met: "solved", or a count with its unit, "120000 env-steps" */
export function endingText(reason: string, solvedAt: Snapshot["solvedAt"]): { head: string; rest: string } {
  const solved = solvedAt && `after ${compact(solvedAt.envSteps)} env-steps, in ${elapsed(solvedAt.seconds)}.`;
  if (solved && reason === "solved") return { head: "Solved", rest: solved };
  const count = reason.replace(/^\d+/, (digits) => Number(digits).toLocaleString("en"));
  return { head: "The run has ended:", rest: `${count}.${solved ? ` Solved ${solved}` : ""}` };
}
