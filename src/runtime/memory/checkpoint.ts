/**
 * A checkpoint: all that a run needs to go on as if it had never stopped, as of the end of an update. The learner writes
 * it between two updates; each actor's copies are as they were when the last unroll that was learnt from was whole, so
 * a lockstep run that goes on from a checkpoint has the bits of one that was not interrupted. Asynchronous actors act
 * again what was not yet learnt from. Edits and logs are the page's to keep.
 */

import type { RunPlan } from "../plan/plan.ts";
import { copyCopies } from "./copies.ts";
import { checkpointRegion, type RunMemory } from "./memory.ts";

/** magic, format, identity, bytes: four words before the data. */
export const HEAD = 16;
const MAGIC = 0x43504b50; // "PKPC"
/** Another one for every change of what the same configuration puts into a checkpoint. */
const FORMAT = 2;

/** Bytes of every checkpoint of this plan. */
export const checkpointLength = (plan: RunPlan): number => HEAD + checkpointRegion(plan).bytes;

/** The written checkpoint as bytes of its own. To be trusted only while `whole` says so in the run's memory. */
export function checkpointBytes(plan: RunPlan, memory: ArrayBufferLike): Uint8Array {
  const { at, bytes, hash } = checkpointRegion(plan);
  const whole = new Uint8Array(HEAD + bytes);
  new Uint32Array(whole.buffer, 0, 4).set([MAGIC, FORMAT, hash, bytes]);
  whole.set(new Uint8Array(memory, at, bytes), HEAD);
  return whole;
}

/** The data behind the head, as bytes of their own. */
export const checkpointData = (whole: Uint8Array): Uint8Array<ArrayBuffer> => whole.slice(HEAD);

function headOf(whole: Uint8Array): Uint32Array {
  const head = new Uint32Array(HEAD / 4);
  new Uint8Array(head.buffer).set(whole.subarray(0, HEAD));
  return head;
}

/** Whether an earlier version of the page wrote a checkpoint that begins with this head: nobody can go on from it any more. */
export function isOutdated(head: Uint8Array): boolean {
  const [magic, format] = headOf(head);
  return magic === MAGIC && format >= 1 && format < FORMAT;
}

/**
 * Why bytes are no checkpoint to go on from with this plan; null where they are one by their head. What they say is looked at
 * in checkpointCheck.ts.
 */
export function checkpointProblem(plan: RunPlan, whole: Uint8Array): string | null {
  const { bytes, hash } = checkpointRegion(plan);
  const head = headOf(whole);
  if (head[0] !== MAGIC) return "this is not a checkpoint of a Cartpool run";
  if (isOutdated(whole))
    return "this checkpoint was written by an earlier version of Cartpool, which laid a run out otherwise";
  if (head[1] !== FORMAT || head[2] !== hash || head[3] !== bytes || whole.length !== HEAD + bytes)
    return "this checkpoint belongs to another configuration or was written by another version of the page";
  if (!wasWritten(plan, whole)) return "this checkpoint is empty: the run ended before its first one was written";
  return null;
}

/** A series has buckets of width 1 from its first row on; memory that nobody wrote is zero. */
function wasWritten(plan: RunPlan, whole: Uint8Array): boolean {
  const { offsets, nodes } = checkpointRegion(plan).layout;
  const at = HEAD + offsets.returns + nodes.returns.offsets.width;
  return new DataView(whole.buffer, whole.byteOffset + at, 8).getFloat64(0, true) >= 1;
}

/**
 * Puts a checkpoint into memory that was just formatted; every part of the run goes on from it. Throws where it is of
 * another configuration or version. What it says must have been looked at: see checkpointCheck.ts.
 */
export function restoreCheckpoint(plan: RunPlan, memory: RunMemory, whole: Uint8Array): void {
  const problem = checkpointProblem(plan, whole);
  if (problem !== null) throw new Error(problem);
  const { at, bytes } = checkpointRegion(plan);
  new Uint8Array(memory.header.magic.buffer, at, bytes).set(whole.subarray(HEAD));
  memory.checkpoint.resumed[0] = 1;
  memory.checkpoint.whole[0] = 1;
  const { data } = memory.checkpoint;
  data.actors.forEach((copies, i) => {
    if (data.begun[i] === 0) return;
    const { kept, begun } = memory.actors[i];
    copyCopies(copies, kept[0]);
    begun[0] = 1;
  });
}
