/** WebGPU without a browser: Dawn, the implementation in Chromium, as an addon of Node. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { root } from "./process.ts";

/** What of the package is used. */
interface Dawn {
  create(options: readonly string[]): GPU;
  readonly globals: object;
}

const PACKAGE: string = "webgpu"; // no literal: it need not be installed

/**
 * Makes `navigator.gpu` what it is in a browser. Returns the adapter's name, or why there is none. From then on the
 * process ends by `process.exit` only: Dawn keeps it alive.
 */
export async function startDawn(): Promise<{ adapter: string } | { problem: string }> {
  let dawn: Dawn;
  try {
    dawn = await import(PACKAGE);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem =
      code === "ERR_MODULE_NOT_FOUND"
        ? `Dawn is not installed: npm i --no-save ${PACKAGE} (about 130 MB; nothing else here needs it)`
        : `Dawn does not load: ${message}`;
    return { problem };
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter)
    return {
      problem: "Dawn finds no graphics adapter (on Linux it needs libvulkan1 and the Vulkan driver of the device)",
    };
  const { vendor, architecture, device, description } = adapter.info;
  return { adapter: [vendor, architecture, device, description].filter((text) => text).join(", ") };
}

/**
 * Imports a module of src with its packages as a page gets them, which Node by itself does not: TensorFlow.js as ES
 * modules, files by their address. `use` is called with what it exports; then the bundle is deleted.
 */
export async function withBundled<M, T>(path: string, use: (module: M) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-bundle-"));
  try {
    await build({
      root,
      configFile: false,
      publicDir: false,
      logLevel: "warn",
      ssr: { noExternal: true },
      resolve: { mainFields: ["module", "main"] },
      build: { ssr: path, outDir: folder, emptyOutDir: true, minify: false, target: "es2022" },
    });
    return await use(await import(pathToFileURL(join(folder, basename(path).replace(/\.ts$/, ".js"))).href));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
