/**
 * A run as it is shared: what happened in it, packed into the hash of its address. The query beside it is the
 * configuration that the run began with; together they are enough to repeat a lockstep run and to tell whether it did.
 */
import { hash32 } from "../../core/layout.ts";
import type { Edit, ReturnPoint } from "../../runtime/view.ts";
import { lttb } from "../charts/lttb.ts";
import { deflate, fromBase64Url, inflate, Reader, toBase64Url, Writer } from "./bytes.ts";

export type SharedPoint = Pick<ReturnPoint, "envSteps" | "updates" | "seconds" | "mean">;

export interface SharedRun {
  /** A hash of the configuration that it began with: the query beside it may have been changed. */
  readonly configuration: number;
  /** When it was shared. */
  readonly envSteps: number;
  readonly updates: number;
  readonly seconds: number;
  /** Of the parameters and of all returns at that moment, 8 hex digits each. */
  readonly parametersHash: string;
  readonly returnsHash: string;
  readonly edits: readonly Pick<Edit, "update" | "key" | "value">[];
  /** Its reward curve, thinned; means are off by at most half a level, see LEVELS. */
  readonly curve: readonly SharedPoint[];
}

/** Values of a mean that can be told apart, from the least to the greatest of the curve. */
export const LEVELS = 1024;
/** Points of a curve that is not thinned further to keep an address short. */
export const MOST_POINTS = 96;
const FORMAT = 1;
const MOST_BYTES = 200_000;
const MOST_EDITS = 4096;
const CHANGED = "it was cut off or changed on the way";
const WORD = /^[\w.-]{1,40}$/; // of a key
const HASH = /^[0-9a-f]{8}$/;

/** As text for the hash of an address: letters, digits, - and _. */
export async function packRun(run: SharedRun, points = MOST_POINTS): Promise<string> {
  const curve = lttb(
    run.curve,
    points,
    (p) => p.envSteps,
    (p) => p.mean,
  );
  const means = curve.map((p) => p.mean);
  const low = Math.fround(Math.min(0, ...means));
  const high = Math.fround(Math.max(1, ...means));
  const level = (mean: number) => Math.round(((mean - low) / (high - low)) * (LEVELS - 1));
  const out = new Writer()
    .count(FORMAT)
    .count(run.configuration)
    .count(run.envSteps)
    .count(run.updates)
    .count(run.seconds * 1000);
  for (const hash of [run.parametersHash, run.returnsHash]) out.count(Number.parseInt(hash, 16));
  out.count(run.edits.length);
  let update = 0;
  for (const edit of run.edits) {
    out
      .count(edit.update - update)
      .word(edit.key)
      .word(edit.value);
    update = edit.update;
  }
  out.count(curve.length).real(low).real(high);
  // Column by column: alike numbers side by side are packed better.
  const columns: ((p: SharedPoint) => number)[] = [
    (p) => p.envSteps,
    (p) => p.updates,
    (p) => Math.round(p.seconds * 1000),
    (p) => level(p.mean),
  ];
  for (const column of columns) {
    let before = 0;
    for (const point of curve) {
      out.whole(column(point) - before);
      before = column(point);
    }
  }
  const body = out.done();
  return toBase64Url(await deflate(Uint8Array.from([...new Writer().count(hash32(body)).done(), ...body])));
}

/** Reads what `packRun` wrote. Throws a sentence about what is wrong with it. */
export async function unpackRun(text: string): Promise<SharedRun> {
  try {
    const from = new Reader(await inflate(fromBase64Url(text), MOST_BYTES));
    const checksum = from.count();
    if (checksum !== hash32(from.rest)) throw new Error(CHANGED);
    return read(from);
  } catch (error) {
    const why = error instanceof Error && /^it /.test(error.message) ? error.message : CHANGED;
    throw new Error(`The curve in this link cannot be read: ${why}. The configuration is not affected.`);
  }
}

function read(from: Reader): SharedRun {
  const format = from.count();
  if (format !== FORMAT) throw new Error(`it has format ${format}, and this page reads format ${FORMAT}`);
  const configuration = from.count();
  const envSteps = from.count();
  const updates = from.count();
  const seconds = from.count() / 1000;
  const hash = () => from.count().toString(16).padStart(8, "0");
  const parametersHash = hash();
  const returnsHash = hash();
  if (!HASH.test(parametersHash) || !HASH.test(returnsHash)) throw new Error("it holds an impossible hash");
  const edits: SharedRun["edits"][number][] = [];
  const editCount = from.count();
  if (editCount > MOST_EDITS) throw new Error(`it holds more than ${MOST_EDITS} changes`);
  let update = 0;
  for (let i = 0; i < editCount; i++) {
    update += from.count();
    const [key, value] = [from.word(), from.word()];
    if (!WORD.test(key) || value.length > 40) throw new Error("it holds a change of nothing known");
    edits.push({ update, key, value });
  }
  const count = from.count();
  if (count > MOST_BYTES) throw new Error("it holds too many points");
  const [low, high] = [from.real(), from.real()];
  const column = () => {
    let value = 0;
    return Array.from({ length: count }, () => {
      value += from.whole();
      return value;
    });
  };
  const [steps, atUpdate, milliseconds, levels] = [column(), column(), column(), column()];
  if (!from.isAtEnd) throw new Error("it holds more than a run");
  const curve = steps.map((x, i) => ({
    envSteps: x,
    updates: atUpdate[i],
    seconds: milliseconds[i] / 1000,
    mean: low + (levels[i] / (LEVELS - 1)) * (high - low),
  }));
  return { configuration, envSteps, updates, seconds, parametersHash, returnsHash, edits, curve };
}

/** Key of the hash of an address: #run=… */
export const HASH_KEY = "run";

/** The packed run of a location's hash, or null. */
export const packedIn = (hash: string): string | null => new URLSearchParams(hash.replace(/^#/, "")).get(HASH_KEY);

/**
 * The whole address of a shared run, thinned until it is short enough where that is possible.
 *
 * @param address of the configuration that the run began with
 * @param most characters
 */
export async function sharedAddress(address: string, run: SharedRun, most: number): Promise<string> {
  let whole = "";
  for (const points of [MOST_POINTS, 64, 40, 24]) {
    whole = `${address}#${HASH_KEY}=${await packRun(run, points)}`;
    if (whole.length <= most) break;
  }
  return whole;
}

/** What a repeated run says of the one that was shared. */
export type Verdict = "reproduced" | "differs" | "same configuration" | null;

/** @param check hashes of this run after as many updates as the shared one had; null before */
export function verdictOf(
  shared: SharedRun,
  lockstep: boolean,
  check: { readonly parametersHash: string; readonly returnsHash: string } | null,
  updates: number,
): Verdict {
  if (!lockstep) return updates >= shared.updates ? "same configuration" : null;
  if (check === null) return null;
  const same = check.parametersHash === shared.parametersHash && check.returnsHash === shared.returnsHash;
  return same ? "reproduced" : "differs";
}
