/** Trains runs in Node: the page's runners on worker threads. */
import { availableParallelism } from "node:os";
import { type RunConfig, withValues } from "../../runtime/plan/config.ts";
import type { Runner } from "../../runtime/seen/view.ts";
import { createRunner } from "../../runtime/threads/run.ts";
import { createSoloRunner } from "../../runtime/threads/soloRunner.ts";
import { decodeRun } from "../../ui/address/url.ts";
import { repetitionOf } from "../../ui/share/ghost.ts";
import { packedIn, unpackRun } from "../../ui/share/shared.ts";
import { type Report, reportOf } from "../../ui/state/report.ts";
import { type Ending, endingOf } from "../headless/result.ts";
import { threadScript } from "./bundle.ts";
import { workerThreads } from "./workerThreads.ts";

/** Milliseconds between two reports of a run under way. */
const PROGRESS = 1000;

/** A run to be made. */
export interface Address {
  query: string;
  /** What follows the # of the address, "" if nothing does. */
  hash: string;
}

/** The parameters of a run. */
export interface Policy {
  /** After so many updates. */
  readonly update: number;
  readonly parameters: Float32Array;
}

export interface Trained extends Ending {
  readonly report: Report;
  readonly policy: Policy | null;
}

export interface Watch {
  /** Seconds until a run is given up. */
  readonly timeout: number;
  /** Settles with the reason when all runs are to be given up. */
  readonly givenUp: Promise<string>;
  /** Told of every report, about once a second. */
  seen(report: Report): void;
}

/** The configuration as Node runs it: `auto` is the SIMD kernels, for there is no graphics device to compare with. */
const inNode = (config: RunConfig): RunConfig =>
  config.values.engine === "auto" ? withValues(config, { engine: "simd" }) : config;

/** What the hash of an address asks to repeat. Throws where it cannot be read. */
async function repetitionIn(hash: string, config: RunConfig) {
  const packed = packedIn(hash);
  if (packed === null) return undefined;
  return repetitionOf(await unpackRun(packed), config).repetition;
}

function policyOf(runner: Runner): Policy | null {
  if (!runner.network) return null;
  const parameters = new Float32Array(runner.network.size);
  const update = runner.parameters(parameters);
  return update < 0 ? null : { update, parameters };
}

/** Trains one run to its end. */
export async function train(runner: Runner, { query, hash }: Address, watch: Watch): Promise<Trained> {
  const config = inNode(decodeRun(query).config);
  const report = () => reportOf(runner.snapshot(), config, runner.workerCount, runner.system);
  let stop: (problem: string | null) => void = () => {};
  const stopped = new Promise<string | null>((resolve) => {
    stop = resolve;
  });
  const unwatch = runner.onPhase(() => endingOf(report()) && stop(null));
  const clock = setTimeout(() => stop(`no end after ${watch.timeout} seconds`), watch.timeout * 1000);
  const progress = setInterval(() => watch.seen(report()), PROGRESS);
  try {
    await runner.start(config, { repetition: await repetitionIn(hash, config) });
    const problem = await Promise.race([stopped, watch.givenUp]);
    // All that its threads have left behind is read once they have ended.
    if (problem === null) await runner.checkpoint();
    const last = report();
    watch.seen(last);
    return { report: last, policy: policyOf(runner), ...(endingOf(last) ?? { reached: false, problem }) };
  } finally {
    clearTimeout(clock);
    clearInterval(progress);
    unwatch();
  }
}

export interface Sharing {
  /** Runs at a time. */
  readonly jobs: number;
  /** All of a run on one thread. */
  readonly oneThread: boolean;
}

/** Has all items worked on in their order, so many at a time, each worker with a runner of its own on its share of the cores. */
export async function share<T>(
  items: readonly T[],
  { jobs, oneThread }: Sharing,
  work: (item: T, index: number, runner: Runner) => Promise<void>,
): Promise<void> {
  const host = workerThreads(await threadScript(), Math.max(1, Math.floor(availableParallelism() / jobs)));
  let next = 0;
  const worker = async () => {
    const runner = oneThread ? createSoloRunner("--one-thread was given", host) : createRunner(host);
    for (let index = next++; index < items.length; index = next++) await work(items[index], index, runner);
    runner.close();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}
