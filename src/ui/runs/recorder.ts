/** Keeps the run under way in the library, and goes on with kept ones. */
import { withValues } from "../../runtime/config.ts";
import type { Phase, Runner } from "../../runtime/view.ts";
import { LINE_STYLES } from "../palette.ts";
import { isUnderWay, onNewRun, runner } from "../session.ts";
import { usePage } from "../store.ts";
import { keepRun, weightsFor } from "./database.ts";
import { currentOf, newIdentity, readLibrary, refuse, show, take, useLibrary } from "./library.ts";
import { closeRun } from "./opened.ts";
import { configOf, type Recording, recordingOf, type Weights, weightsOf } from "./recording.ts";

/** Milliseconds between two saves of a run under way, and between two of its checkpoints: a crash loses no more. */
const SAVE_MS = 2000;
const CHECKPOINT_MS = 6000;
let saved = { updates: -1, phase: "idle" as Phase, checkpointAt: 0 };

/** A new run begins; one that is gone on with keeps its identity. */
export function beginRun(of?: Recording): void {
  const colour = useLibrary.getState().runs.length % LINE_STYLES;
  saved = { updates: -1, phase: "idle", checkpointAt: performance.now() };
  useLibrary.setState({ current: of ?? newIdentity({ colour }) });
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
  show(run);
  await keepRun(run, weights).catch(refuse);
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

/** Saves the run under way as it stands, with a checkpoint. Settles once it is kept. */
export function keepNow(): Promise<void> {
  save(true);
  return checkpoints;
}

/** Reads the library and keeps the run under way in it. Returns how to stop. */
export function followLibrary(): () => void {
  void readLibrary();
  const timer = setInterval(() => isUnderWay(runner().snapshot().phase) && save(false), SAVE_MS);
  const stop = runner().onPhase(() => {
    const { phase } = runner().snapshot();
    if (phase === "paused" || phase === "stopped" || phase === "failed") save(true);
  });
  const stopHeeding = onNewRun(() => beginRun());
  // No time for a checkpoint.
  const leave = () => {
    if (changed()) void write();
  };
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", leave);
  return () => {
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
  if (run) await take(run, { parameters: weightsOf(of), checkpoint: await of.checkpoint() });
}

/** Goes on with a run from its checkpoint. A sentence where that cannot be done. */
export async function goOn(run: Recording): Promise<string | null> {
  const weights = await weightsFor(run.id).catch(() => null);
  if (!weights?.checkpoint)
    return "This run has no checkpoint to go on from: it was imported without one, or it ended too early.";
  const config = configOf(run);
  // A condition that ended it would end it again at once.
  const open = run.phase === "stopped" ? withValues(config, { until: [] }) : config;
  usePage.getState().setConfig(open);
  beginRun(run);
  await runner().start(open, { resume: { checkpoint: weights.checkpoint, edits: run.edits } });
  const { phase, config: now, problem } = runner().snapshot();
  // What was changed while it went on is in effect again.
  if (isUnderWay(phase)) usePage.getState().setConfig(now);
  return problem;
}
