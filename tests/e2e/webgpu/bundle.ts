/** Builds the harness and serves it to a page, on an address of the built page's server. */
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { build, type Rolldown } from "vite";

let files: Promise<Map<string, string | Uint8Array>> | null = null;

async function bundle(): Promise<Map<string, string | Uint8Array>> {
  const result = (await build({
    configFile: false,
    publicDir: false,
    logLevel: "error",
    base: "./",
    build: {
      write: false,
      target: "es2022",
      minify: false,
      rolldownOptions: {
        input: fileURLToPath(new URL("harness.ts", import.meta.url)),
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "harness.js" },
      },
    },
  })) as Rolldown.RolldownOutput;
  return new Map(result.output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
}

const types = { js: "text/javascript", html: "text/html", wasm: "application/wasm" } as Record<string, string>;

/** Shows a blank page that can import the harness. */
export async function openHarness(page: Page): Promise<void> {
  files ??= bundle();
  const served = new Map(await files).set(
    "index.html",
    "<!doctype html><title>Harness</title><link rel=icon href=data:,>",
  );
  await page.route("**/harness/**", (route) => {
    const name = new URL(route.request().url()).pathname.replace("/harness/", "");
    const body = served.get(name);
    return body === undefined
      ? route.fulfill({ status: 404 })
      : route.fulfill({
          body: Buffer.from(body as string),
          headers: {
            "Content-Type": types[name.split(".").at(-1) as string] ?? "application/octet-stream",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
          },
        });
  });
  await page.goto("/harness/index.html");
}

type Harness = typeof import("./harness.ts");

/** Calls a function of the harness in the page. */
export const call = <K extends keyof Harness>(
  page: Page,
  name: K,
  // biome-ignore lint/suspicious/noExplicitAny: the bound of functions with different arguments
  ...args: Harness[K] extends (...args: any[]) => unknown ? Parameters<Harness[K]> : never
): Promise<Awaited<ReturnType<Harness[K]>>> =>
  page.evaluate(
    async ({ name, args }) => {
      const harness = await import(/* @vite-ignore */ new URL("/harness/harness.js", location.href).href);
      return harness[name](...args);
    },
    { name, args },
  );
