/** Goes on with kept runs, and says from where. */
import { checkpointProblem } from "../../runtime/memory/checkpoint.ts";
import { type RunConfig, withValues } from "../../runtime/plan/config.ts";
import { planRun, type RunPlan } from "../../runtime/plan/plan.ts";
import { editsUntil, type Moment, momentIn } from "../../runtime/seen/moment.ts";
import { decodeRun } from "../address/url.ts";
import { compact } from "../parts/format.ts";
import { LINE_STYLES } from "../parts/palette.ts";
import { repetitionFor } from "../share/ghost.ts";
import { endRun, isUnderWay, runner } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { dismissGoneOn, useGoneOn } from "./goneOn.ts";
import { newIdentity, useLibrary, wholeRun } from "./library.ts";
import { hold, isHeld, letGo, letGoOfRun } from "./ownership.ts";
import type { Imported } from "./reading.ts";
import { beginRun } from "./recorder.ts";
import type { Recording } from "./recording.ts";

interface Beginning {
  readonly config: RunConfig;
  readonly plan: RunPlan;
  readonly checkpoint: Uint8Array;
  readonly from: Moment;
}

/** Where a kept run can be gone on with; a sentence where it cannot. */
function beginningOf({ run, weights }: Imported): Beginning | string {
  const { current } = useLibrary.getState();
  if (current?.id === run.id && isUnderWay(runner().snapshot().phase)) return "This run is under way.";
  const checkpoint = weights?.checkpoint ?? null;
  if (!checkpoint)
    return "This run has no checkpoint to go on from: it was imported without one, or it ended too early. Take its configuration and train it anew.";
  const { config, problems } = decodeRun(run.query);
  if (problems.length > 0)
    return `This run cannot go on: this version of the page does not read its configuration (${problems[0].message}).`;
  try {
    const plan = planRun(config);
    const problem = checkpointProblem(plan, checkpoint);
    if (problem === null) return { config, plan, checkpoint, from: momentIn(plan, checkpoint) };
    return `This run cannot go on: ${problem}. Take its configuration and train it anew.`;
  } catch (error) {
    return `This run cannot go on: ${(error as Error).message}.`;
  }
}

/**
 * Goes on with a run from its checkpoint, after the run under way is kept. Where its record got further than the checkpoint,
 * it stays as it is, and what goes on is a run of its own. A sentence where it cannot be done.
 */
export async function goOn({ id }: Pick<Recording, "id">): Promise<string | null> {
  const had = isHeld(id);
  if (!(await hold(id))) return "This run is under way in another tab: one tab at a time goes on with it.";
  const kept = await wholeRun(id).catch((error: Error) => `This run cannot be read: ${error.message}.`);
  const beginning =
    kept === null ? "This run has been deleted in another tab." : typeof kept === "string" ? kept : beginningOf(kept);
  if (typeof kept === "string" || kept === null || typeof beginning === "string") {
    if (!had) letGo(id);
    return beginning as string;
  }
  const { run } = kept;
  const { config, plan, checkpoint, from } = beginning;
  await endRun();
  // A condition that ended it would end it again at once.
  const open = run.phase === "stopped" ? withValues(config, { until: [] }) : config;
  usePage.getState().setConfig(open);
  const isBehind = from.updates < run.updates;
  const at = `from ${compact(from.envSteps)} env-steps`;
  beginRun(
    isBehind
      ? newIdentity({
          name: run.name ? `${run.name.slice(0, 50)} · ${at}` : at,
          colour: (run.colour + 1) % LINE_STYLES,
        })
      : run,
  );
  const { envSteps, updates } = from;
  useGoneOn.setState({ from: { envSteps, updates, further: isBehind ? run.envSteps : null } });
  const edits = editsUntil(plan, checkpoint, run.edits);
  const repetition = await repetitionFor(open, { updates, edits });
  await runner().start(open, { resume: { checkpoint, edits, editsMissing: run.editsMissing }, repetition });
  const { phase, config: now, problem } = runner().snapshot();
  // What was changed while it went on is in effect again.
  if (isUnderWay(phase)) usePage.getState().setConfig(now);
  else {
    dismissGoneOn();
    letGoOfRun(useLibrary.getState().current?.id ?? id);
  }
  if (isBehind) letGo(id);
  return problem;
}
