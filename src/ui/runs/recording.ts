/** A run as plain data: what the library keeps, and what a file holds. */
import * as z from "zod/mini";
import { oneLine } from "../../core/text.ts";
import { envs } from "../../envs/index.ts";
import { networkSpec } from "../../nn/spec.ts";
import { checkpointProblem } from "../../runtime/checkpoint.ts";
import type { RunConfig } from "../../runtime/config.ts";
import { planRun } from "../../runtime/plan.ts";
import type { Runner, Snapshot } from "../../runtime/view.ts";
import { toTable } from "../csv.ts";
import { fromBase64Url, toBase64Url } from "../share/bytes.ts";
import { decodeRun, encodeRun } from "../url.ts";

const count = z.number().check(z.minimum(0));
const moment = { envSteps: count, updates: count, seconds: count };
/** A mean before there is one is not a number; JSON has only null for that. */
const maybe = z.union([
  z.number(),
  z.pipe(
    z.null(),
    z.transform(() => Number.NaN),
  ),
]);

/** What belongs to a run beside its data. */
export interface Weights {
  readonly parameters: Float32Array | null;
  /** Opaque bytes of the runtime, to go on from. */
  readonly checkpoint: Uint8Array | null;
}

const POINTS = 600;
/** UTF-16 units of a name. */
export const LONGEST_NAME = 80;
const EDITS = 4096;
/** Bytes of a file that are read at all. */
export const MOST_BYTES = 40 * 2 ** 20;
export const FORMAT = 1;

const series = <T extends z.core.$ZodType>(point: T) => z.array(point).check(z.maxLength(POINTS));

export const recordingShape = z.object({
  format: z.literal(FORMAT),
  id: z.string().check(z.regex(/^[\w-]{1,64}$/)),
  /** ISO 8601 */
  created: z.string().check(z.maxLength(40)),
  name: z.pipe(
    z.string().check(z.maxLength(LONGEST_NAME)),
    z.transform((name) => oneLine(name, LONGEST_NAME)),
  ),
  /** Index into the palette. */
  colour: z.int().check(z.minimum(0), z.maximum(63)),
  pinned: z.boolean(),
  /** The configuration that it began with, with what `auto` chose, as a run query. */
  query: z.string().check(z.maxLength(4000)),
  engine: z.string().check(z.maxLength(40)),
  ...moment,
  episodes: count,
  mean100: z.nullable(z.number()),
  solvedAt: z.nullable(z.object(moment)),
  /** How it stands: running (when the page was left), paused, stopped, failed. */
  phase: z.enum(["running", "paused", "stopped", "failed"]),
  ending: z.nullable(z.string().check(z.maxLength(500))),
  parametersHash: z.string().check(z.maxLength(8)),
  returnsHash: z.string().check(z.maxLength(8)),
  edits: z
    .array(z.object({ update: count, envSteps: count, seconds: count, key: z.string(), value: z.string() }))
    .check(z.maxLength(EDITS)),
  returns: series(
    z.object({ ...moment, episodes: count, mean: z.number(), min: z.number(), max: z.number(), mean100: maybe }),
  ),
  evaluations: series(
    z.object({ ...moment, episodes: count, mean: z.number(), std: z.number(), min: z.number(), max: z.number() }),
  ),
  updateSeries: series(
    z.object({
      ...moment,
      loss: z.number(),
      policyLoss: z.number(),
      valueLoss: z.number(),
      entropy: z.number(),
      gradientNorm: z.number(),
      lr: z.number(),
      explainedVariance: z.number(),
      staleness: z.number(),
      maxStaleness: z.number(),
    }),
  ),
});

export type Recording = z.infer<typeof recordingShape>;

/** The configuration that a recording began with. */
export const configOf = (recording: Pick<Recording, "query">): RunConfig => decodeRun(recording.query).config;

/** The network of a recording, for its weights. */
export function networkOf(recording: Pick<Recording, "query">) {
  const { env, values } = configOf(recording);
  const { observations, actions } = envs[env];
  return networkSpec(observations.length, actions.names.length, values.hidden as number[], values.activation as "tanh");
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
    ending: s.stopReason ?? (s.phase === "failed" ? s.problem : null),
    parametersHash: s.parametersHash,
    returnsHash: s.returnsHash,
    edits: s.edits.map((edit) => ({ ...edit })),
    returns: [...s.returns],
    evaluations: [...s.evaluations],
    updateSeries: [...s.updateSeries],
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

const packed = z.optional(z.string().check(z.maxLength(MOST_BYTES)));
const weightsShape = z.object({ parameters: packed, checkpoint: packed });

/** The weights that a file holds, held to the run that they belong to. Throws a sentence about what is wrong. */
function weightsIn(data: unknown, run: Recording): Weights | null {
  const { parameters: numbers, checkpoint: state } = weightsShape.parse(data);
  if (numbers === undefined && state === undefined) return null;
  const parameters = numbers === undefined ? null : new Float32Array(fromBase64Url(numbers).buffer);
  const { size } = networkOf(run);
  if (parameters && (parameters.length !== size || !parameters.every(Number.isFinite)))
    throw new Error(`its weights are not the ${size} numbers of its network`);
  const checkpoint = state === undefined ? null : fromBase64Url(state);
  const problem = checkpoint && checkpointProblem(planRun(configOf(run)), checkpoint);
  if (problem) throw new Error(problem);
  return { parameters, checkpoint };
}

/** What a file held. */
export interface Imported {
  readonly run: Recording;
  readonly weights: Weights | null;
}

/** Reads a file. Throws a sentence about what is wrong with it. */
export function fromJson(text: string): Imported {
  if (text.length > MOST_BYTES) throw new Error(`The file is larger than ${MOST_BYTES / 2 ** 20} MB.`);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error("The file is not JSON: export a run as JSON and import that.");
  }
  const format = typeof data === "object" && data !== null && "format" in data ? data.format : undefined;
  if (typeof format === "number" && format > FORMAT)
    throw new Error(
      `The file was written by a newer version of Cartpool (format ${format}; this one reads ${FORMAT}).`,
    );
  const parsed = recordingShape.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`The file is no run of Cartpool: ${issue.path.join(".") || "its content"} is not as expected.`);
  }
  const { problems } = decodeRun(parsed.data.query);
  if (problems.length > 0)
    throw new Error(`The file holds a configuration that cannot be read: ${problems[0].message}.`);
  try {
    return { run: parsed.data, weights: weightsIn(data, parsed.data) };
  } catch (error) {
    throw new Error(`The weights of the file cannot be read: ${(error as Error).message}.`);
  }
}

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
