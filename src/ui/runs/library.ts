/** The library as the page shows it, and what a person changes in it. */
import { create } from "zustand";
import { forgetRun, keepRun, readRuns } from "./database.ts";
import type { Recording, Weights } from "./recording.ts";
import { isShown, toggleShown } from "./shown.ts";

/** Which run it is, and what a person said of it. */
export type Identity = Pick<Recording, "id" | "created" | "name" | "colour" | "pinned">;

interface LibraryState {
  readonly runs: readonly Recording[];
  /** The run that the page's runner holds or held last, as it began. */
  readonly current: Identity | null;
  /** Why runs are not kept, e.g. because the browser stores nothing for this site. */
  readonly problem: string | null;
  /** Records of this browser that are no run which this page can read. */
  readonly unreadable: number;
}

export const useLibrary = create<LibraryState>()(() => ({ runs: [], current: null, problem: null, unreadable: 0 }));

/** Says why runs are not kept. */
export function refuse(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  useLibrary.setState({
    problem: `This browser does not keep runs here (${why}). Training goes on; export what you want to keep.`,
  });
}

/** Puts a run into the list that the page shows. */
export function show(run: Recording): void {
  const { runs } = useLibrary.getState();
  const others = runs.filter(({ id }) => id !== run.id);
  useLibrary.setState({ runs: [run, ...others].sort((a, b) => (a.created < b.created ? 1 : -1)) });
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
  const known = runs.find(({ id }) => id === current?.id);
  return known && current ? { ...current, name: known.name, colour: known.colour, pinned: known.pinned } : current;
}

/** Reads the runs of this browser. */
export const readLibrary = (): Promise<void> => readRuns().then((read) => useLibrary.setState(read), refuse);

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
