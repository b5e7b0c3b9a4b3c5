/**
 * The runs of this browser, in IndexedDB: their data in one store, weights and checkpoints, which are large, in another,
 * and studies in a third. Every change is one transaction that reads what is stored and writes what changes in it, so
 * that tabs never write each other's past. Every call answers in time: rejections are of `StorageError`.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { parseStudy, type Study } from "../studies/outcome.ts";
import { newestFirst } from "./newest.ts";
import type { Imported } from "./reading.ts";
import { type Recording, runIn, runsIn, type Weights, weightsIn } from "./recording.ts";
import { inTime, StorageError, storageError } from "./trouble.ts";

interface Schema extends DBSchema {
  runs: { key: string; value: Recording };
  weights: { key: string; value: Weights };
  studies: { key: string; value: Study };
}
type Database = IDBPDatabase<Schema>;
type Store = "runs" | "weights" | "studies";

/** What a person says of a run. */
export type Said = Pick<Recording, "name" | "colour" | "pinned">;

/** The study and the key under which it is kept. */
export interface KeptStudy {
  readonly id: string;
  readonly study: Study;
}

/** Runs without a pin beyond which a person is asked what may go. Nothing goes unasked. */
export const MOST_UNPINNED = 200;

interface Heed {
  /** Another tab wants a newer database: this page's connection is closed. */
  outdated(why: StorageError): void;
  /** A database that was given up has opened after all. */
  back(): void;
}
let heed: Heed = { outdated() {}, back() {} };

/** Whom to tell what happens to the connection by itself. */
export function heedConnection(by: Heed): void {
  heed = by;
}

let connection: Promise<Database> | null = null;
/** Why there is no use in asking for the database until the request that waits for another tab is answered. */
let blocked: StorageError | null = null;

async function request(onBlocked: (why: StorageError) => void): Promise<Database> {
  if (typeof indexedDB === "undefined" || !indexedDB) throw new StorageError("missing");
  return openDB<Schema>("cartpool", 2, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("runs", { keyPath: "id" });
        db.createObjectStore("weights");
      }
      if (from < 2) db.createObjectStore("studies");
    },
    blocked() {
      blocked = new StorageError("blocked");
      onBlocked(blocked);
    },
    /** A newer page in another tab waits for this one; without a version, the database is being deleted. */
    blocking(_current, wanted) {
      void closeLibrary();
      if (wanted !== null) heed.outdated(new StorageError("outdated"));
    },
    terminated() {
      connection = null; // the browser closed it: the next call opens it again
    },
  });
}

function open(): Promise<Database> {
  if (connection) return connection;
  if (blocked) return Promise.reject(blocked);
  let giveUp: (why: StorageError) => void;
  const requested = request((why) => giveUp(why));
  const inUse = inTime(
    new Promise<Database>((resolve, reject) => {
      giveUp = reject;
      requested.then(resolve, reject);
    }),
  );
  connection = inUse;
  inUse.catch(() => {
    if (connection === inUse) connection = null;
    requested.finally(() => (blocked = null)).then(openedLate, () => {});
  });
  return inUse;
}

/** A database that was given up serves the next call. */
function openedLate(db: Database): void {
  if (connection) db.close();
  else {
    connection = Promise.resolve(db);
    heed.back();
  }
}

/** Closes the database; the next call opens it again. Never rejects. */
export async function closeLibrary(): Promise<void> {
  const closing = connection;
  connection = null;
  await closing?.then(
    (db) => db.close(),
    () => {},
  );
}

type Transaction<M extends IDBTransactionMode> = IDBPTransaction<Schema, Store[], M>;

/** One transaction: what `work` gives, once it is written. Nothing is written where it rejects. */
async function transact<M extends "readonly" | "readwrite", T>(
  stores: Store[],
  mode: M,
  work: (transaction: Transaction<M>) => Promise<T>,
): Promise<T> {
  try {
    const transaction = await begin(stores, mode);
    // Each is heard, whichever rejects first; what ended the transaction says more than a request that it took along.
    const written = transaction.done.then(
      () => null,
      (why: unknown) => why,
    );
    const worked = work(transaction).then(
      (result) => ({ result }),
      (why: unknown) => {
        try {
          transaction.abort();
        } catch {
          // It has ended already.
        }
        return { why };
      },
    );
    const [end, what] = await inTime(Promise.all([written, worked])).catch((silent: unknown) => {
      void closeLibrary();
      throw silent;
    });
    if ("why" in what) throw isReason(what.why) ? what.why : (end ?? what.why);
    if (end !== null) throw end;
    return what.result;
  } catch (error) {
    throw storageError(error);
  }
}

/** An AbortError says that a transaction was ended, and not why. */
const isReason = (why: unknown) => !(why instanceof Error) || why.name !== "AbortError";

async function begin<M extends "readonly" | "readwrite">(stores: Store[], mode: M): Promise<Transaction<M>> {
  const db = await open();
  try {
    return db.transaction(stores, mode);
  } catch (error) {
    // A connection that the browser has closed under our hands.
    if ((error as Error).name !== "InvalidStateError") throw error;
    await closeLibrary();
    return (await open()).transaction(stores, mode);
  }
}

/** Every request of these: one that cannot even be made leaves none unheard. */
const all = <T extends readonly unknown[]>(...requests: { [K in keyof T]: () => Promise<T[K]> | T[K] }): Promise<T> =>
  Promise.all(requests.map(async (make) => make())) as Promise<unknown> as Promise<T>;

/** All runs, the newest first, and how many records are none that this page can read. */
export const readRuns = (): Promise<ReturnType<typeof runsIn>> =>
  transact(["runs"], "readonly", async (t) => {
    const { runs, unreadable } = runsIn(await t.objectStore("runs").getAll());
    return { runs: runs.sort(newestFirst), unreadable };
  });

export const allRuns = async (): Promise<Recording[]> => (await readRuns()).runs;

/** Those of these runs that are kept. */
export const runsOf = (ids: readonly string[]): Promise<Recording[]> =>
  transact(["runs"], "readonly", async (t) => {
    const found = await Promise.all(ids.map(async (id) => t.objectStore("runs").get(id)));
    return runsIn(found.filter((run) => run !== undefined)).runs;
  });

async function readWhole(t: Transaction<"readonly"> | Transaction<"readwrite">, id: string): Promise<Imported | null> {
  const [record, weights] = await all(
    () => t.objectStore("runs").get(id),
    () => t.objectStore("weights").get(id),
  );
  const run = runIn(record);
  return run && { run, weights: weightsIn(weights) };
}

async function writeWhole(t: Transaction<"readwrite">, { run, weights }: Imported): Promise<void> {
  await all(
    () => t.objectStore("runs").put(run),
    () => (weights ? t.objectStore("weights").put(weights, run.id) : t.objectStore("weights").delete(run.id)),
  );
}

/** A run and its weights, of the same moment; null where it is not kept. */
export const wholeRun = (id: string): Promise<Imported | null> =>
  transact(["runs", "weights"], "readonly", (t) => readWhole(t, id));

/**
 * Writes what a run has produced, and its weights where they are given; without, those that are kept stay. What a person
 * said of it stays as it stands in the store. Returns what then stands there.
 *
 * @param known it has been kept before: where it is not there, it was deleted meanwhile; nothing is written, and null returned
 */
export const mergeRun = (run: Recording, weights: Weights | null, known: boolean): Promise<Recording | null> =>
  transact(["runs", "weights"], "readwrite", async (t) => {
    const stored = await t.objectStore("runs").get(run.id);
    if (!stored && known) return null;
    const next = stored ? { ...run, name: stored.name, colour: stored.colour, pinned: stored.pinned } : run;
    await all(
      () => t.objectStore("runs").put(next),
      () => weights && t.objectStore("weights").put(weights, run.id),
    );
    return next;
  });

/** Changes what a person says of a run. Returns what then stands there; null where it is not kept. */
export const changeRun = (id: string, said: Partial<Said>): Promise<Recording | null> =>
  transact(["runs"], "readwrite", async (t) => {
    const stored = await t.objectStore("runs").get(id);
    if (!stored) return null;
    const next = { ...stored, ...said };
    await t.objectStore("runs").put(next);
    return next;
  });

/** Takes a run in unless one of its id is kept, which is left as it is. Returns that one, or null where it was taken in. */
export const addRun = (added: Imported): Promise<Imported | null> =>
  transact(["runs", "weights"], "readwrite", async (t) => {
    const stored = await readWhole(t, added.run.id);
    if (!stored) await writeWhole(t, added);
    return stored;
  });

/** Puts a run in the place of the one of its id, with its weights or without any: curves and weights are of one run. */
export const replaceRun = (run: Imported): Promise<void> =>
  transact(["runs", "weights"], "readwrite", (t) => writeWhole(t, run));

/** Forgets a run. Returns what was kept of it; null where that was nothing. */
export const forgetRun = (id: string): Promise<Imported | null> =>
  transact(["runs", "weights"], "readwrite", async (t) => {
    const stored = await readWhole(t, id);
    await all(
      () => t.objectStore("runs").delete(id),
      () => t.objectStore("weights").delete(id),
    );
    return stored;
  });

/** Which unpinned runs are beyond so many: the oldest. */
export function surplus(runs: readonly Pick<Recording, "id" | "created" | "pinned">[], most = MOST_UNPINNED): string[] {
  const unpinned = runs.filter(({ pinned }) => !pinned).sort(newestFirst);
  return unpinned.slice(most).map(({ id }) => id);
}

export const lastBegunFirst = (a: KeptStudy, b: KeptStudy) => (b.study.begun ?? "").localeCompare(a.study.begun ?? "");

/** All studies that can be read, the last begun first. */
export const allStudies = (): Promise<KeptStudy[]> =>
  transact(["studies"], "readonly", async (t) => {
    const [ids, values] = await all(
      () => t.objectStore("studies").getAllKeys(),
      () => t.objectStore("studies").getAll(),
    );
    return ids
      .flatMap((id, i) => {
        const study = parseStudy(values[i]);
        return study ? [{ id, study }] : [];
      })
      .sort(lastBegunFirst);
  });

/** A study as it is kept; null where there is none that can be read. */
export const keptStudy = (id: string): Promise<Study | null> =>
  transact(["studies"], "readonly", async (t) => parseStudy(await t.objectStore("studies").get(id)));

/** Changes a study to what `next` makes of the one that is kept, or of null. Returns what then stands there. */
export const changeStudy = (id: string, next: (stored: Study | null) => Study): Promise<Study> =>
  transact(["studies"], "readwrite", async (t) => {
    const study = next(parseStudy(await t.objectStore("studies").get(id)));
    await t.objectStore("studies").put(study, id);
    return study;
  });

export const dropStudy = (id: string): Promise<void> =>
  transact(["studies"], "readwrite", (t) => t.objectStore("studies").delete(id));
