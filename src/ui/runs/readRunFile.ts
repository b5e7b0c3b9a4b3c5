/** Reading a run's file from the page, in a thread of its own. */
import type { Imported } from "./reading.ts";
import type { Answer } from "./reading.worker.ts";
import { MOST_BYTES, TOO_LARGE } from "./recording.ts";

/**
 * What a file holds. Rejects with a sentence about what is wrong with it, or with the signal's reason once that is aborted:
 * the thread is ended at once, whatever it is doing.
 */
export async function readRunFile(file: File, signal?: AbortSignal): Promise<Imported> {
  if (file.size > MOST_BYTES) throw new Error(TOO_LARGE);
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./reading.worker.ts", import.meta.url), { type: "module", name: "file" });
  try {
    return await new Promise<Imported>((done, fail) => {
      worker.addEventListener("message", ({ data }: MessageEvent<Answer>) =>
        "problem" in data ? fail(new Error(data.problem)) : done(data),
      );
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        const why = event.message || "the part of the page that reads files could not be loaded";
        fail(new Error(`The file was not read: ${why}. Check the connection and try again.`));
      });
      signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
      worker.postMessage(file);
    });
  } finally {
    worker.terminate();
  }
}
