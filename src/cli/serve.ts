/** Builds the page where dist is out of date and serves it: npm start. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, type PreviewServer, preview } from "vite";
import { newest } from "./newest.ts";
import { isMain, onInterrupt, root } from "./process.ts";

const sources = ["src", "public", "index.html", "vite.config.ts", "package.json"];

/** Whether dist was built after the last change of what it is built from. */
export function isFresh(folder: string): boolean {
  return newest(...sources.map((source) => join(folder, source))) < newest(join(folder, "dist/index.html"));
}

export async function buildIfNeeded(): Promise<void> {
  if (isFresh(root)) return;
  console.error("Building the page");
  await build({ root, logLevel: "warn" });
}

export interface ServeOptions {
  host?: string;
  /** The next free one is taken where it is in use, unless strict. */
  port?: number;
  strict?: boolean;
}

/** Serves dist, cross-origin isolated. */
export async function serve({
  host,
  port,
  strict,
}: ServeOptions = {}): Promise<{ server: PreviewServer; url: string }> {
  const server = await preview({ root, logLevel: "warn", preview: { host, port, strictPort: strict, open: false } });
  const urls = server.resolvedUrls;
  return { server, url: urls?.local[0] ?? urls?.network[0] ?? `http://localhost:${port}/` };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { host: { type: "string" }, port: { type: "string" } } });
  await buildIfNeeded();
  const { server, url } = await serve({ host: values.host, port: values.port ? Number(values.port) : undefined });
  console.log(`\n  Cartpool is at ${url}\n  Press Ctrl-C to stop.\n`);
  onInterrupt(() => {
    server.close().finally(() => process.exit(0));
    // A browser may keep its connection open.
    setTimeout(() => process.exit(0), 500);
  });
}

if (isMain(import.meta.url))
  main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
