/**
 * Whether a thread still lives. A worker can end without an event (it closed itself, the browser took it away); but the
 * browser gives a lock back when its holder has ended, and only then. So every thread holds a lock of its own for as
 * long as it lives, and the page asks for it: no polling, at any pace.
 */

/** Absent where a page has no origin of its own, such as a sandboxed frame. */
const locks = (): LockManager | null => (typeof navigator === "undefined" ? null : (navigator.locks ?? null));

/** A name of a lock that no other thread of this browser holds. No UUID: a frame in a page over plain http has none. */
export const newLock = (): string => `cartpool thread ${Date.now()} ${Math.random()}`;

/** What a thread posts once it holds its lock, where it and the page exchange plain messages. */
export interface Held {
  readonly held: string;
}

/** Holds a lock from now on, as long as this thread lives. Resolves once it is held; false where there are no locks. */
export function holdForLife(name: string): Promise<boolean> {
  const manager = locks();
  if (!manager) return Promise.resolve(false);
  return new Promise((resolve) => {
    manager
      .request(name, () => {
        resolve(true);
        return new Promise(() => {});
      })
      .catch(() => resolve(false));
  });
}

/** Resolves when the thread that holds a lock has ended, however it ended. The lock must be held already. */
export async function ended(name: string): Promise<void> {
  await locks()?.request(name, () => {});
}

/** Does some work while no other thread does work of the same name. Where there are no locks, at once. */
export async function alone(name: string, work: () => void): Promise<void> {
  const manager = locks();
  let begun = false;
  try {
    if (manager)
      return await manager.request(name, () => {
        begun = true;
        work();
      });
  } catch (error) {
    if (begun) throw error;
  }
  work();
}
