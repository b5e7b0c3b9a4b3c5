/**
 * The library as the page shows it, and what a person changes in it. The list is what the database holds: it follows what
 * was written there, by this tab or by another, and shows nothing else.
 */
import { create } from "zustand";
import type { Said } from "./database.ts";
import { newestFirst } from "./newest.ts";
import { followTabs, tellTabs } from "./news.ts";
import { isHeld, whileHeld } from "./ownership.ts";
import type { Imported } from "./reading.ts";
import type { Recording, Weights } from "./recording.ts";
import { isShown, toggleShown } from "./shown.ts";
import { storageError } from "./trouble.ts";

/** Which run it is, and what a person said of it. */
export type Identity = Pick<Recording, "id" | "created" | "name" | "colour" | "pinned">;

interface LibraryState {
  readonly runs: readonly Recording[];
  /** Whether `runs` has been read at all. */
  readonly isRead: boolean;
  /** The run that the page's runner holds or held last, as it began. */
  readonly current: Identity | null;
  /** Why runs are not kept, as a sentence. Null as soon as they are. */
  readonly problem: string | null;
  /** Records of this browser that are no run which this page can read. */
  readonly unreadable: number;
  /** The run under way, where somebody has deleted it: it goes on, and is not kept unless a person wants it to be. */
  readonly deleted: Imported | null;
}

export const useLibrary = create<LibraryState>()(() => ({
  runs: [],
  isRead: false,
  current: null,
  problem: null,
  unreadable: 0,
  deleted: null,
}));

const { getState: now, setState: set } = useLibrary;

/** Not needed for a page to be painted: loaded with the first look at what is kept. */
const database = () => import("./database.ts");

/** Ids that this tab has found in the database or written there. */
const known = new Set<string>();

/** Says why runs are not kept. */
export function refuse(error: unknown): void {
  set({ problem: `This browser does not keep runs now: ${storageError(error).message}. Training goes on.` });
}

function putIntoList(run: Recording): void {
  known.add(run.id);
  set(({ runs }) => ({ runs: [run, ...runs.filter(({ id }) => id !== run.id)].sort(newestFirst) }));
}

function takeFromList(id: string): void {
  set(({ runs }) => ({ runs: runs.filter((run) => run.id !== id) }));
  if (isShown(id)) toggleShown(id);
}

export const newIdentity = (of: { name?: string; colour: number }): Identity => ({
  id: crypto.randomUUID(),
  created: new Date().toISOString(),
  name: "",
  pinned: false,
  ...of,
});

/** The current run with what a person said of it since it began. */
export function currentOf({ runs, current }: Pick<LibraryState, "runs" | "current">): Identity | null {
  const listed = runs.find(({ id }) => id === current?.id);
  return listed && current ? { ...current, name: listed.name, colour: listed.colour, pinned: listed.pinned } : current;
}

/** What could not be written, under a name of what it is: tried again when something can be, and when a person asks. */
const undone = new Map<string, { again(): Promise<boolean>; readonly run?: Imported }>();
/** The number of the last attempt of each name. */
const latest = new Map<string, number>();
let attempts = 0;

/** Runs that are in no database, because it could not be written: they last as long as the page. */
export const unkept = (): Imported[] => [...undone.values()].flatMap(({ run }) => (run ? [run] : []));

/** Writes, in the place of what failed under the same name. What fails is said and kept in mind. */
async function attempt(what: string, work: () => Promise<void>, run?: Imported): Promise<boolean> {
  const number = ++attempts;
  latest.set(what, number);
  undone.delete(what);
  try {
    await work();
    return true;
  } catch (error) {
    if (latest.get(what) === number) {
      undone.set(what, { again: () => attempt(what, work, run), run });
      refuse(error);
    }
    return false;
  }
}

/**
 * Writes something, under a name of what it is: what fails is said, and written later unless it is written anew. Never
 * rejects.
 */
export async function write(what: string, work: () => Promise<void>, run?: Imported): Promise<void> {
  if (await attempt(what, work, run)) await doUndone();
}

let doing = false;
/** Writes what waits. The first that fails again leaves the rest waiting. */
async function doUndone(): Promise<void> {
  if (doing) return;
  doing = true;
  for (const { again } of [...undone.values()]) if (!(await again())) break;
  doing = false;
  if (undone.size > 0 || now().problem === null) return;
  if (now().isRead) set({ problem: null });
  else await readLibrary();
}

/** Tries again what could not be done. */
export const retry = (): Promise<void> => (undone.size > 0 ? doUndone() : readLibrary());

/** Reads the runs of this browser. */
export async function readLibrary(): Promise<void> {
  try {
    const { runs, unreadable } = await (await database()).readRuns();
    for (const { id } of runs) known.add(id);
    set({ runs, unreadable, isRead: true, ...(undone.size === 0 && { problem: null }) });
  } catch (error) {
    refuse(error);
  }
}

/** Reads what another tab has changed. */
async function readAgain(ids: readonly string[]): Promise<void> {
  try {
    const found = await (await database()).runsOf(ids);
    for (const run of found) putIntoList(run);
    for (const id of ids) if (!found.some((run) => run.id === id)) takeFromList(id);
  } catch (error) {
    refuse(error);
  }
}

/** Reads the library and follows what other tabs do to it. Returns how to stop. */
export function followDatabase(): () => void {
  void database().then(
    ({ heedConnection }) => heedConnection({ outdated: refuse, back: () => void retry() }),
    () => {}, // said by what follows
  );
  void readLibrary();
  const stop = followTabs(({ runs }) => runs && void readAgain(runs));
  // A page that comes back from the browser's cache has heard nothing meanwhile.
  const back = ({ persisted }: PageTransitionEvent) => persisted && void readLibrary();
  window.addEventListener("pageshow", back);
  return () => {
    stop();
    window.removeEventListener("pageshow", back);
  };
}

/** Shows a run as it now stands in the database, here and in the other tabs. */
function stands(run: Recording): void {
  putIntoList(run);
  tellTabs({ runs: [run.id] });
}

/**
 * Keeps what a run has produced, and its weights where they are given. What a person said of it meanwhile, in any tab,
 * stays. Never rejects: what cannot be written is said, and written later.
 */
export function keepRun(run: Recording, weights?: Weights): Promise<void> {
  const what = `run ${run.id}`;
  const whole = { run, weights: weights ?? undone.get(what)?.run?.weights ?? null };
  return write(
    what,
    async () => {
      const kept = await (await database()).mergeRun(run, whole.weights, known.has(run.id));
      if (kept) stands(kept);
      else if (now().current?.id === run.id && left !== run.id)
        set(({ deleted }) => ({ deleted: { run, weights: weights ?? deleted?.weights ?? null } }));
    },
    whole,
  );
}

/** The run under way that a person has left deleted. */
let left: string | null = null;

/** Keeps the run under way again that was deleted. */
export async function keepDeleted(): Promise<void> {
  const { deleted } = now();
  if (!deleted) return;
  known.delete(deleted.run.id);
  set({ deleted: null });
  await keepRun(deleted.run, deleted.weights ?? undefined);
}

/** Leaves it deleted, and says no more of it. */
export function leaveDeleted(): void {
  left = now().deleted?.run.id ?? null;
  set({ deleted: null });
}

/** Changes what a person says of a run. Never rejects, as `keepRun`. */
export const change = ({ id }: Pick<Recording, "id">, said: Partial<Said>): Promise<void> =>
  write(`${Object.keys(said)} of ${id}`, async () => {
    const kept = await (await database()).changeRun(id, said);
    if (kept) stands(kept);
    else takeFromList(id); // another tab has deleted it
  });

const ELSEWHERE = "This run is under way in another tab";

/** Deletes a run. Returns what it was; null where another tab had deleted it. Rejects with a sentence. */
export async function forget({ id }: Pick<Recording, "id">): Promise<Imported | null> {
  const done = await whileHeld(id, async () => (await database()).forgetRun(id));
  if (!done) throw new Error(`${ELSEWHERE}: reset it there, and delete it then.`);
  takeFromList(id);
  tellTabs({ runs: [id] });
  return done.result;
}

/** A run and its weights as they are kept, of the same moment; null where it is not. Rejects where it cannot be read. */
export const wholeRun = async (id: string): Promise<Imported | null> => (await database()).wholeRun(id);

/**
 * Takes a run in, from a file or one that was deleted. Where one of the same id is kept, nothing is written, and that one
 * returned. Rejects where it cannot be written.
 */
export async function take(added: Imported): Promise<Imported | null> {
  const stored = await (await database()).addRun(added);
  stands(stored?.run ?? added.run);
  return stored;
}

/** Puts a run in the place of the kept one of its id, whole. Rejects with a sentence. */
export async function replace(by: Imported): Promise<void> {
  if (isHeld(by.run.id))
    throw new Error("This run is under way here: keep the file as a copy, or reset the run first.");
  const done = await whileHeld(by.run.id, async () => (await database()).replaceRun(by));
  if (!done) throw new Error(`${ELSEWHERE}: keep the file as a copy, or reset the run there first.`);
  stands(by.run);
}
