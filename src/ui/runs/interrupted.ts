/**
 * Runs that were under way when their page was left: each is marked while it lasts, so that what is marked and owned by no
 * tab was interrupted.
 */
import { create } from "zustand";
import { underWayAnywhere } from "./ownership.ts";
import type { Recording } from "./recording.ts";

const PREFIX = "cartpool under way ";
/** Milliseconds until the locks of the page that was just left are gone for certain. */
const GONE = 500;

export const useInterrupted = create<{ run: Recording | null }>()(() => ({ run: null }));

/** A browser that stores nothing marks nothing. */
function stored<T>(of: (storage: Storage) => T, otherwise: T): T {
  try {
    return of(localStorage);
  } catch {
    return otherwise;
  }
}

const marked = (): string[] =>
  stored((storage) => Object.keys(storage).filter((key) => key.startsWith(PREFIX)), []).map((key) =>
    key.slice(PREFIX.length),
  );

export const mark = (id: string): void => stored((storage) => storage.setItem(PREFIX + id, ""), undefined);
export const unmark = (id: string): void => stored((storage) => storage.removeItem(PREFIX + id), undefined);

/** Offers the newest of these runs that was interrupted. */
export async function offerInterrupted(runs: readonly Recording[]): Promise<void> {
  const ids = marked();
  if (ids.length === 0) return;
  await new Promise((resolve) => setTimeout(resolve, GONE));
  const underWay = await underWayAnywhere();
  for (const id of ids) if (!runs.some((run) => run.id === id) && !underWay.has(id)) unmark(id); // it was deleted
  const run = runs.find(({ id }) => ids.includes(id) && !underWay.has(id));
  if (run) useInterrupted.setState({ run });
}

/** The person has chosen what becomes of it. */
export function settleInterrupted(): void {
  const { run } = useInterrupted.getState();
  if (run) unmark(run.id);
  useInterrupted.setState({ run: null });
}
