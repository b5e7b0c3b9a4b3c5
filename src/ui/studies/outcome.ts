/** What a study found, as plain data: what the page shows of it and keeps. */
import * as z from "zod/mini";
import { keptQuery } from "../address/url.ts";

/** Runs of one study at most. */
export const MOST_RUNS = 64;

const count = z.number().check(z.minimum(0));
/** A mean before there is one is not a number. */
const real = z.union([z.number(), z.nan()]);

const outcomeShape = z.object({
  /** Which of the compared configurations it belongs to. */
  group: z.int().check(z.minimum(0)),
  /** With what `auto` chose, at full speed. */
  query: z.string(),
  seed: count,
  envSteps: count,
  updates: count,
  seconds: count,
  /** That the machine slept meanwhile, beside `seconds`. */
  sleptSeconds: z.optional(count),
  solvedAt: z.nullable(z.object({ envSteps: count, seconds: count })),
  /** Mean return of the last 100 episodes. */
  final: real,
  curve: z.array(z.object({ envSteps: count, seconds: count, mean100: real, mean: real })).check(z.maxLength(600)),
  parametersHash: z.string(),
  /** Why it failed. */
  problem: z.nullable(z.string()),
});

export type Outcome = z.infer<typeof outcomeShape>;

const studyShape = z.object({
  /** ISO 8601 */
  begun: z.optional(z.string().check(z.maxLength(40))),
  /** The compared configurations as run queries. */
  queries: z.array(z.pipe(z.string(), z.transform(keptQuery))).check(z.minLength(1), z.maxLength(MOST_RUNS)),
  /** Runs at the same time shared the cores: wall times mean nothing. */
  together: z.boolean(),
  /** A run of the page shared the cores for a while. */
  disturbed: z.boolean(),
  /** Environment steps of each run. */
  limit: z.int().check(z.minimum(1)),
  /** Each ends when it has solved the task, too. A study that does not say it is shown, and not gone on with. */
  whenSolved: z.optional(z.boolean()),
  /** Runs that were to be made: as many seeds of every configuration. */
  total: z.int().check(z.minimum(1), z.maximum(MOST_RUNS)),
  outcomes: z.array(outcomeShape).check(z.maxLength(MOST_RUNS)),
});

export type Study = z.infer<typeof studyShape>;

/** A study as it was kept; null where it is none. */
export function parseStudy(data: unknown): Study | null {
  const parsed = studyShape.safeParse(data);
  if (!parsed.success) return null;
  const { queries, total, outcomes } = parsed.data;
  const different = new Set(outcomes.map(({ group, seed }) => `${group} ${seed}`)).size;
  const isWhole =
    total % queries.length === 0 &&
    outcomes.length <= total &&
    different === outcomes.length &&
    outcomes.every(({ group }) => group < queries.length);
  return isWhole ? parsed.data : null;
}
