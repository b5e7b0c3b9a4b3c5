/** A run as plain data: what the library keeps, and what a file holds. */
import * as z from "zod/mini";
import { oneLine } from "../../core/text.ts";
import { MOST_EDITS } from "../../runtime/plan/columns.ts";
import { networksOf, type RunConfig } from "../../runtime/plan/config.ts";
import type { Runner, Snapshot } from "../../runtime/seen/view.ts";
import { decodeRun, encodeRun, keptQuery } from "../address/url.ts";
import { toTable } from "../parts/csv.ts";
import { toBase64Url } from "../share/bytes.ts";
import { atMost, onlyOf, pointsOf } from "./points.ts";

const amount = z.number().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
const moment = { envSteps: amount, updates: amount, seconds: amount };
const atMoment = { envSteps: "amount", updates: "amount", seconds: "amount" } as const;
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
export const FORMAT = 1;

/** Columns of its curves. */
const curves = {
  returns: { ...atMoment, episodes: "amount", mean: "real", min: "real", max: "real", mean100: "late" },
  evaluations: { ...atMoment, episodes: "amount", mean: "real", std: "real", min: "real", max: "real" },
  updateSeries: {
    ...atMoment,
    loss: "real",
    policyLoss: "real",
    valueLoss: "real",
    entropy: "real",
    gradientNorm: "real",
    lr: "real",
    explainedVariance: "real",
    staleness: "real",
    maxStaleness: "real",
  },
} as const;

export const recordingShape = z.object({
  format: z.literal(FORMAT),
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
  returns: pointsOf(curves.returns),
  evaluations: pointsOf(curves.evaluations),
  updateSeries: pointsOf(curves.updateSeries),
});

export type Recording = z.infer<typeof recordingShape>;

/** The configuration that a recording began with. */
export const configOf = (recording: Pick<Recording, "query">): RunConfig => decodeRun(recording.query).config;

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
    returns: onlyOf(curves.returns, s.returns),
    evaluations: onlyOf(curves.evaluations, s.evaluations),
    updateSeries: onlyOf(curves.updateSeries, s.updateSeries),
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

/** A record of the browser's store as a run; null where another version of the page, or something else, wrote it. */
export function runIn(record: unknown): Recording | null {
  const { data } = recordingShape.safeParse(record);
  return data && decodeRun(data.query).problems.length === 0 ? data : null;
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

/** Episodes, evaluations and updates as one table, a row a point. */
export function toCsv(recording: Recording): string {
  const columns = [
    ["what", ""],
    ["envSteps", "env-steps"],
    ["updates", "updates"],
    ["seconds", "s"],
    ["episodes", "episodes"],
    ["mean", "return"],
    ["min", "return"],
    ["max", "return"],
    ["mean100", "return"],
    ["std", "return"],
    ["loss", ""],
    ["policyLoss", ""],
    ["valueLoss", ""],
    ["entropy", "nats"],
    ["gradientNorm", ""],
    ["lr", ""],
    ["explainedVariance", ""],
    ["staleness", "versions"],
    ["maxStaleness", "versions"],
  ] as const;
  const rows: Record<string, number | string>[] = [
    ...recording.returns.map((p) => ({ what: "training", ...p })),
    ...recording.evaluations.map((p) => ({ what: "evaluation", ...p })),
    ...recording.updateSeries.map((p) => ({ what: "updates", ...p })),
  ];
  return toTable([
    columns.map(([name, unit]) => (unit ? `${name} (${unit})` : name)),
    ...rows.map((row) => columns.map(([name]) => row[name])),
  ]);
}
