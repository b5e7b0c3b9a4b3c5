/** Runs in Node alone: the page's runner on worker threads. */
import { availableParallelism } from "node:os";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { Runner } from "../../runtime/seen/view.ts";
import { createRunner } from "../../runtime/threads/run.ts";
import { createSoloRunner } from "../../runtime/threads/soloRunner.ts";
import { decodeRun } from "../../ui/address/url.ts";
import { repetitionOf } from "../../ui/share/ghost.ts";
import { packedIn, unpackRun } from "../../ui/share/shared.ts";
import { type Report, reportOf } from "../../ui/state/report.ts";
import { threadScript } from "../node/bundle.ts";
import { workerThreads } from "../node/workerThreads.ts";
import { writeJson } from "../output.ts";
import { onInterrupt } from "../process.ts";
import { type Address, type Arguments, inNode } from "./arguments.ts";
import { fulfil, type Policy } from "./policy.ts";
import { type Ending, endingOf, progressLine, type Result, result, sayEnding } from "./result.ts";

/** Milliseconds between two lines of progress. */
const PROGRESS = 1000;

interface Trained extends Ending {
  readonly report: Report;
  readonly policy: Policy | null;
}

interface Watch {
  /** Seconds until a run is given up. */
  readonly timeout: number;
  /** Settles with the reason when all runs are to be given up. */
  readonly givenUp: Promise<string>;
  /** Told of every report, about once a second. */
  seen(report: Report): void;
}

/** What the hash of an address asks to repeat. Throws where it cannot be read. */
async function repetitionIn(hash: string, config: RunConfig) {
  const packed = packedIn(hash);
  if (packed === null) return undefined;
  return repetitionOf(await unpackRun(packed), config).repetition;
}

/** The latest parameters of a run. */
function policyOf(runner: Runner): Policy | null {
  if (!runner.network) return null;
  const parameters = new Float32Array(runner.network.size);
  const update = runner.parameters(parameters);
  return update < 0 ? null : { update, parameters };
}

/** Trains one run to its end. */
async function train(runner: Runner, { query, hash }: Address, watch: Watch): Promise<Trained> {
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

/** A runner on threads of Node, for one of so many runs at a time. */
async function newRunners({ jobs, oneThread }: Pick<Arguments, "jobs" | "oneThread">): Promise<() => Runner> {
  const host = workerThreads(await threadScript(), Math.max(1, Math.floor(availableParallelism() / jobs)));
  return () => (oneThread ? createSoloRunner("--one-thread was given", host) : createRunner(host));
}

/** Has all items worked on in their order, so many at a time, each worker with a runner of its own. */
async function share<T>(
  items: readonly T[],
  jobs: number,
  newRunner: () => Runner,
  work: (item: T, index: number, runner: Runner) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    const runner = newRunner();
    for (let index = next++; index < items.length; index = next++) await work(items[index], index, runner);
    runner.close();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}

/** A result on one line: curves are in the file. */
const lineOf = ({ curve: _, ...rest }: Result): string => JSON.stringify(rest);

/** Trains all that is asked for; returns the exit status. */
export async function runInNode({ runs, jobs, oneThread, json, timeout, ...wishes }: Arguments): Promise<number> {
  const [alone] = runs.length === 1 ? runs : [];
  let status = 0;
  const givenUp = new Promise<string>((resolve) => {
    onInterrupt((code) => {
      status = code;
      resolve("interrupted");
    });
  });
  const seen = (report: Report) => alone && console.log(progressLine(report));
  const results: Result[] = [];
  await share(runs, jobs, await newRunners({ jobs, oneThread }), async (run, index, runner) => {
    if (status > 1) return; // interrupted
    const trained = await train(runner, run, { timeout, givenUp, seen });
    const { finalEvaluation, isWritten } = fulfil(wishes, trained.report, trained.policy);
    const made = result(trained.report, trained.problem, finalEvaluation);
    results[index] = made;
    if (!trained.reached || !isWritten) status ||= 1;
    if (alone) sayEnding(trained, trained.report);
    else console.log(lineOf(made));
  });
  const made = results.filter((result) => result !== undefined);
  if (json !== null && made.length > 0 && !writeJson(json, alone ? made[0] : made)) status ||= 1;
  return status;
}
