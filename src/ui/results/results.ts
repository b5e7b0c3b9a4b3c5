/** Results of many seeds of an algorithm on an environment, as `npm run results` writes them to public/results. */
import * as z from "zod/mini";

/** Bytes of a file at most. */
export const MOST_BYTES = 20_000;
/** Points of a curve at first; they are halved where a file would be too large. */
export const MOST_POINTS = 48;
/** The first seed: those before are for tuning. */
export const FIRST_SEED = 11;
/** Episodes of the final evaluation. */
export const FINAL_EPISODES = 100;

const count = z.number().check(z.minimum(0));

const seedShape = z.object({
  seed: count,
  /** When the mean return of 100 training episodes reached the threshold; null where it never did. */
  solvedAt: z.nullable(z.object({ envSteps: count, seconds: count })),
  /** The whole run. */
  envSteps: count,
  seconds: count,
  /** Greedy, on the parameters of the end; null of a run that failed. */
  final: z.nullable(z.object({ mean: z.number(), std: count })),
  /** Mean of the evaluations within each of so many equal stretches of the run; null where there is none. */
  curve: z.array(z.nullable(z.number())).check(z.maxLength(MOST_POINTS)),
  /** Why it failed. */
  problem: z.optional(z.string()),
});
export type SeedResult = z.infer<typeof seedShape>;

const resultsShape = z.object({
  algo: z.string(),
  env: z.string(),
  /** Of every run but for its seed, with a value for every hyperparameter, and the version of links that it is in. */
  query: z.string(),
  v: z.int(),
  /** Of Cartpool. */
  version: z.string(),
  /** Of a run, and of its first stretch's end times the number of stretches. */
  envSteps: z.int().check(z.minimum(1)),
  /** Mean return that solves the task; null where there is none. */
  threshold: z.nullable(z.number()),
  /** Whether each run had one thread, or one for each of its parts: then the seconds are those of several cores. */
  threads: z.enum(["one", "many"]),
  points: z.int().check(z.minimum(1), z.maximum(MOST_POINTS)),
  seeds: z.array(seedShape),
});
export type Results = z.infer<typeof resultsShape>;

/** Results as they were written; null where they are none. */
export function parseResults(data: unknown): Results | null {
  const parsed = resultsShape.safeParse(data);
  return parsed.success && parsed.data.seeds.every(({ curve }) => curve.length === parsed.data.points)
    ? parsed.data
    : null;
}

/** More digits than a mean of episodes knows. */
export const rounded = (value: number): number => Number(value.toPrecision(5));

const meanOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : rounded(known.reduce((a, b) => a + b, 0) / known.length);
};

/** Evaluations by stretches of a run. evaluations: [env-steps, mean, …] */
export function curveOf(evaluations: readonly (readonly number[])[], envSteps: number, points: number) {
  const stretches = Array.from({ length: points }, (): number[] => []);
  for (const [at, mean] of evaluations)
    stretches[Math.min(points - 1, Math.max(0, Math.ceil((at * points) / envSteps) - 1))].push(mean);
  return stretches.map(meanOf);
}

const halved = ({ points, seeds, ...rest }: Results): Results => ({
  ...rest,
  points: points / 2,
  seeds: seeds.map((of) => ({
    ...of,
    curve: Array.from({ length: points / 2 }, (_, i) => meanOf(of.curve.slice(2 * i, 2 * i + 2))),
  })),
});

/** As a file, a line a seed. */
function textOf({ seeds, ...head }: Results): string {
  const lines = seeds.map((of) => `    ${JSON.stringify(of)}`).join(",\n");
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "seeds": [\n${lines}\n  ]\n}\n`;
}

/** The file of results, its curves thinned until it is small enough. Throws where it cannot be. */
export function fileOf(results: Results): string {
  const text = textOf(results);
  if (new TextEncoder().encode(text).length <= MOST_BYTES) return text;
  if (results.points % 2 !== 0)
    throw new Error(
      `results of ${results.seeds.length} seeds are larger than ${MOST_BYTES} bytes, however thin their curves`,
    );
  return fileOf(halved(results));
}
