/** The thread that reads one file and hands back what it holds, so that the page goes on meanwhile. It is then ended. */
import * as z from "zod/mini";
import { type Held, holdForLife } from "../../runtime/threads/life.ts";
import { fromBytes, type Imported } from "./reading.ts";

/** What the thread answers: what the file held, or a sentence about what is wrong with it. */
export type Answer = Imported | { readonly problem: string };

/** What it is to do, and the lock that it holds meanwhile: see life.ts. */
export interface Errand {
  readonly file: File;
  readonly lock: string;
}

z.config({ jitless: true }); // evaluating text is not allowed under the page's policy

async function read(file: File): Promise<Answer> {
  try {
    return fromBytes(new Uint8Array(await file.arrayBuffer()));
  } catch (error) {
    // A file that is gone, or whose disk is: everything else is a sentence already.
    const why = error instanceof DOMException ? `The file cannot be read: ${error.message}` : (error as Error).message;
    return { problem: why };
  }
}

addEventListener("message", async ({ data: { file, lock } }: MessageEvent<Errand>) => {
  if (await holdForLife(lock)) postMessage({ held: lock } satisfies Held);
  const answer = await read(file);
  const weights = "weights" in answer ? answer.weights : null;
  const transfer = [weights?.parameters?.buffer, weights?.checkpoint?.buffer].filter((b) => b instanceof ArrayBuffer);
  postMessage(answer, { transfer });
});
