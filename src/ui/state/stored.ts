/** A value of localStorage that every tab reads and writes: each changes what is stored at that moment, never a copy of its own. */
export interface Stored<T> {
  /** What is stored, or what this page wrote last where the browser stores nothing for it. */
  read(): T;
  /** Changes what is stored, at once. Returns what then stands there. */
  change(next: (stored: T) => T): T;
  /** Calls `heed` when another tab has changed it. Returns how to stop. */
  follow(heed: (value: T) => void): () => void;
}

/** @param parse makes a whole value of whatever is stored: broken or foreign text, or null */
export function stored<T>(key: string, parse: (text: string | null) => T): Stored<T> {
  /** What could not be written, and lasts as long as the page. */
  let unwritten: string | null = null;
  const read = (): T => {
    try {
      return parse(unwritten ?? localStorage.getItem(key));
    } catch {
      return parse(unwritten);
    }
  };
  return {
    read,
    change(next) {
      const value = next(read());
      const text = JSON.stringify(value);
      try {
        localStorage.setItem(key, text);
        unwritten = null;
      } catch {
        unwritten = text;
      }
      return value;
    },
    follow(heed) {
      const listen = (event: StorageEvent) => {
        // No key: everything was cleared.
        if (event.key === key || event.key === null) heed(read());
      };
      globalThis.addEventListener?.("storage", listen);
      return () => globalThis.removeEventListener?.("storage", listen);
    },
  };
}
