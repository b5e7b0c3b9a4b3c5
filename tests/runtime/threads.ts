/** Real threads in Node for the tests: a TypeScript file is bundled as the build would, then run in worker threads. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "vite";
import { afterEach } from "vitest";

const running = new Set<Worker>();
afterEach(async () => {
  await Promise.all([...running].map((worker) => worker.terminate()));
});

const bundles = new Map<string, Promise<string>>();

async function bundle(file: string): Promise<string> {
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry, formats: ["cjs"], fileName: "thread" },
      rolldownOptions: { external: [/^node:/] },
    },
  });
  const [{ output }] = [result].flat() as { output: { type: string; code?: string }[] }[];
  const chunks = output.filter(({ type }) => type === "chunk");
  if (chunks.length !== 1) throw new Error(`${file} became ${chunks.length} files`);
  return chunks[0].code!;
}

/**
 * Runs a file of this folder in threads, one for each value of `data`, all at once. What a thread results in is its first message;
 * it rejects when the thread fails or ends before.
 */
export async function threads<D, R>(file: string, data: readonly D[]): Promise<{ result: Promise<R> }[]> {
  if (!bundles.has(file)) bundles.set(file, bundle(file));
  const code = await bundles.get(file)!;
  return data.map((workerData) => {
    const worker = new Worker(code, { eval: true, workerData });
    running.add(worker);
    worker.once("exit", () => running.delete(worker));
    const result = new Promise<R>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`the thread ended with ${code} and had said nothing`)));
    });
    result.catch(() => {}); // heard by whoever awaits it
    return { result };
  });
}
