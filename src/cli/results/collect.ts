/** Trains the seeds of a pair that are missing in its file of results. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { type EnvId, envs } from "../../envs/index.ts";
import { evaluateFinally } from "../../runtime/acting/finalEvaluation.ts";
import { defaultConfig, paramsOf, type RunConfig, resolved, withValues } from "../../runtime/plan/config.ts";
import { decodeRun, encodeRun } from "../../ui/address/url.ts";
import {
  curveOf,
  FINAL_EPISODES,
  FIRST_SEED,
  fileOf,
  MOST_POINTS,
  parseResults,
  type Results,
  rounded,
  type SeedResult,
} from "../../ui/results/results.ts";
import { type Sharing, share, type Trained, train } from "../node/train.ts";
import { root } from "../process.ts";
import { lengths, USUAL_LENGTH } from "./published.ts";

export interface Pair {
  readonly algo: AlgorithmId;
  readonly env: EnvId;
}

export const resultsFolder = join(root, "public/results");
const pathOf = ({ algo, env }: Pair, folder: string): string => join(folder, `${algo}.${env}.json`);

/** A run of a pair but for its seed: its defaults, on the SIMD kernels. */
const configOf = ({ algo, env }: Pair, envSteps: number): RunConfig =>
  resolved(withValues(defaultConfig(algo, env), { until: [{ when: "steps", count: envSteps }] }), "simd");

/** With a value for every hyperparameter but the seed: what the defaults of a version are is said, not looked up. */
function fullQuery(config: RunConfig): { query: string; v: number } {
  const { algo, env, values } = config;
  const v = Number(new URLSearchParams(encodeRun(config)).get("v"));
  const pairs = Object.entries(paramsOf(algo, env)).filter(([key]) => key !== "seed");
  const named = pairs.map(([key, param]) => `${key}=${param.format(values[key])}`);
  return { query: [`v=${v}`, `algo=${algo}`, `env=${env}`, ...named].join("&"), v };
}

/** Runs in lockstep are the same on one thread, where they cost least. */
const threadsOf = ({ algo }: Pair) => (algorithms[algo].synchrony === "lockstep" ? "one" : "many");

/** Of a pair for which no run has been made yet. */
export function freshResults(pair: Pair, envSteps: number): Results {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return {
    ...pair,
    ...fullQuery(configOf(pair, envSteps)),
    version,
    envSteps,
    threshold: envs[pair.env].solvedAt,
    threads: threadsOf(pair),
    points: MOST_POINTS,
    seeds: [],
  };
}

/** What two queries differ in, in words; null where they are the same. */
function differenceOf(there: string, here: string): string | null {
  if (there === here) return null;
  const [old, now] = [there, here].map((query) => new URLSearchParams(query));
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
  return keys
    .map((key) => `with ${key} ${old.get(key) ?? "unknown"} rather than ${now.get(key) ?? "unknown"}`)
    .join(", ");
}

export type Opened = { ok: true; results: Results } | { ok: false; problem: string };

/** The results of a pair so far. Refuses a file that holds runs of another query. */
export function openResults(pair: Pair, envSteps: number, folder = resultsFolder): Opened {
  const path = pathOf(pair, folder);
  const fresh = freshResults(pair, envSteps);
  if (!existsSync(path)) return { ok: true, results: fresh };
  const results = parseResults(JSON.parse(readFileSync(path, "utf8")));
  const again = "--again begins anew";
  if (!results) return { ok: false, problem: `${path} holds no results; ${again}` };
  const difference = differenceOf(results.query, fresh.query);
  if (difference !== null) return { ok: false, problem: `${path} holds other runs, ${difference}; ${again}` };
  return { ok: true, results };
}

/** Whole or not at all, however the script ends. */
function save(results: Results, folder: string): void {
  const path = pathOf(results as Results & Pair, folder);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, fileOf(results));
  renameSync(`${path}.new`, path);
}

/** What a run has come to. */
export function seedResultOf(seed: number, { report, policy, problem, reached }: Trained, of: Results): SeedResult {
  const { solvedAt, envSteps, seconds, evaluations, query } = report;
  const final = policy && reached ? evaluateFinally(decodeRun(query).config, policy.parameters, FINAL_EPISODES) : null;
  return {
    seed,
    solvedAt: solvedAt && { envSteps: solvedAt.envSteps, seconds: rounded(solvedAt.seconds) },
    envSteps,
    seconds: rounded(seconds),
    final: final && { mean: rounded(final.mean), std: rounded(final.std) },
    curve: curveOf(evaluations, of.envSteps, of.points),
    ...(!reached && { problem: problem ?? "it failed" }),
  };
}

/** Env-steps of a run that can be compared with what is published. */
export const lengthOf = ({ env }: Pair): number => lengths[env] ?? USUAL_LENGTH;

/**
 * How the runs of a pair share the cores: two at a time where there are so many, or where each has a thread for each of its
 * parts, as many as find cores for their actors.
 */
export function sharingOf(pair: Pair, cores = availableParallelism()): Sharing {
  const oneThread = threadsOf(pair) === "one";
  const each = oneThread ? 1 : (defaultConfig(pair.algo, pair.env).values.actors as number);
  return { oneThread, jobs: Math.max(1, Math.min(2, Math.floor(cores / each))) };
}

/**
 * Makes the runs that are missing of so many seeds, and writes the file after each.
 *
 * @param givenUp settles when the runs under way are to be given up
 * @param told of every run that has ended
 */
export async function collect(
  before: Results,
  seeds: number,
  sharing: Sharing,
  givenUp: Promise<string>,
  told: (of: SeedResult) => void,
  folder = resultsFolder,
): Promise<Results> {
  let results = before;
  let isGivenUp = false;
  void givenUp.then(() => {
    isGivenUp = true;
  });
  const made = new Set(results.seeds.map(({ seed }) => seed));
  const missing = Array.from({ length: seeds }, (_, i) => FIRST_SEED + i).filter((seed) => !made.has(seed));
  await share(missing, sharing, async (seed, _, runner) => {
    if (isGivenUp) return;
    const run = { query: `${results.query}&seed=${seed}`, hash: "" };
    const trained = await train(runner, run, { timeout: 86_400, givenUp, seen: () => {} });
    if (isGivenUp) return;
    const of = seedResultOf(seed, trained, results);
    results = { ...results, seeds: [...results.seeds, of].sort((a, b) => a.seed - b.seed) };
    save(results, folder);
    told(of);
  });
  return results;
}
