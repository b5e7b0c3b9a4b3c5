/** A run as a whole: its data and its weights, of one moment wherever there is a checkpoint of it. */
import { checkpointProblem } from "../../runtime/memory/checkpoint.ts";
import { planRun, type RunPlan } from "../../runtime/plan/plan.ts";
import { editsUntil, hashOf, momentIn } from "../../runtime/seen/moment.ts";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { configOf } from "./configOf.ts";
import { type Recording, recordingOf, type Weights } from "./recording.ts";

export interface Whole {
  readonly run: Recording;
  readonly weights: Weights;
}

let planned: RunPlan | null = null;

/** Plans are made once a run. */
function planOf({ begun }: Pick<Snapshot, "begun">): RunPlan {
  if (planned?.config !== begun) planned = planRun(begun);
  return planned;
}

/**
 * The run as of a checkpoint of it. Where the run is over and got further than the checkpoint (a thread died), the data are
 * those of its end, and the weights say which update they are of.
 */
export function wholeAt(
  snapshot: Snapshot,
  checkpoint: Uint8Array,
  about: Parameters<typeof recordingOf>[1],
): Whole | null {
  const plan = planOf(snapshot);
  const { parameters, ...moment } = momentIn(plan, checkpoint);
  const isOver = snapshot.phase === "stopped" || snapshot.phase === "failed";
  const seen =
    isOver && moment.updates < snapshot.updates
      ? snapshot
      : { ...snapshot, ...moment, edits: editsUntil(plan, checkpoint, snapshot.edits) };
  const run = recordingOf(seen, about);
  return run && { run, weights: { parameters, checkpoint, updates: moment.updates } };
}

/** Which update the weights of a kept run are of; null where neither the run nor its checkpoint knows them. */
export function updateOf(run: Recording, { parameters, checkpoint, updates }: Weights): number | null {
  if (updates !== undefined || !parameters) return updates ?? null;
  const hash = hashOf(parameters);
  if (hash === run.parametersHash) return run.updates;
  const plan = planRun(configOf(run));
  if (!checkpoint || checkpointProblem(plan, checkpoint) !== null) return null;
  const moment = momentIn(plan, checkpoint);
  return hash === moment.parametersHash ? moment.updates : null;
}
