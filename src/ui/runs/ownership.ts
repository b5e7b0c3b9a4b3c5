/**
 * One tab at a time has what is under way: a run, or a study whose runs are being made. Held as a Web Lock, which the
 * browser takes back when the tab is closed or dies. Where it has none, every tab is told that it may.
 */
interface Hold {
  readonly granted: Promise<boolean>;
  release(): void;
}

const PREFIX = "cartpool:";
const held = new Map<string, Hold>();
/** What is being let go: settles when the browser has it back. */
const leaving = new Map<string, Promise<unknown>>();

/** Asks to have something, by its id. False: another tab has it. True as well where this tab has it already. */
export function hold(id: string): Promise<boolean> {
  const known = held.get(id);
  if (known) return known.granted;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const locks = globalThis.navigator?.locks;
  const granted = new Promise<boolean>((resolve) => {
    if (!locks) return resolve(true);
    const back = Promise.resolve(leaving.get(id))
      .then(() =>
        locks.request(PREFIX + id, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock ? released : undefined;
        }),
      )
      .catch(() => resolve(true)); // the browser refuses locks to this page
    leaving.set(id, back);
    void back.then(() => leaving.get(id) === back && leaving.delete(id));
  });
  const mine = { granted, release };
  held.set(id, mine);
  void granted.then((has) => {
    if (!has && held.get(id) === mine) held.delete(id);
  });
  return granted;
}

/** Whether this tab has it, or is about to. */
export const isHeld = (id: string): boolean => held.has(id);

export function letGo(id: string): void {
  held.get(id)?.release();
  held.delete(id);
}

/** The run that this tab has. */
let run: string | null = null;

/** Does something while this tab has it. Null: another tab has it. */
export async function whileHeld<T>(id: string, work: () => Promise<T>): Promise<{ readonly result: T } | null> {
  const before = held.has(id);
  if (!(await hold(id))) return null;
  try {
    return { result: await work() };
  } finally {
    if (!before && run !== id) letGo(id);
  }
}

/** What any tab has, by id: this one's too. */
export async function underWayAnywhere(): Promise<ReadonlySet<string>> {
  const all = await globalThis.navigator?.locks?.query().catch(() => undefined);
  const names = all?.held?.map(({ name }) => name ?? "") ?? [...held.keys()].map((id) => PREFIX + id);
  return new Set(names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)));
}

/** This tab begins a run or goes on with one; the one before is let go. False: another tab has it, and nothing changes. */
export async function holdRun(id: string): Promise<boolean> {
  if (!(await hold(id))) return false;
  if (run !== null && run !== id) letGo(run);
  run = id;
  return true;
}

/** A run of this tab has ended and is kept. */
export function letGoOfRun(id: string): void {
  letGo(id);
  if (run === id) run = null;
}
