/**
 * The runs of this browser, in IndexedDB: their data in one store, weights and checkpoints, which are large, in another,
 * and the last study in a third.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { parseStudy, type Study } from "../studies/outcome.ts";
import { type Recording, runsIn, type Weights, weightsIn } from "./recording.ts";

interface Schema extends DBSchema {
  runs: { key: string; value: Recording };
  weights: { key: string; value: Weights };
  studies: { key: string; value: Study };
}

/** The key of the one study that is kept. */
const LAST = "last";

/** Runs that are kept without a pin. */
export const MOST_UNPINNED = 200;

let database: Promise<IDBPDatabase<Schema>> | null = null;

function open(): Promise<IDBPDatabase<Schema>> {
  database ??= openDB<Schema>("cartpool", 2, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("runs", { keyPath: "id" });
        db.createObjectStore("weights");
      }
      if (from < 2) db.createObjectStore("studies");
    },
    /** A newer page in another tab waits for this one. */
    blocking() {
      void closeLibrary();
    },
    terminated() {
      database = null; // the browser closed it: the next call opens it again
    },
  });
  database.catch(() => {
    database = null;
  });
  return database;
}

/** All runs, the newest first, and how many records are none that this page can read. */
export async function readRuns(): Promise<ReturnType<typeof runsIn>> {
  const { runs, unreadable } = runsIn(await (await open()).getAll("runs"));
  return { runs: runs.sort((a, b) => (a.created < b.created ? 1 : -1)), unreadable };
}

export const allRuns = async (): Promise<Recording[]> => (await readRuns()).runs;

/** Which unpinned runs are too many: the oldest. */
export function surplus(runs: readonly Pick<Recording, "id" | "created" | "pinned">[], most = MOST_UNPINNED): string[] {
  const unpinned = runs.filter(({ pinned }) => !pinned).sort((a, b) => (a.created < b.created ? 1 : -1));
  return unpinned.slice(most).map(({ id }) => id);
}

/**
 * Writes a run, and its weights where they are given; drops the oldest of too many. Everything is asked of the database
 * at once and committed: a page that is left right afterwards loses nothing.
 */
export async function keepRun(run: Recording, weights?: Weights): Promise<void> {
  const db = await open();
  const change = db.transaction(["runs", "weights"], "readwrite");
  const known = change.objectStore("runs").getKey(run.id);
  const written = [
    change.objectStore("runs").put(run),
    weights && change.objectStore("weights").put(weights, run.id),
    change.done,
  ];
  change.commit();
  await Promise.all(written);
  if ((await known) === undefined) for (const id of surplus((await readRuns()).runs)) await forgetRun(id);
}

export async function weightsFor(id: string): Promise<Weights | null> {
  return weightsIn(await (await open()).get("weights", id));
}

export async function forgetRun(id: string): Promise<void> {
  const change = (await open()).transaction(["runs", "weights"], "readwrite");
  await change.objectStore("runs").delete(id);
  await change.objectStore("weights").delete(id);
  await change.done;
}

/** The last study; null where there is none that can be read. */
export async function keptStudy(): Promise<Study | null> {
  return parseStudy(await (await open()).get("studies", LAST));
}

/** Keeps a study in the place of the one before; null: forgets that one. */
export async function keepStudy(study: Study | null): Promise<void> {
  const db = await open();
  await (study === null ? db.delete("studies", LAST) : db.put("studies", study, LAST));
}

/** Closes the database; the next call opens it again. */
export async function closeLibrary(): Promise<void> {
  (await database)?.close();
  database = null;
}
