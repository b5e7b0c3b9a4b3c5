/** Reading a run's file from the page, in a thread of its own. */
import { ended, type Held, newLock } from "../../runtime/threads/life.ts";
import type { Imported } from "./reading.ts";
import type { Answer, Errand } from "./reading.worker.ts";
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
      const lost = (why: string) => fail(new Error(`The file was not read: ${why}. Try again.`));
      worker.addEventListener("message", ({ data }: MessageEvent<Answer | Held>) => {
        if ("held" in data) void ended(data.held).then(() => lost("its thread ended without a word"), fail);
        else if ("problem" in data) fail(new Error(data.problem));
        else done(data);
      });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        lost(event.message || "the part of the page that reads files could not be loaded; check the connection");
      });
      signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
      worker.postMessage({ file, lock: newLock() } satisfies Errand);
    });
  } finally {
    worker.terminate();
  }
}
