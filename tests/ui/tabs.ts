/** What the browser gives to every tab of a site, for tests in Node: storage that tells the other tabs, and locks. */
import { vi } from "vitest";

/** A tab: the listeners that its modules have added. */
export interface Tab {
  readonly listeners: Set<(event: { key: string | null }) => void>;
}

/** localStorage of one site. What a tab writes, the others hear of. */
export function site() {
  const items = new Map<string, string>();
  const tabs = new Set<Tab>();
  let writing: Tab | null = null;
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem(key: string, value: string) {
      items.set(key, value);
      for (const tab of tabs) if (tab !== writing) for (const listen of tab.listeners) listen({ key });
    },
  });
  return {
    items,
    /** Imports a module as a new tab does. */
    async open<T>(load: () => Promise<T>): Promise<{ module: T; as<R>(work: () => R): R }> {
      const tab: Tab = { listeners: new Set() };
      tabs.add(tab);
      vi.resetModules();
      vi.stubGlobal("addEventListener", (_: string, listen: (event: { key: string | null }) => void) =>
        tab.listeners.add(listen),
      );
      const module = await load();
      return {
        module,
        as(work) {
          writing = tab;
          try {
            return work();
          } finally {
            writing = null;
          }
        },
      };
    },
  };
}

/** Web Locks of one browser, as far as the page uses them. Returns what is held. */
export function locks(): Set<string> {
  const held = new Set<string>();
  vi.stubGlobal("navigator", {
    locks: {
      async request(name: string, _: { ifAvailable: true }, work: (lock: object | null) => unknown) {
        await null;
        if (held.has(name)) return work(null);
        held.add(name);
        try {
          return await work({ name });
        } finally {
          await null; // the browser has it back a little later
          held.delete(name);
        }
      },
      query: async () => ({ held: [...held].map((name) => ({ name })) }),
    },
  });
  return held;
}
