/**
 * The script of a run's worker threads. Node's own threads read no TypeScript, and a loader in each would take longer than
 * a run: it is bundled once, and again when the source has changed.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";
import { newest } from "../newest.ts";
import { root } from "../process.ts";

const sources = ["src", "package-lock.json"];
const kept = join(root, "node_modules/.cache/node-threads");
/** Milliseconds after which nobody starts threads of an older script. */
const OLD = 86_400_000;

/** The path of the script, which need not exist: another for another source. */
const scriptOf = (built: number) => join(kept, String(Math.round(built)), "thread.cjs");

/** Modules of WebAssembly are read from where they are installed. */
const wasmPaths: Plugin = {
  name: "cartpool:wasm-paths",
  enforce: "pre",
  async load(id) {
    const [path, query] = id.split("?");
    return path.endsWith(".wasm") && query === "url" ? `export default ${JSON.stringify(path)}` : null;
  },
};

async function bundle(script: string): Promise<void> {
  const { build } = await import("vite");
  const folder = join(script, "..");
  const own = `${folder}-${process.pid}`;
  await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [wasmPaths],
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, "thread.ts"),
      outDir: own,
      target: "node20",
      minify: false,
      copyPublicDir: false,
      rolldownOptions: {
        output: { entryFileNames: basename(script), chunkFileNames: "[name]-[hash].cjs", format: "cjs" },
      },
    },
  });
  try {
    renameSync(own, folder);
  } catch {
    rmSync(own, { recursive: true }); // another process was faster
  }
}

function forgetOld(): void {
  for (const name of readdirSync(kept))
    if (Date.now() - statSync(join(kept, name)).mtimeMs > OLD)
      rmSync(join(kept, name), { recursive: true, force: true });
}

/** The path of the script, made where it is not there. */
export async function threadScript(): Promise<string> {
  const script = scriptOf(newest(...sources.map((source) => join(root, source))));
  if (statSync(script, { throwIfNoEntry: false })) return script;
  mkdirSync(kept, { recursive: true });
  await bundle(script);
  forgetOld();
  return script;
}
