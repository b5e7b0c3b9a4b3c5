/**
 * The moment of a checkpoint as data: counts, curves, parameters and their hashes, all as of the end of one update. What
 * is kept of a run is read here, so that no number stands beside weights of another moment.
 */
import { hash32, viewsOf } from "../../core/layout.ts";
import { checkpointData } from "../memory/checkpoint.ts";
import { checkpointRegion } from "../memory/memory.ts";
import { columnsOf, evaluationColumns, recordCounts, returnColumns, SOLVED_WINDOW } from "../plan/columns.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { Edit, EvaluationPoint, ReturnPoint, Snapshot, UpdatePoint } from "./view.ts";
import { hex, points } from "./watch.ts";

export interface Moment
  extends Pick<
    Snapshot,
    | "envSteps"
    | "updates"
    | "versions"
    | "seconds"
    | "episodes"
    | "meanReturn100"
    | "solvedAt"
    | "parametersHash"
    | "returnsHash"
    | "returns"
    | "updateSeries"
    | "evaluations"
  > {
  readonly parameters: Float32Array;
}

const viewsIn = (plan: RunPlan, whole: Uint8Array) =>
  viewsOf(checkpointRegion(plan).layout, checkpointData(whole).slice().buffer);

type Counts = { readonly [K in (typeof recordCounts)[number]]: number };
const countsOf = (counts: Float64Array): Counts =>
  Object.fromEntries(recordCounts.map((name, i) => [name, counts[i]])) as Counts;

/** Of eight hex digits: parameters as they are kept and published. */
export const hashOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  hex(hash32(new Uint8Array(buffer, byteOffset, byteLength)));

/** @param whole a checkpoint of this plan, see checkpointProblem */
export function momentIn(plan: RunPlan, whole: Uint8Array): Moment {
  const data = viewsIn(plan, whole);
  const counts = countsOf(data.counts);
  const { envSteps, updates, versions, episodes } = counts;
  return {
    envSteps,
    updates,
    versions,
    episodes,
    seconds: data.seconds[0],
    meanReturn100: episodes < SOLVED_WINDOW ? null : counts.windowSum / SOLVED_WINDOW,
    solvedAt: Number.isNaN(counts.solvedEnvSteps)
      ? null
      : { envSteps: counts.solvedEnvSteps, updates: counts.solvedUpdates, seconds: counts.solvedSeconds },
    parametersHash: hashOf(data.parameters),
    returnsHash: hex(counts.returnsHash),
    returns: points<ReturnPoint>(columnsOf(returnColumns), data.returns),
    updateSeries: points<UpdatePoint>(columnsOf(plan.updateColumns), data.updates),
    evaluations: points<EvaluationPoint>(evaluationColumns, data.evaluations),
    parameters: data.parameters,
  };
}

/**
 * What of a run's history belongs to a checkpoint: the changes that took effect before it. An update latches live values
 * before it counts its env-steps, notes pushes after that, and goes back to the best parameters once it is counted itself.
 *
 * @param whole a checkpoint of this plan
 */
export function editsUntil<E extends Pick<Edit, "update" | "envSteps" | "key" | "value">>(
  plan: RunPlan,
  whole: Uint8Array,
  edits: readonly E[],
): E[] {
  const data = viewsIn(plan, whole);
  const { updates, envSteps } = countsOf(data.counts);
  const isInEffect = ({ key, value }: E) => {
    const slot = plan.live.indexOf(key);
    const parsed = slot < 0 ? null : plan.params[key].parse(value);
    return parsed?.ok === true && plan.params[key].toSlot(parsed.value) === data.live[slot];
  };
  return edits.filter((edit) => {
    if (edit.update > updates || edit.envSteps > envSteps) return false;
    if (edit.update < updates || edit.envSteps < envSteps || edit.key === "rollback" || edit.key === "push")
      return true;
    // Asked for at this very update: by the one after it, or by one that failed and left the value behind.
    return isInEffect(edit);
  });
}
