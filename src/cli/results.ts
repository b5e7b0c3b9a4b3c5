/**
 * Results that can be trusted: many seeds of an algorithm on an environment with the defaults of the pair, in Node.
 *
 *   npm run results -- a2c:Acrobot-v1 [more pairs] [--seeds N] [--steps N] [--jobs N] [--again]
 *
 * Each pair has a file in public/results, written after every run: started again, only what is missing is trained.
 * `npm run docs` makes README's table of them. Exit status: 0 all runs are there, 1 a run failed, 2 an argument is wrong.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { algorithms } from "../algorithms/index.ts";
import { envs } from "../envs/index.ts";
import { configProblems, defaultConfig } from "../runtime/plan/config.ts";
import { FIRST_SEED, type SeedResult } from "../ui/results/results.ts";
import { onInterrupt, runAsScript } from "./process.ts";
import { collect, freshResults, lengthOf, openResults, type Pair, sharingOf } from "./results/collect.ts";

const usage = `usage: npm run results -- <algorithm>:<environment> … [options]
  --seeds N   so many seeds, from ${FIRST_SEED} on (default 30): those before are for tuning
  --steps N   env-steps of a run (default: what can be compared with published numbers)
  --jobs N    so many runs at a time (default: two where the cores allow)
  --again     throw away what the file holds`;

/** Seeds that a file has room for, thin as its curves may be. */
const MOST_SEEDS = 100;

class Wrong extends Error {}

/** A whole number of an option; `otherwise` where it is not given. */
function wholeOf(option: string, text: string | undefined, most: number, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Wrong(`--${option} must be a whole number from 1 to ${most}, not "${text}"`);
  return value;
}

/** The pair of a text such as a2c:CartPole-v1. */
export function parsePair(text: string): Pair {
  const [algo, env] = text.split(":");
  for (const [id, registry] of [[algo, algorithms] as const, [env ?? "", envs] as const])
    if (!Object.hasOwn(registry, id))
      throw new Wrong(`"${text}" is no pair: "${id}" is none of ${Object.keys(registry).join(", ")}`);
  const pair = { algo, env } as Pair;
  const [problem] = configProblems(defaultConfig(pair.algo, pair.env));
  if (problem) throw new Wrong(`${text}: ${problem}`);
  return pair;
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: "string" },
      steps: { type: "string" },
      jobs: { type: "string" },
      again: { type: "boolean", default: false },
    },
  });
  if (positionals.length === 0) throw new Wrong("a pair is needed, such as a2c:CartPole-v1");
  return {
    pairs: positionals.map(parsePair),
    seeds: wholeOf("seeds", values.seeds, MOST_SEEDS, 30),
    steps: values.steps === undefined ? null : wholeOf("steps", values.steps, 1e9, 1),
    jobs: values.jobs === undefined ? null : wholeOf("jobs", values.jobs, availableParallelism(), 1),
    again: values.again,
  };
}

/** One line that says what a run has come to. */
function lineOf({ algo, env }: Pair, { seed, solvedAt, seconds, final, problem }: SeedResult): string {
  const solved = solvedAt ? `solved at ${solvedAt.envSteps} steps, ${solvedAt.seconds} s` : "not solved";
  const end = final ? `greedy ${final.mean} ± ${final.std}` : problem;
  return `${algo}:${env} seed ${seed}   ${solved}   ${end}   ${seconds} s`;
}

async function main(): Promise<number> {
  let asked: ReturnType<typeof parse>;
  try {
    asked = parse(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
  const begun = asked.pairs.map((pair) => {
    const steps = asked.steps ?? lengthOf(pair);
    return {
      pair,
      ...(asked.again ? { ok: true as const, results: freshResults(pair, steps) } : openResults(pair, steps)),
    };
  });
  const refused = begun.flatMap((of) => (of.ok ? [] : [of.problem]));
  for (const problem of refused) console.error(problem);
  if (refused.length > 0) return 2;

  let interrupted = 0;
  const givenUp = new Promise<string>((resolve) => {
    onInterrupt((code) => {
      interrupted = code;
      resolve("interrupted");
    });
  });
  let failed = false;
  for (const of of begun) {
    if (!of.ok || interrupted) continue;
    const sharing = sharingOf(of.pair);
    const results = await collect(
      of.results,
      asked.seeds,
      { ...sharing, jobs: asked.jobs ?? sharing.jobs },
      givenUp,
      (seed) => console.log(lineOf(of.pair, seed)),
    );
    failed ||= results.seeds.some(({ problem }) => problem !== undefined);
  }
  return interrupted || (failed ? 1 : 0);
}

runAsScript(import.meta.url, main);
