/** A run as plain data: what the library keeps, and what a file holds. */
import * as z from "zod/mini";
import { oneLine } from "../../core/text.ts";
import { MOST_EDITS } from "../../runtime/plan/columns.ts";
import { networksOf } from "../../runtime/plan/config.ts";
import type { Runner, Snapshot, UpdatePoint } from "../../runtime/seen/view.ts";
import { decodeRun, encodeRun, keptQuery } from "../address/url.ts";
import { toBase64Url } from "../share/bytes.ts";
import { configOf } from "./configOf.ts";
import { evaluationColumns, onlyUpdates, returnColumns, tableOf, updatesShape } from "./curves.ts";
import { atMost, onlyOf, pointsOf } from "./points.ts";

const amount = z.number().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
const moment = { envSteps: amount, updates: amount, seconds: amount };
const hash = z.string().check(z.regex(/^([0-9a-f]{8})?$/));
const text = (most: number) => z.string().check(z.maxLength(most));
/** Nothing that breaks a line, a file or a picture. */
const plain = (most: number) => text(most).check(z.regex(/^\P{C}*$/u));

/** What belongs to a run beside its data. */
export interface Weights {
  readonly parameters: Float32Array | null;
  /** Opaque bytes of the runtime, to go on from: of a moment that it knows itself. */
  readonly checkpoint: Uint8Array | null;
  /** The update that the parameters are of; the run may have got further. */
  readonly updates?: number;
}

/** UTF-16 units of a name. */
export const LONGEST_NAME = 80;
/** Characters of what ended a run. */
const ENDING = 500;
/** Bytes of a file that are read at all. */
export const MOST_BYTES = 40 * 2 ** 20;
export const TOO_LARGE = `The file is larger than ${MOST_BYTES / 2 ** 20} MB.`;
/** What this page writes. 1, of A2C and A3C alone, is read too. */
export const FORMAT = 2;

/** All of a run but the points of its updates, which are as its algorithm declares them. */
const recordingShape = z.object({
  format: z.union([z.literal(1), z.literal(FORMAT)]),
  id: z.string().check(z.regex(/^[\w-]{1,64}$/)),
  /** ISO 8601 */
  created: text(40).check(z.refine((when) => /^\d{4}-\d\d-\d\dT/.test(when) && !Number.isNaN(Date.parse(when)))),
  name: z.pipe(
    text(LONGEST_NAME),
    z.transform((name) => oneLine(name, LONGEST_NAME)),
  ),
  /** Index into the palette. */
  colour: z.int().check(z.minimum(0), z.maximum(63)),
  pinned: z.boolean(),
  /** The configuration that it began with, with what `auto` chose, as a run query. */
  query: z.pipe(text(4000), z.transform(keptQuery)),
  engine: plain(40),
  ...moment,
  episodes: amount,
  mean100: z.nullable(z.number()),
  solvedAt: z.nullable(z.object(moment)),
  /** How it stands: running (when the page was left), paused, stopped, failed. */
  phase: z.enum(["running", "paused", "stopped", "failed"]),
  ending: z.nullable(
    z.pipe(
      text(ENDING),
      z.transform((words) => oneLine(words, ENDING)),
    ),
  ),
  parametersHash: hash,
  returnsHash: hash,
  edits: atMost(
    MOST_EDITS,
    z.object({ update: amount, envSteps: amount, seconds: amount, key: plain(40), value: plain(200) }),
  ),
  /** Edits that happened and are not among them. */
  editsMissing: z.optional(amount),
  returns: pointsOf(returnColumns),
  evaluations: pointsOf(evaluationColumns),
});

export type Recording = Omit<z.infer<typeof recordingShape>, "format"> & {
  format: typeof FORMAT;
  updateSeries: UpdatePoint[];
};

/** The network of a recording, for its weights. */
export function networkOf(recording: Pick<Recording, "query">) {
  return networksOf(configOf(recording)).policy;
}

/** The run of a snapshot; null while nothing is learnt. What a person said of it (name, colour, pin) is kept from `before`. */
export function recordingOf(
  s: Snapshot,
  before: Pick<Recording, "id" | "created" | "name" | "colour" | "pinned">,
): Recording | null {
  if (s.phase === "idle" || s.phase === "starting" || s.updates === 0) return null;
  return {
    format: FORMAT,
    ...before,
    query: encodeRun(s.begun),
    engine: s.engine?.engine ?? "",
    envSteps: s.envSteps,
    updates: s.updates,
    seconds: s.seconds,
    episodes: s.episodes,
    mean100: s.meanReturn100,
    solvedAt: s.solvedAt && { ...s.solvedAt },
    phase: s.phase,
    ending: (s.stopReason ?? (s.phase === "failed" ? s.problem : null))?.slice(0, ENDING) ?? null,
    parametersHash: s.parametersHash,
    returnsHash: s.returnsHash,
    edits: s.edits.map((edit) => ({ ...edit })),
    ...(s.editsMissing > 0 && { editsMissing: s.editsMissing }),
    returns: onlyOf(returnColumns, s.returns),
    evaluations: onlyOf(evaluationColumns, s.evaluations),
    updateSeries: onlyUpdates(s.begun.algo, s.updateSeries),
  };
}

/** The parameters of the run under way; null when there are none. */
export function weightsOf(runner: Runner): Float32Array | null {
  const { network } = runner;
  if (!network) return null;
  const weights = new Float32Array(network.size);
  return runner.parameters(weights) < 0 ? null : weights;
}

/** A file of a run, with its weights and checkpoint (as base64url) where they are given. */
export function toJson(recording: Recording, weights: Weights | null = null): string {
  const { parameters, checkpoint } = weights ?? { parameters: null, checkpoint: null };
  const beside = {
    ...(parameters && {
      parameters: toBase64Url(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)),
    }),
    ...(checkpoint && { checkpoint: toBase64Url(checkpoint) }),
  };
  return JSON.stringify({ ...recording, ...beside }, null, 1);
}

/** A run out of data that anybody may have written; or what is wrong with them, in words that follow "the file". */
export function recordingIn(data: unknown): { readonly run: Recording } | { readonly problem: string } {
  const otherwise = (path: readonly PropertyKey[]) => ({
    problem: `is no run of Cartpool: ${path.join(".") || "its content"} is not as expected`,
  });
  const { data: run, error } = recordingShape.safeParse(data);
  if (!run) return otherwise(error.issues[0].path);
  const { config, problems } = decodeRun(run.query);
  if (problems.length > 0) return { problem: `holds a configuration that cannot be read: ${problems[0].message}` };
  const given = Object.hasOwn(data as object, "updateSeries") ? (data as { updateSeries: unknown }).updateSeries : null;
  const updates = updatesShape(config.algo).safeParse(given);
  if (!updates.success) return otherwise(["updateSeries", ...updates.error.issues[0].path]);
  return { run: { ...run, format: FORMAT, updateSeries: updates.data as UpdatePoint[] } };
}

/** A record of the browser's store as a run; null where another version of the page, or something else, wrote it. */
export function runIn(record: unknown): Recording | null {
  const read = recordingIn(record);
  return "run" in read ? read.run : null;
}

/** The runs among what is kept, and how many records are none that this page can read: they are kept all the same. */
export function runsIn(records: readonly unknown[]): { readonly runs: Recording[]; readonly unreadable: number } {
  const runs = records.map(runIn).filter((run) => run !== null);
  return { runs, unreadable: records.length - runs.length };
}

const weightsShape = z.object({
  parameters: z.nullable(z.instanceof(Float32Array)),
  checkpoint: z.nullable(z.instanceof(Uint8Array)),
  updates: z.optional(amount),
});

/** What is kept beside a run; null where there is nothing that can be read. */
export const weightsIn = (record: unknown): Weights | null => weightsShape.safeParse(record).data ?? null;

/** Its curves as one table. */
export const toCsv = (recording: Recording): string => tableOf(configOf(recording).algo, recording);
