/**
 * TensorFlow.js out of memory. Its WebAssembly module aborts then and answers nothing any more, and what an update has
 * allocated elsewhere may never be freed: the thread is of no further use.
 */

/** The name stays when the error crosses threads. */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
}

/** What broke it down on this thread, for good: what fails later is its consequence. */
let broken: OutOfMemory | null = null;

export const isBroken = (): boolean => broken !== null;

/** What browsers and Emscripten say. */
const said = /\baborted\(|out of memory|allocation|\bunreachable\b|out of bounds/i;

/** A failure of TensorFlow.js on one of its backends; where it is want of memory, in words that say what to do. */
export function brokenDown(failure: unknown, engine: string): unknown {
  if (broken) return broken;
  const message = failure instanceof Error ? failure.message : String(failure);
  // A typed array of an impossible length is one that would have been too large.
  if (!(failure instanceof RangeError || failure instanceof WebAssembly.RuntimeError || said.test(message)))
    return failure;
  const [first] = message.split(/\.?\s*(?:Build with -sASSERTIONS|\n)/); // advice for who compiles it
  broken = new OutOfMemory(
    `TensorFlow.js ran out of memory on ${engine} (${first}). Use a smaller batch (fewer actors, environments or steps of an unroll) or smaller layers, or engine=simd.`,
  );
  return broken;
}
