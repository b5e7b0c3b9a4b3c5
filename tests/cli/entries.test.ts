import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Plugin } from "vite";
import { afterEach, describe, expect, it } from "vitest";
import { workerEntries } from "../../src/cli/entries.ts";

let root = "";
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A page whose worker consists of these modules, built; what every file of it imports by a path of its own. */
async function built(worker: Record<string, string>, ...others: Plugin[]): Promise<Map<string, string[]>> {
  root = mkdtempSync(join(tmpdir(), "cartpool-entries-"));
  mkdirSync(join(root, "src"));
  const files = {
    "index.html": '<script type="module" src="/src/page.js"></script>',
    "src/page.js": 'new Worker(new URL("./thread.worker.js", import.meta.url), { type: "module" });',
    ...worker,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const result = await build({
    root,
    configFile: false,
    logLevel: "silent",
    worker: { format: "es", plugins: () => [workerEntries(), ...others] },
    build: { write: false, minify: false, target: "es2022" },
  });
  if (!("output" in result)) throw new Error("one bundle was expected");
  return new Map(
    result.output.map((file) => {
      const text = file.type === "chunk" ? file.code : String(file.source);
      const imported = [...text.matchAll(/(?:from|import)\s*\(?["'`]\.\/([^"'`]+)/g)].map(([, name]) => name);
      return [file.fileName.replace("assets/", ""), imported];
    }),
  );
}

const shared = 'export const listen = (what) => addEventListener("message", () => console.warn(what));';
const lazily = {
  "src/shared.js": shared,
  "src/thread.worker.js": 'import { listen } from "./shared.js"; listen("entry"); import("./lazy.js");',
  "src/lazy.js": 'import { listen } from "./shared.js"; listen("lazy");',
};

describe("the bundle of a worker", () => {
  it("has what a lazy chunk shares with the entry in a chunk of its own", async () => {
    const files = await built(lazily);
    const [entry] = [...files.keys()].filter((name) => name.startsWith("thread.worker"));
    const [lazy] = [...files.keys()].filter((name) => name.startsWith("lazy"));
    expect(files.get(entry)).toContain(lazy);
    expect(files.get(lazy)).toEqual([expect.stringMatching(/^shared/)]);
    expect([...files.values()].flat()).not.toContain(entry);
  });

  it("is refused where the bundler puts the shared part into the entry", async () => {
    const merged: Plugin = { name: "merged", options: (of) => ({ ...of, preserveEntrySignatures: false }) };
    await expect(built(lazily, merged)).rejects.toThrow(/lazy-.*\.js imports assets\/thread\.worker-.*move what both/);
  });

  it("is refused where a module imports the entry itself", async () => {
    const cyclic = {
      "src/thread.worker.js": 'export const name = "thread"; import("./lazy.js");',
      "src/lazy.js": 'import { name } from "./thread.worker.js"; console.warn(name);',
    };
    await expect(built(cyclic)).rejects.toThrow(/imports assets\/thread\.worker-/);
  });
});
