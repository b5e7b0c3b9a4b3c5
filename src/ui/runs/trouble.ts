/** What can be wrong with the browser's database, and how long one waits for it. */
const kinds = {
  missing: "it offers this page no database (IndexedDB)",
  silent: "its database does not answer",
  full: "its storage for this site is full: delete runs that you do not need, or free space on the disk",
  blocked: "another tab with an older Cartpool holds the database: close or reload that tab",
  outdated: "a newer Cartpool has been opened in another tab: reload this one",
  failed: "its database failed",
} as const;

export type Trouble = keyof typeof kinds;

/** The message is the end of a sentence: why the browser keeps nothing. */
export class StorageError extends Error {
  constructor(
    readonly trouble: Trouble,
    detail?: string,
  ) {
    super(detail ? `${kinds[trouble]} (${detail})` : kinds[trouble]);
  }
}

/** Whatever a call of the database threw. */
export function storageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (name === "QuotaExceededError") return new StorageError("full");
  if (name === "VersionError") return new StorageError("outdated");
  return new StorageError("failed", message || name);
}

/** Seconds after which a database that has not answered is taken to be one that does not. */
export const PATIENCE = 10;

/** What a promise gives; rejects when it has not settled in time. The time that a machine sleeps is not counted. */
export function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let seconds = 0;
    const timer = setInterval(() => ++seconds === PATIENCE && reject(new StorageError("silent")), 1000);
    promise.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
