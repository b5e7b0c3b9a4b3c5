/** Results of many seeds as a table of README. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import type { EnvId } from "../../envs/index.ts";
import { parseResults, type Results } from "../../ui/results/results.ts";
import { type Estimate, estimate } from "../../ui/studies/statistics.ts";
import { publishedOf } from "./published.ts";

/** All results in a folder, by algorithm and environment. Throws where a file holds none. */
export function readResults(folder: string): Results[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.sort().map((name) => {
    const results = parseResults(JSON.parse(readFileSync(join(folder, name), "utf8")));
    if (!results) throw new Error(`${join(folder, name)} holds no results`);
    return results;
  });
}

const minus = (text: string): string => text.replaceAll("-", "−");

/** "108 [103, 112]" */
const shown = ({ iqm, interval }: Estimate, format: (value: number) => string): string =>
  minus(interval ? `${format(iqm)} [${interval.map(format).join(", ")}]` : format(iqm));

const thousands = (value: number): string => (value / 1000).toPrecision(3);
const digits = (value: number): string => String(Number(value.toPrecision(value < 1 ? 2 : 3)));
const oneDecimal = (value: number): string => value.toFixed(1);

/** Columns of the table. */
export const head = [
  "algorithm, environment",
  "seeds",
  "env-steps to the threshold, thousands",
  "seconds",
  "solved",
  "greedy return, 100 episodes",
  "published",
] as const;

/** A row of the table. Runs that do not reach the threshold count with all of their steps: what is shown is then a least. */
export function rowOf(results: Results): string[] {
  const { seeds, threshold, envSteps, threads } = results;
  const [algo, env] = [results.algo as AlgorithmId, results.env as EnvId];
  const n = seeds.length;
  const solved = seeds.filter(({ solvedAt }) => solvedAt !== null).length;
  const least = solved < n ? "≥ " : "";
  const until = seeds.map((of) => of.solvedAt ?? of);
  const finals = seeds.flatMap(({ final }) => (final ? [final.mean] : []));
  const failed = n - finals.length;
  return [
    `${algorithms[algo].title}, ${env} (${threshold === null ? "no threshold" : minus(String(threshold))})`,
    `${n}, ${envSteps / 1000} k steps each`,
    threshold === null ? "–" : least + shown(estimate(until.map((of) => of.envSteps)), thousands),
    threshold === null
      ? "–"
      : `${least}${shown(estimate(until.map((of) => of.seconds)), digits)}${threads === "one" ? ", one core" : ""}`,
    threshold === null ? "–" : `${solved} of ${n}`,
    shown(estimate(finals), oneDecimal) + (failed > 0 ? `, ${failed} failed` : ""),
    publishedOf(algo, env).join("; ") || "–",
  ];
}
