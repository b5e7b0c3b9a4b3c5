/** Writes the service worker of a build: which files it keeps, and the headers that it adds. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";
import type { Release } from "../../service/release.ts";
import { headersFor, readHeaders } from "../headers.ts";

/** Files of public that the page itself asks for. */
const ownFiles = ["start.js", "favicon.svg"];

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/**
 * What the page needs to work with all its panels: its scripts, its styles, what these name (fonts, scripts of threads), and
 * what those scripts import from the start. What a thread imports later is TensorFlow.js.
 *
 * @param scripts of the page, as paths
 * @param all files of the build, and what is in them where it is text
 */
export function filesToKeep(scripts: readonly string[], all: ReadonlyMap<string, string>): string[] {
  const kept = new Set([...scripts, ...[...all.keys()].filter((path) => path.endsWith(".css"))]);
  const own = [...kept].map((path) => all.get(path) ?? "");
  for (const path of all.keys()) if (own.some((text) => text.includes(nameOf(path)))) kept.add(path);
  // A set goes on to what is added while it is walked.
  for (const path of kept) {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    for (const [, name] of (all.get(path) ?? "").matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g))
      if (all.has(folder + name)) kept.add(folder + name);
  }
  return [...kept].sort();
}

const isText = (name: string) => /\.(js|css)$/.test(name);

/** The build's files below assets. */
function builtFiles(folder: string): Map<string, string> {
  const names = readdirSync(join(folder, "assets"));
  return new Map(
    names.map((name) => [`assets/${name}`, isText(name) ? readFileSync(join(folder, "assets", name), "utf8") : ""]),
  );
}

async function write(folder: string, release: Release): Promise<void> {
  const result = (await build({
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    define: { RELEASE: JSON.stringify(release) },
    build: {
      write: false,
      target: "es2022",
      rolldownOptions: {
        input: fileURLToPath(new URL("../../service/worker.ts", import.meta.url)),
        output: { format: "iife" },
      },
    },
  })) as Rolldown.RolldownOutput;
  writeFileSync(join(folder, "service-worker.js"), result.output[0].code);
}

/** The page that was built can be kept for use without a connection. */
export const offline = (): Plugin => ({
  name: "cartpool:offline",
  apply: "build",
  writeBundle: {
    order: "post",
    sequential: true,
    async handler({ dir }, bundle) {
      if (!dir) return;
      const scripts = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? [file.fileName] : []));
      const files = [...filesToKeep(scripts, builtFiles(dir)), ...ownFiles];
      const hash = createHash("sha256").update(readFileSync(join(dir, "index.html")));
      for (const file of files) hash.update(file);
      for (const file of ownFiles) hash.update(readFileSync(join(dir, file)));
      await write(dir, { name: hash.digest("hex").slice(0, 12), files, headers: headersFor(readHeaders(dir), "/") });
    },
  },
});
