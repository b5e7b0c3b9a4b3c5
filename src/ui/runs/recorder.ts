/** Keeps the run under way in the library. It depends on nothing that is drawn. */
import type { Phase, Runner } from "../../runtime/seen/view.ts";
import { LINE_STYLES } from "../parts/palette.ts";
import { isUnderWay, onEnd, onNewRun, runner } from "../state/session.ts";
import { mark, offerInterrupted, settleInterrupted, unmark } from "./interrupted.ts";
import {
  currentOf,
  followDatabase,
  type Identity,
  keepRun,
  newIdentity,
  refuse,
  useLibrary,
  wholeRun,
} from "./library.ts";
import { closeRun } from "./opened.ts";
import { holdRun, letGoOfRun, whileHeld } from "./ownership.ts";
import { type Recording, recordingOf, type Weights, weightsOf } from "./recording.ts";
import { type Whole, wholeAt } from "./whole.ts";

/** Milliseconds from one save of a run under way to the next, and between two looks whether one is due: a crash loses 2 s. */
const SAVE_MS = 1500;
const LOOK_MS = 250;
/** Bytes of checkpoints a second that are written at most, and the share of this thread's time that a save may take. */
const MOST_WRITTEN = 8 * 2 ** 20;
const MOST_SHARE = 0.05;
/** Milliseconds after which the data of a run with long updates are saved without waiting for its checkpoint. */
const SLOW_MS = 2000;
/** Milliseconds that a checkpoint of a run under way may take; an update of the heaviest takes minutes. */
const PATIENCE = 600_000;
/** Milliseconds that the database has to take the end of a run before another begins. */
const LAST_WRITE = 1000;

const never = { updates: -1, phase: "idle" as Phase, at: 0, pause: SAVE_MS };
/** What was saved last, when, and how long the next save waits. */
let saved = never;
/** Saves come one after the other. */
let saves: Promise<void> = Promise.resolve();
let waiting = 0;
let askedAt = 0;

/** A run begins: a new one, or one that is gone on with as `of`. */
export function beginRun(of?: Identity): void {
  const colour = useLibrary.getState().runs.length % LINE_STYLES;
  saved = never;
  const current = of ?? newIdentity({ colour });
  useLibrary.setState({ current, deleted: null });
  owned = { id: current.id, wasUnderWay: false };
  void holdRun(current.id);
  settleInterrupted();
  closeRun();
}

const currentId = () => useLibrary.getState().current?.id;

/** Writes the run under way into the list and the library. */
async function write(run: Recording, weights?: Weights): Promise<void> {
  saved = { ...saved, updates: run.updates, phase: run.phase, at: performance.now() };
  if (isUnderWay(run.phase)) mark(run.id);
  else unmark(run.id);
  await keepRun(run, weights);
}

/** What there is to keep of a run without a checkpoint. What was kept before stays where there is nothing better. */
async function withoutCheckpoint(run: Recording, isOver: boolean): Promise<Weights | undefined> {
  const parameters = isOver ? weightsOf(runner()) : null;
  if (!parameters) return undefined;
  const before = await wholeRun(run.id).catch(() => null);
  return before?.weights?.checkpoint
    ? undefined
    : { parameters, checkpoint: null, updates: runner().parameters(parameters) };
}

/** Keeps the run that the page holds as of a checkpoint of it, null: without one. */
async function keep(checkpoint: Uint8Array | null, phase?: Recording["phase"]): Promise<void> {
  const about = currentOf(useLibrary.getState());
  if (!about) return;
  const began = performance.now();
  const snapshot = { ...runner().snapshot(), ...(phase && { phase }) };
  const whole: Partial<Whole> | null = checkpoint
    ? wholeAt(snapshot, checkpoint, about)
    : { run: recordingOf(snapshot, about) ?? undefined };
  if (!whole?.run) return;
  const weights = whole.weights ?? (await withoutCheckpoint(whole.run, !isUnderWay(snapshot.phase)));
  const written = write(whole.run, weights);
  const bytes = checkpoint?.length ?? 0;
  const took = performance.now() - began;
  saved = { ...saved, pause: Math.max(SAVE_MS, (1000 * bytes) / MOST_WRITTEN, took / MOST_SHARE) };
  await written;
}

/** Whether there is more of the run that the page holds than was saved; its end may be saved before the page sees it. */
const changed = (): boolean => {
  const { updates, phase } = runner().snapshot();
  const isFurther = isUnderWay(phase) ? updates !== saved.updates : updates > saved.updates;
  return currentId() !== undefined && updates > 0 && (isFurther || phase !== saved.phase);
};

/** Keeps the whole run as it stands now; settles once it is kept. */
export function keepNow(): Promise<void> {
  if (waiting++ === 0) askedAt = performance.now();
  const of = currentId();
  saves = saves
    .then(async () => {
      if (of !== currentId() || !changed()) return;
      const checkpoint = await runner().checkpoint(PATIENCE);
      if (of === currentId()) await keep(checkpoint);
    })
    .catch(refuse)
    .finally(() => waiting--);
  return saves;
}

/**
 * Saves what is due: of a run under way, and of one that got further after its end was saved, for a thread that died may
 * go on for a moment.
 */
function look(): void {
  const { phase } = runner().snapshot();
  const id = currentId();
  if (phase === "idle" || id === undefined || ending || !changed()) return;
  const now = performance.now();
  if (waiting === 0) {
    if (now - Math.max(askedAt, saved.at) < saved.pause) return;
    void (isUnderWay(phase) ? keepNow() : whileHeld(id, keepNow));
  } else if (isUnderWay(phase) && now - Math.max(askedAt, saved.at) > SLOW_MS) void keep(null).catch(refuse);
}

let ending = false;

/** Keeps the end of a run that is ended on purpose; see onEnd. */
async function keepEnd(): Promise<void> {
  const { phase } = runner().snapshot();
  const id = currentId();
  if (phase === "idle" || id === undefined) return;
  ending = true;
  try {
    const late = () => new Promise<void>((resolve) => setTimeout(resolve, LAST_WRITE));
    // What has ended by itself is being kept already.
    if (!isUnderWay(phase)) return await Promise.race([saves, late()]);
    const checkpoint = await runner().end();
    const kept = keep(checkpoint, "paused");
    saves = Promise.allSettled([saves, kept]).then(() => {});
    await Promise.race([kept, late()]);
  } finally {
    unmark(id);
    ending = false;
  }
}

/** The run that is this tab's, from its beginning until it is kept as it ended; the same run gone on with is another one. */
let owned: { readonly id: string; wasUnderWay: boolean } | null = null;

/** Has the run under way; lets go of one that has ended and is kept, and of none for which the runner is only being reset. */
async function own(): Promise<void> {
  const id = currentId();
  if (id !== undefined && isUnderWay(runner().snapshot().phase)) {
    if (owned?.id === id) owned.wasUnderWay = true;
    else owned = { id, wasUnderWay: true };
    await holdRun(id);
    return;
  }
  const mine = owned;
  if (!mine?.wasUnderWay) return;
  await saves;
  if (owned !== mine) return;
  owned = null;
  letGoOfRun(mine.id);
}

/** Offers what was interrupted once it is known what is kept. Returns how to stop. */
function offerOnceRead(): () => void {
  const stop = useLibrary.subscribe(({ isRead, runs }) => {
    if (!isRead) return;
    stop();
    void offerInterrupted(runs);
  });
  return stop;
}

/** Reads the library and keeps the run under way in it. Returns how to stop. */
export function followLibrary(): () => void {
  // A run that has begun before this part of the page was there.
  if (isUnderWay(runner().snapshot().phase)) {
    beginRun();
    void own();
  }
  const stopOffering = offerOnceRead();
  const stopFollowing = followDatabase();
  const timer = setInterval(look, LOOK_MS);
  const stops = [
    runner().onPhase(() => {
      const { phase } = runner().snapshot();
      if (phase === "paused" || phase === "stopped" || phase === "failed") void keepNow();
      void own();
    }),
    onNewRun(() => beginRun()),
    onEnd(keepEnd),
  ];
  let beats: Worker | null = null;
  // When the page is left, what begins comes too late; when it is hidden, there is time.
  const hide = () => {
    beats?.terminate();
    beats = null;
    if (document.visibilityState !== "hidden" || !isUnderWay(runner().snapshot().phase)) return;
    void keepNow();
    beats = new Worker(new URL("../../runtime/threads/metronome.worker.ts", import.meta.url), {
      type: "module",
      name: "metronome",
    });
    beats.addEventListener("message", look);
  };
  document.addEventListener("visibilitychange", hide);
  return () => {
    stopOffering();
    stopFollowing();
    clearInterval(timer);
    for (const stop of stops) stop();
    document.removeEventListener("visibilitychange", hide);
    beats?.terminate();
  };
}

/** Keeps the run that another runner holds, as it ended. */
export async function keepRunOf(of: Runner, about: { name: string; colour: number }): Promise<void> {
  const checkpoint = await of.checkpoint();
  const identity = newIdentity(about);
  const whole = checkpoint && wholeAt(of.snapshot(), checkpoint, identity);
  if (whole) return keepRun(whole.run, whole.weights);
  const run = recordingOf(of.snapshot(), identity);
  const parameters = weightsOf(of);
  if (run)
    await keepRun(run, parameters ? { parameters, checkpoint: null, updates: of.parameters(parameters) } : undefined);
}
