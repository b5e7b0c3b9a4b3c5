/** Keeps the run under way in the library, and goes on with kept ones. */
import { withValues } from "../../runtime/config.ts";
import type { Phase, Runner } from "../../runtime/view.ts";
import { LINE_STYLES } from "../palette.ts";
import { isUnderWay, onNewRun, runner } from "../session.ts";
import { usePage } from "../store.ts";
import { currentOf, followDatabase, keepRun, newIdentity, refuse, useLibrary, wholeRun } from "./library.ts";
import { closeRun } from "./opened.ts";
import { hold, holdRun, isHeld, letGo, letGoOfRun } from "./ownership.ts";
import { configOf, type Recording, recordingOf, type Weights, weightsOf } from "./recording.ts";

/** Milliseconds between two saves of a run under way, and between two of its checkpoints: a crash loses no more. */
const SAVE_MS = 2000;
const CHECKPOINT_MS = 6000;
let saved = { updates: -1, phase: "idle" as Phase, checkpointAt: 0 };

/** A new run begins; one that is gone on with keeps its identity. */
export function beginRun(of?: Recording): void {
  const colour = useLibrary.getState().runs.length % LINE_STYLES;
  saved = { updates: -1, phase: "idle", checkpointAt: performance.now() };
  const current = of ?? newIdentity({ colour });
  useLibrary.setState({ current, deleted: null });
  void holdRun(current.id);
  closeRun();
}

const currentId = () => useLibrary.getState().current?.id;

/** Writes the run under way as it stands now, into the list and the library. */
async function write(weights?: Weights): Promise<void> {
  const about = currentOf(useLibrary.getState());
  const snapshot = runner().snapshot();
  const run = about && recordingOf(snapshot, about);
  if (!run) return;
  saved = { ...saved, updates: snapshot.updates, phase: snapshot.phase };
  await keepRun(run, weights);
}

const changed = (): boolean => {
  const { updates, phase } = runner().snapshot();
  return currentId() !== undefined && (updates !== saved.updates || phase !== saved.phase);
};

/** Checkpoints are asked for one after the other. */
let checkpoints: Promise<void> = Promise.resolve();
let waiting = 0;

/** Saves the run under way if it has changed: what is known at once, and a checkpoint to go on from if `whole`, or when one is due. */
function save(whole: boolean): void {
  if (!changed()) return;
  void write();
  const due = performance.now() - saved.checkpointAt > CHECKPOINT_MS && waiting === 0;
  if (!whole && !due) return;
  const of = currentId();
  waiting++;
  checkpoints = checkpoints
    .then(async () => {
      const checkpoint = await runner().checkpoint();
      if (of !== currentId()) return; // another run has begun meanwhile
      saved.checkpointAt = performance.now();
      await write({ parameters: weightsOf(runner()), checkpoint });
    })
    .catch(refuse)
    .finally(() => waiting--);
}

/** The run that is this tab's, as long as it is under way and until it is kept as it ended. */
let owned: string | null = null;

async function own(): Promise<void> {
  const id = currentId();
  if (id === undefined || goingOn) return;
  if (isUnderWay(runner().snapshot().phase)) {
    owned = id;
    await holdRun(id);
  } else if (owned === id) {
    await checkpoints;
    if (currentId() !== id || !isUnderWay(runner().snapshot().phase)) letGoOfRun(id);
  }
}

/** The runner is being reset for a run that is gone on with. */
let goingOn = false;

/** Reads the library and keeps the run under way in it. Returns how to stop. */
export function followLibrary(): () => void {
  const stopFollowing = followDatabase();
  const timer = setInterval(() => isUnderWay(runner().snapshot().phase) && save(false), SAVE_MS);
  const stop = runner().onPhase(() => {
    const { phase } = runner().snapshot();
    if (phase === "paused" || phase === "stopped" || phase === "failed") save(true);
    void own();
  });
  const stopHeeding = onNewRun(() => beginRun());
  // No time for a checkpoint.
  const leave = () => {
    if (changed()) void write();
  };
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", leave);
  return () => {
    stopFollowing();
    clearInterval(timer);
    stop();
    stopHeeding();
    window.removeEventListener("pagehide", leave);
    document.removeEventListener("visibilitychange", leave);
  };
}

/** Keeps the run that another runner holds, as it ended. */
export async function keepRunOf(of: Runner, about: { name: string; colour: number }): Promise<void> {
  const run = recordingOf(of.snapshot(), newIdentity(about));
  if (run) await keepRun(run, { parameters: weightsOf(of), checkpoint: await of.checkpoint() });
}

/** A run as it is kept, with its checkpoint; a sentence where there is none to go on from. */
async function resumable(id: string): Promise<string | { run: Recording; checkpoint: Uint8Array }> {
  try {
    const kept = await wholeRun(id);
    if (!kept) return "This run has been deleted in another tab.";
    const { run, weights } = kept;
    return weights?.checkpoint
      ? { run, checkpoint: weights.checkpoint }
      : "This run has no checkpoint to go on from: it was imported without one, or it ended too early.";
  } catch (error) {
    return `This run cannot be read: ${(error as Error).message}.`;
  }
}

/** Goes on with a run from its checkpoint. A sentence where that cannot be done. */
export async function goOn({ id }: Pick<Recording, "id">): Promise<string | null> {
  const had = isHeld(id);
  if (!(await hold(id))) return "This run is under way in another tab: one tab at a time goes on with it.";
  const kept = await resumable(id);
  if (typeof kept === "string") {
    if (!had) letGo(id);
    return kept;
  }
  const { run, checkpoint } = kept;
  const config = configOf(run);
  // A condition that ended it would end it again at once.
  const open = run.phase === "stopped" ? withValues(config, { until: [] }) : config;
  usePage.getState().setConfig(open);
  goingOn = true;
  beginRun(run);
  await runner()
    .start(open, { resume: { checkpoint, edits: run.edits } })
    .finally(() => {
      goingOn = false;
    });
  const { phase, config: now, problem } = runner().snapshot();
  // What was changed while it went on is in effect again.
  if (isUnderWay(phase)) usePage.getState().setConfig(now);
  else letGoOfRun(id);
  return problem;
}
