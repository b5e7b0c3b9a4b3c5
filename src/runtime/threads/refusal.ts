import type { RunPlan } from "../plan/plan.ts";
import type { StartOptions } from "../seen/view.ts";

/** Why a run does not go on from what it is given, as a sentence; null where it does, or begins anew. */
export async function refusalOf(plan: RunPlan, { resume }: StartOptions): Promise<string | null> {
  if (!resume) return null;
  const { checkpointFault } = await import("../memory/checkpointCheck.ts"); // loaded when a run is gone on with
  const fault = checkpointFault(plan, resume.checkpoint);
  return fault && `This run cannot be gone on with: ${fault}.`;
}
