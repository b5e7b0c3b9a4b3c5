/** Keeps the run under way in the library, and what the page knows of the library. */
import { create } from "zustand";
import { withValues } from "../../runtime/config.ts";
import type { Phase, Runner } from "../../runtime/view.ts";
import { LINE_STYLES } from "../palette.ts";
import { isUnderWay, onNewRun, runner } from "../session.ts";
import { usePage } from "../store.ts";
import { allRuns, forgetRun, keepRun, weightsFor } from "./database.ts";
import { closeRun } from "./opened.ts";
import { configOf, type Recording, recordingOf, type Weights, weightsOf } from "./recording.ts";
import { isShown, toggleShown } from "./shown.ts";

/** Which run it is, and what a person said of it. */
type Identity = Pick<Recording, "id" | "created" | "name" | "colour" | "pinned">;

interface LibraryState {
  readonly runs: readonly Recording[];
  /** The run that the page's runner holds or held last, as it began. */
  readonly current: Identity | null;
  /** Why runs are not kept, e.g. because the browser stores nothing for this site. */
  readonly problem: string | null;
}

export const useLibrary = create<LibraryState>()(() => ({ runs: [], current: null, problem: null }));

/** Milliseconds between two saves of a run under way, and between two of its checkpoints: a crash loses no more. */
const SAVE_MS = 2000;
const CHECKPOINT_MS = 6000;
let saved = { updates: -1, phase: "idle" as Phase, checkpointAt: 0 };

function refuse(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  useLibrary.setState({
    problem: `This browser does not keep runs here (${why}). Training goes on; export what you want to keep.`,
  });
}

/** Puts a run into the list that the page shows. */
function show(run: Recording): void {
  const { runs } = useLibrary.getState();
  const others = runs.filter(({ id }) => id !== run.id);
  useLibrary.setState({ runs: [run, ...others].sort((a, b) => (a.created < b.created ? 1 : -1)) });
}

const newIdentity = (of: { name?: string; colour: number }): Identity => ({
  id: crypto.randomUUID(),
  created: new Date().toISOString(),
  name: "",
  pinned: false,
  ...of,
});

/** A new run begins; one that is gone on with keeps its identity. */
export function beginRun(of?: Recording): void {
  const colour = useLibrary.getState().runs.length % LINE_STYLES;
  saved = { updates: -1, phase: "idle", checkpointAt: performance.now() };
  useLibrary.setState({ current: of ?? newIdentity({ colour }) });
  closeRun();
}

/** The current run with what a person said of it since it began. */
export function currentOf({ runs, current }: Pick<LibraryState, "runs" | "current">): Identity | null {
  const known = runs.find(({ id }) => id === current?.id);
  return known && current ? { ...current, name: known.name, colour: known.colour, pinned: known.pinned } : current;
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

/** Reads the library and keeps the run under way in it. Returns how to stop. */
export function followLibrary(): () => void {
  allRuns().then((runs) => useLibrary.setState({ runs }), refuse);
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

/** Changes what a person says of a run. */
export async function change(
  run: Recording,
  of: Partial<Pick<Recording, "name" | "colour" | "pinned">>,
): Promise<void> {
  const next = { ...run, ...of };
  show(next);
  await keepRun(next).catch(refuse);
}

export async function forget(run: Recording): Promise<void> {
  useLibrary.setState(({ runs }) => ({ runs: runs.filter(({ id }) => id !== run.id) }));
  if (isShown(run.id)) toggleShown(run.id);
  await forgetRun(run.id).catch(refuse);
}

/** Takes a run from a file into the library. */
export async function take(run: Recording, weights?: Weights): Promise<void> {
  show(run);
  await keepRun(run, weights).catch(refuse);
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
