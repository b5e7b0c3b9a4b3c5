/**
 * Reading a run's file, which anybody may have written: nothing of it is walked, decoded or allocated before its size is
 * known to be that of a run. Every refusal is a sentence. On the page this happens in a worker: see readRunFile.ts.
 */
import * as z from "zod/mini";
import { checkpointLength, HEAD, isOutdated } from "../../runtime/memory/checkpoint.ts";
import { checkpointFault } from "../../runtime/memory/checkpointCheck.ts";
import { planRun } from "../../runtime/plan/plan.ts";
import { base64Length, fromBase64Url } from "../share/bytes.ts";
import { configOf } from "./configOf.ts";
import { FORMAT, MOST_BYTES, networkOf, type Recording, recordingIn, TOO_LARGE, type Weights } from "./recording.ts";

/** What a file held. */
export interface Imported {
  readonly run: Recording;
  readonly weights: Weights | null;
}

/** Values of a file at most: the largest run has a third of it. */
const MOST_VALUES = 150_000;

const [QUOTE, BACKSLASH, COMMA, LIST, OBJECT] = [...'"\\,[{'].map((c) => c.charCodeAt(0));

/** Whether a file of JSON holds more values than any run. Strings, of which weights are long ones, are stepped over. */
function hasTooMany(json: Uint8Array): boolean {
  let values = 0;
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === COMMA || c === LIST || c === OBJECT) {
      if (++values > MOST_VALUES) return true;
    } else if (c === QUOTE) i = endOfString(json, i);
  }
  return false;
}

/** The quote that ends the string which begins at `from`. */
function endOfString(json: Uint8Array, from: number): number {
  for (let end = from; ; ) {
    end = json.indexOf(QUOTE, end + 1);
    if (end < 0) return json.length;
    let escapes = 0;
    while (json[end - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
}

/** Characters that hold the head of a checkpoint: whole groups of four. */
const HEAD_TEXT = 4 * Math.ceil(HEAD / 3);

const packed = z.optional(z.string());
const packedShape = z.object({ parameters: packed, checkpoint: packed });

/** Bytes of this length; throws `otherwise` where the text is not theirs. */
function unpack(text: string, length: number, otherwise: string): Uint8Array<ArrayBuffer> {
  if (text.length === base64Length(length)) {
    try {
      return fromBase64Url(text);
    } catch {
      // The sentence below says it.
    }
  }
  throw new Error(otherwise);
}

/** The head of a checkpoint that an earlier version of the page wrote: it says why nobody can go on from it. Else null. */
function outdatedHead(state: string): Uint8Array | null {
  try {
    const head = fromBase64Url(state.slice(0, HEAD_TEXT)).slice(0, HEAD);
    return isOutdated(head) ? head : null;
  } catch {
    return null; // no base64
  }
}

/** The weights that a file holds, held to the run that they belong to. Throws what is wrong. */
function weightsOfFile(data: unknown, run: Recording): Weights | null {
  const shape = packedShape.safeParse(data);
  if (!shape.success) throw new Error(`${shape.error.issues[0].path.join(".")} is no text`);
  const { parameters: numbers, checkpoint: state } = shape.data;
  if (numbers === undefined && state === undefined) return null;
  const { size } = networkOf(run);
  const notWeights = `its weights are not the ${size} numbers of its network`;
  const parameters = numbers === undefined ? null : new Float32Array(unpack(numbers, 4 * size, notWeights).buffer);
  if (parameters && !parameters.every(Number.isFinite)) throw new Error(notWeights);
  if (state === undefined) return { parameters, checkpoint: null };
  const outdated = outdatedHead(state);
  if (outdated) return { parameters, checkpoint: outdated };
  const plan = planRun(configOf(run));
  const notCheckpoint = "its checkpoint belongs to another configuration or was written by another version of the page";
  const checkpoint = unpack(state, checkpointLength(plan), notCheckpoint);
  const problem = checkpointFault(plan, checkpoint);
  if (problem) throw new Error(problem);
  return { parameters, checkpoint };
}

const NOT_JSON = "The file is not JSON: export a run as JSON and import that.";

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Error(NOT_JSON);
  }
}

/** Reads the bytes of a file. Throws a sentence about what is wrong with it. */
export function fromBytes(bytes: Uint8Array): Imported {
  if (bytes.length > MOST_BYTES) throw new Error(TOO_LARGE);
  if (hasTooMany(bytes)) throw new Error(`The file is no run of Cartpool: it holds more than ${MOST_VALUES} values.`);
  const data = parse(bytes);
  const format = typeof data === "object" && data !== null && "format" in data ? data.format : undefined;
  if (typeof format === "number" && format > FORMAT)
    throw new Error(
      `The file was written by a newer version of Cartpool (format ${format}; this one reads ${FORMAT}).`,
    );
  const read = recordingIn(data);
  if ("problem" in read) throw new Error(`The file ${read.problem}.`);
  try {
    return { run: read.run, weights: weightsOfFile(data, read.run) };
  } catch (error) {
    throw new Error(`The weights of the file cannot be read: ${(error as Error).message}.`);
  }
}

/** The same of a text. */
export const fromJson = (text: string): Imported => fromBytes(new TextEncoder().encode(text));
