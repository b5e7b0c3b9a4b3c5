/** The benchmark of the page: kernels against their yardsticks on one thread, then whole runs. Everything in one go, interleaved. */
import { proxy, wrap } from "comlink";
import { median } from "../core/quantile.ts";
import { defaultConfig, type RunConfig, withValues } from "../runtime/config.ts";
import { createRunner } from "../runtime/run.ts";
import type { Runner, Snapshot } from "../runtime/view.ts";
import {
  actorCounts,
  type BenchApi,
  type Case,
  casesOf,
  middle,
  type NetworkName,
  networks,
  type Rates,
  type Result,
  summary,
} from "./cases.ts";
import type { MeasureGrid } from "./crossover.ts";
import { type EndToEnd, type Missing, type Ratios, ratiosOf, steadyRate } from "./ratios.ts";

export interface BenchReport {
  readonly machine: { readonly cores: number; readonly userAgent: string };
  readonly results: readonly Result[];
  readonly missing: readonly Missing[];
  readonly ratios: Ratios;
  readonly endToEnd: {
    /** With as many actors as were fastest. */
    readonly stepsPerSecond: Readonly<Record<NetworkName, number>>;
    readonly runs: readonly EndToEnd[];
  };
  readonly solve: {
    readonly seeds: number;
    readonly solved: number;
    readonly medianSeconds: number;
    readonly medianEnvSteps: number;
  };
}

/**
 * How long each thing is measured. warm, round: milliseconds of a case; loop: seconds of a training loop.
 * glance: every part once, to see that it works.
 */
const scales = {
  full: { quick: false, rounds: 9, warm: 300, round: 120, loop: 1, seeds: 10 },
  quick: { quick: true, rounds: 5, warm: 150, round: 60, loop: 0.6, seeds: 10 },
  glance: { quick: true, rounds: 1, warm: 1, round: 2, loop: 0.05, seeds: 1 },
} as const;

export interface BenchOptions {
  readonly scale: keyof typeof scales;
  onProgress?(line: string): void;
}

/** Rounds of all cases one after the other; a worker a case, so that each stays warm. */
async function apart({ scale, onProgress }: BenchOptions): Promise<{ results: Result[]; missing: Missing[] }> {
  const { quick, rounds, warm, round: milliseconds } = scales[scale];
  let prepared: { of: Case; worker: Worker; api: ReturnType<typeof wrap<BenchApi>>; rounds: Rates[] }[] = [];
  const missing: Missing[] = [];
  const cases = casesOf(quick);
  for (const [i, of] of cases.entries()) {
    onProgress?.(`warming, ${i + 1} of ${cases.length}`);
    const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), {
      type: "module",
      name: `bench ${of.name} ${of.engine}`,
    });
    const api = wrap<BenchApi>(worker);
    const why = await api.prepare(of, warm);
    if (why === null) prepared.push({ of, worker, api, rounds: [] });
    else {
      missing.push({ case: of, why });
      worker.terminate();
    }
  }
  for (let round = 0; round < rounds; round++) {
    onProgress?.(`one thread, round ${round + 1} of ${rounds}`);
    const failed = new Set<Case>();
    for (const { of, worker, api, rounds } of prepared) {
      try {
        rounds.push(await api.measure(milliseconds));
      } catch (error) {
        missing.push({ case: of, why: (error as Error).message });
        worker.terminate();
        failed.add(of);
      }
    }
    prepared = prepared.filter(({ of }) => !failed.has(of));
  }
  for (const { worker } of prepared) worker.terminate();
  return { results: prepared.flatMap(({ of, rounds }) => summary(of, rounds)), missing };
}

async function trainToEnd(runner: Runner, config: RunConfig): Promise<{ snapshot: Snapshot; wallSeconds: number }> {
  const start = performance.now();
  // Nothing is asked meanwhile: the page would take processor time from what is measured.
  const ended = new Promise<void>((resolve) => {
    const unsubscribe = runner.onPhase(() => {
      const { phase } = runner.snapshot();
      if (phase !== "stopped" && phase !== "failed") return;
      unsubscribe();
      resolve();
    });
  });
  await runner.start(config);
  await ended;
  const wallSeconds = (performance.now() - start) / 1000;
  const snapshot = runner.snapshot();
  if (snapshot.phase === "failed") throw new Error(snapshot.problem ?? "the run failed");
  return { snapshot, wallSeconds };
}

/** 64 copies an actor, 32 steps an unroll, as the reference figures. */
const loop = (network: NetworkName, actors: number, seconds: number): RunConfig =>
  withValues(defaultConfig("a2c"), {
    actors,
    envs: 64,
    unroll: 32,
    hidden: networks[network],
    engine: "simd",
    evalEvery: 100_000,
    until: [{ when: "seconds", count: seconds }],
  });

/** @param hurry from this time on, two rounds are enough for a quick measurement */
async function endToEnd(runner: Runner, { scale, onProgress }: BenchOptions, hurry: number): Promise<EndToEnd[]> {
  const { quick, rounds, loop: seconds } = scales[scale];
  const kinds = (["L1", "L2"] as const).flatMap((network) =>
    actorCounts(navigator.hardwareConcurrency, quick).map((actors) => ({ network, actors, rates: [] as number[] })),
  );
  for (let round = 0; round < rounds; round++) {
    if (quick && round >= 2 && performance.now() > hurry) break;
    onProgress?.(`training loop, round ${round + 1} of ${rounds}`);
    for (const { network, actors, rates } of kinds) {
      const { snapshot } = await trainToEnd(runner, loop(network, actors, seconds));
      rates.push(steadyRate(snapshot));
    }
  }
  return kinds.map(({ network, actors, rates }) => {
    const { perSecond, spread } = middle(rates);
    return { network, actors, stepsPerSecond: perSecond, spread };
  });
}

async function solve(runner: Runner, { scale, onProgress }: BenchOptions): Promise<BenchReport["solve"]> {
  const { seeds } = scales[scale];
  const runs: { seconds: number; envSteps: number; solved: boolean }[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    onProgress?.(`time to solve, seed ${seed} of ${seeds}`);
    const config = withValues(defaultConfig("a2c"), {
      seed,
      until: [{ when: "solved" }, { when: "steps", count: 500_000 }],
    });
    const { snapshot, wallSeconds } = await trainToEnd(runner, config);
    runs.push({ seconds: wallSeconds, envSteps: snapshot.envSteps, solved: snapshot.solvedAt !== null });
  }
  return {
    seeds: runs.length,
    solved: runs.filter(({ solved }) => solved).length,
    medianSeconds: median(runs.map(({ seconds }) => seconds)),
    medianEnvSteps: median(runs.map(({ envSteps }) => envSteps)),
  };
}

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  // A quick measurement ends within 50 s on a machine that has much else to do, too.
  const hurry = performance.now() + 26_000;
  const { results, missing } = await apart(options);
  const runner = createRunner();
  // Once without counting: threads start, and their kernels are optimised.
  await trainToEnd(runner, loop("L2", 2, 0.5));
  const loops = await endToEnd(runner, options, hurry);
  await trainToEnd(runner, withValues(defaultConfig("a2c"), { until: [{ when: "steps", count: 20_000 }] }));
  const solved = await solve(runner, options);
  runner.close();
  const best = (network: NetworkName) =>
    Math.max(...loops.filter((l) => l.network === network).map((l) => l.stepsPerSecond));
  return {
    machine: { cores: navigator.hardwareConcurrency, userAgent: navigator.userAgent },
    results,
    missing,
    ratios: ratiosOf(results, loops),
    endToEnd: { stepsPerSecond: { L1: best("L1"), L2: best("L2") }, runs: loops },
    solve: solved,
  };
}

/** The crossover, on a worker of its own. */
export const runCrossover: MeasureGrid = async (grid, say) => {
  const worker = new Worker(new URL("./crossover.worker.ts", import.meta.url), { type: "module", name: "crossover" });
  try {
    return await wrap<MeasureGrid>(worker)(grid, proxy(say));
  } finally {
    worker.terminate();
  }
};
