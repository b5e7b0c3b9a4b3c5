/** What `npm run headless` is asked for. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { algorithms } from "../../algorithms/index.ts";
import { endlessProblem, type RunConfig } from "../../runtime/plan/config.ts";
import { decodeRun, withoutTracking } from "../../ui/address/url.ts";
import type { Address, Sharing } from "../node/train.ts";
import { outputProblem } from "../output.ts";
import { type PolicyFile, policyFileOptions, policyFiles, type Wishes } from "./policy.ts";

export const usage = `usage: npm run headless -- "<run query>" [options]
  <run query>            what follows the ? of a run's address, or the whole address
  --json FILE            write the result to a file
  --evaluate N           play N more episodes with the final policy, greedily: finalEvaluation of the result
${policyFileOptions.map((option) => `  ${`--${option} FILE`.padEnd(22)} write ${policyFiles[option].what}`).join("\n")}
  --timeout SECONDS      give up after this time (default 600)
  --software-gpu         WebGPU on the processor instead of the graphics hardware
  --browser-arg=SWITCH   one more switch for Chromium; may be repeated
  --node                 in Node alone, on worker threads and the SIMD kernels
with --node there may be several run queries, and
  --seeds LIST           each query with each of these seeds, such as 11-20 or 1,2,7-9
  --jobs N               so many runs at a time (default 1)
  --one-thread           all of a run on one thread: the same bits in lockstep, and the least work where runs share cores
Several runs print a line of JSON each, without their curves, as they end.`;

export interface Arguments extends Wishes, Sharing {
  runs: Address[];
  json: string | null;
  timeout: number; // seconds
  softwareGpu: boolean;
  browserArgs: string[];
  node: boolean;
}

export type ParsedArguments = { ok: true; value: Arguments } | { ok: false; problem: string };

/** Splits an address, or the query of one, and makes a run without a stop condition end when it is solved. */
export function splitAddress(text: string): Address {
  const [beforeHash, ...afterHash] = text.trim().split("#");
  const written = beforeHash.slice(beforeHash.indexOf("?") + 1);
  const isBareAddress = !beforeHash.includes("?") && /^https?:\/\//.test(beforeHash);
  const given = isBareAddress ? "" : withoutTracking(written);
  const query = new URLSearchParams(given).has("until") ? given : `${given}${given ? "&" : ""}until=solved`;
  return { query, hash: afterHash.join("#") };
}

/** Seeds at most. */
const MOST_SEEDS = 10_000;

/** The seeds of a list such as 1,2,7-9, in its order; null where it is none. */
export function parseSeeds(list: string): number[] | null {
  const seeds: number[] = [];
  for (const part of list.split(",")) {
    const found = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim());
    if (!found) return null;
    const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (to < from || to - from + seeds.length >= MOST_SEEDS) return null;
    for (let seed = from; seed <= to; seed++) seeds.push(seed);
  }
  return seeds;
}

/** Each run with each seed. */
const withSeeds = (runs: readonly Address[], seeds: readonly number[]): Address[] =>
  runs.flatMap((run) => seeds.map((seed) => ({ ...run, query: `${run.query}&seed=${seed}` })));

const fileOptions = Object.fromEntries(policyFileOptions.map((option) => [option, { type: "string" }])) as Record<
  PolicyFile,
  { type: "string" }
>;

/** Episodes of a final evaluation at most. */
const MOST_EPISODES = 10_000;

const wrong = (problem: string): ParsedArguments => ({ ok: false, problem });

export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "string" },
        evaluate: { type: "string" },
        ...fileOptions,
        timeout: { type: "string", default: "600" },
        "software-gpu": { type: "boolean", default: false },
        "browser-arg": { type: "string", multiple: true, default: [] },
        node: { type: "boolean", default: false },
        seeds: { type: "string" },
        jobs: { type: "string", default: "1" },
        "one-thread": { type: "boolean", default: false },
      },
    });
    const { node } = values;
    if (positionals.length !== 1 && !(node && positionals.length > 1))
      return wrong(`one run query is needed, not ${positionals.length}${node ? "" : "; --node takes several"}`);
    const timeout = Number(values.timeout);
    if (!(timeout > 0 && timeout <= 86_400))
      return wrong(`--timeout must be from 1 to 86400 seconds, not "${values.timeout}"`);
    const evaluate = Number(values.evaluate ?? "0");
    if (values.evaluate !== undefined && !(Number.isInteger(evaluate) && evaluate >= 1 && evaluate <= MOST_EPISODES))
      return wrong(`--evaluate must be from 1 to ${MOST_EPISODES} episodes, not "${values.evaluate}"`);
    const jobs = Number(values.jobs);
    if (!Number.isInteger(jobs) || jobs < 1 || jobs > availableParallelism())
      return wrong(
        `--jobs must be from 1 to ${availableParallelism()}, the cores of this machine, not "${values.jobs}"`,
      );
    if (!node && (values.seeds !== undefined || jobs > 1 || values["one-thread"]))
      return wrong("--seeds, --jobs and --one-thread need --node");
    if (node && (values["software-gpu"] || values["browser-arg"].length > 0))
      return wrong("--software-gpu and --browser-arg are for a browser, and --node needs none");
    const runs = positionals.map(splitAddress);
    const seeds = values.seeds === undefined ? null : parseSeeds(values.seeds);
    if (values.seeds !== undefined) {
      if (seeds === null) return wrong(`--seeds must be a list such as 11-20 or 1,2,7-9, not "${values.seeds}"`);
      const seeded = runs.find(({ query }) => new URLSearchParams(query).has("seed"));
      if (seeded) return wrong(`the seed is given twice: by --seeds and in "${seeded.query}"`);
    }
    const all = seeds === null ? runs : withSeeds(runs, seeds);
    const files = Object.fromEntries(
      policyFileOptions.flatMap((option) => (option in values ? [[option, values[option]]] : [])),
    );
    const [file] = Object.keys(files);
    if (file !== undefined && all.length > 1) return wrong(`--${file} is for one run, not ${all.length}`);
    return {
      ok: true,
      value: {
        runs: all,
        evaluate,
        files,
        json: values.json ?? null,
        timeout,
        softwareGpu: values["software-gpu"],
        browserArgs: values["browser-arg"],
        node,
        jobs,
        oneThread: values["one-thread"],
      },
    };
  } catch (error) {
    return wrong((error as Error).message);
  }
}

type Way = Pick<Arguments, "node" | "oneThread">;

/** What a way to run cannot do, as a sentence; null where it can. */
function limitOf({ algo, values: { engine } }: RunConfig, { node, oneThread }: Way): string | null {
  if (node && (engine === "webgpu" || engine === "tfjs-webgpu"))
    return `engine must be auto, simd, tfjs-wasm or tfjs-cpu with --node: ${engine} needs a browser`;
  if (!oneThread) return null;
  if (algorithms[algo].synchrony !== "lockstep")
    return `algo must be one in lockstep with --one-thread: on one thread ${algo} has no arrivals out of order`;
  return engine === "auto" || engine === "simd"
    ? null
    : `engine must be auto or simd with --one-thread: ${engine} needs a thread of its own`;
}

const isThere = (problem: string | null): problem is string => problem !== null;

/** What is wrong with the queries, or with the file for the results, before anything starts. */
export function problemsBefore({
  runs,
  json,
  files,
  ...way
}: Way & Pick<Arguments, "runs" | "json" | "files">): string[] {
  const ofQueries = runs.flatMap(({ query }) => {
    const { config, problems } = decodeRun(query);
    const inQuery = problems.map(({ key, message }) => (message.startsWith(key) ? message : `${key}: ${message}`));
    return [...inQuery, ...[endlessProblem(config), limitOf(config, way)].filter(isThere)];
  });
  const ofFiles = Object.entries({ ...(json !== null && { json }), ...files }).map(([option, file]) =>
    outputProblem(file, option),
  );
  return [...new Set([...ofQueries, ...ofFiles.filter(isThere)])];
}
