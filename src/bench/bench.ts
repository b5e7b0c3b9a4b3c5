/** The benchmark of the page: kernels against their yardsticks on one thread, then whole runs. Everything in one go, interleaved. */
import { wrap } from "comlink";
import { defaultConfig, type RunConfig, withValues } from "../runtime/config.ts";
import { createRunner } from "../runtime/run.ts";
import type { Runner, Snapshot } from "../runtime/view.ts";
import {
  type BenchApi,
  type Case,
  casesOf,
  type EngineName,
  multiplyAdds,
  type NetworkName,
  networks,
  type Result,
  summary,
} from "./cases.ts";

export interface EndToEnd {
  readonly network: NetworkName;
  readonly actors: number;
  readonly stepsPerSecond: number;
  readonly spread: number;
}

export interface BenchReport {
  readonly machine: { readonly cores: number; readonly userAgent: string };
  readonly results: readonly Result[];
  /** null: not measured here. */
  readonly ratios: Readonly<Record<string, number | null>>;
  readonly endToEnd: {
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

export interface BenchOptions {
  readonly quick: boolean;
  onProgress?(line: string): void;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/** Rounds of all cases one after the other; a worker a case, so that each stays warm. */
async function micro({ quick, onProgress }: BenchOptions): Promise<Result[]> {
  const rounds = quick ? 5 : 9;
  const prepared: { of: Case; worker: Worker; api: ReturnType<typeof wrap<BenchApi>>; rates: number[] }[] = [];
  for (const of of casesOf(quick)) {
    const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), {
      type: "module",
      name: `bench ${of.name} ${of.engine}`,
    });
    const api = wrap<BenchApi>(worker);
    if (await api.prepare(of, quick ? 150 : 300)) prepared.push({ of, worker, api, rates: [] });
    else worker.terminate();
  }
  for (let round = 0; round < rounds; round++) {
    onProgress?.(`kernels, round ${round + 1} of ${rounds}`);
    for (const { api, rates } of prepared) rates.push(await api.measure(quick ? 60 : 120));
  }
  for (const { worker } of prepared) worker.terminate();
  return prepared.map(({ of, rates }) => summary(of, rates));
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

/** 1, 2, 4, … as far as there are cores, and 2 in any case. */
const actorCounts = (quick: boolean): number[] =>
  [1, 2, 4, 8, 16].filter((n) => n <= 2 || (!quick && n <= navigator.hardwareConcurrency));

async function endToEnd(runner: Runner, { quick, onProgress }: BenchOptions): Promise<EndToEnd[]> {
  const kinds = (["L1", "L2"] as const).flatMap((network) =>
    actorCounts(quick).map((actors) => ({ network, actors, rates: [] as number[] })),
  );
  for (let round = 0; round < (quick ? 3 : 5); round++)
    for (const { network, actors, rates } of kinds) {
      onProgress?.(`training loop, ${network}, ${actors} actors`);
      const { snapshot } = await trainToEnd(runner, loop(network, actors, quick ? 0.8 : 2));
      rates.push(snapshot.envSteps / snapshot.seconds);
    }
  return kinds.map(({ network, actors, rates }) => ({
    network,
    actors,
    stepsPerSecond: median(rates),
    spread: (Math.max(...rates) - Math.min(...rates)) / median(rates),
  }));
}

async function solve(runner: Runner, onProgress?: BenchOptions["onProgress"]): Promise<BenchReport["solve"]> {
  const runs: { seconds: number; envSteps: number; solved: boolean }[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    onProgress?.(`time to solve, seed ${seed} of 10`);
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

export function ratiosOf(results: readonly Result[], loops: readonly EndToEnd[]): BenchReport["ratios"] {
  const rate = (name: Case["name"], engine: EngineName, batch: number, network: NetworkName = "L2") =>
    results.find((r) => r.name === name && r.engine === engine && r.batch === batch && r.network === network)
      ?.perSecond ?? null;
  const over = (a: number | null, b: number | null) => (a === null || b === null ? null : a / b);
  const loopRate = (actors: number) =>
    loops.find((l) => l.network === "L2" && l.actors === actors)?.stepsPerSecond ?? null;
  const { forward, backward } = multiplyAdds(networks.L2, 4, 2);
  const peak = rate("peak", "simd", 1);
  const two = loopRate(2);
  const device = (name: "learn" | "encode") => over(rate(name, "webgpu", 80), rate(name, "tfjs-webgpu", 80));
  return {
    actSimdVsTfjsWasm: over(rate("act", "simd", 64), rate("act", "tfjs-wasm", 64)),
    actSimdVsTfjsWasmOps: over(rate("act", "simd", 64), rate("act", "tfjs-wasm-ops", 64)),
    actSimdVsPlainJs: over(rate("act", "simd", 64), rate("act", "plain-js", 64)),
    learnSimdVsTfjsWasm: over(rate("learn", "simd", 512), rate("learn", "tfjs-wasm", 512)),
    learnSimdVsTfjsWasm2048: over(rate("learn", "simd", 2048), rate("learn", "tfjs-wasm", 2048)),
    learnSimdVsPlainJs: over(rate("learn", "simd", 512), rate("learn", "plain-js", 512)),
    learnSimdVsPlainJs2048: over(rate("learn", "simd", 2048), rate("learn", "plain-js", 2048)),
    scaling2Vs1: over(two, loopRate(1)),
    webgpuFusedVsOpByOp: device("learn"),
    encodeFusedVsOpByOp: device("encode"),
    // two actors: every step once forward (acting, whose activations are kept) and once backward, over the peak of two cores
    shareOfPeak: two === null || peak === null ? null : (two * (forward + backward)) / (2 * peak),
  };
}

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const results = await micro(options);
  const runner = createRunner();
  // Once without counting: threads start, and their kernels are optimised.
  await trainToEnd(runner, loop("L2", 2, 0.5));
  const loops = await endToEnd(runner, options);
  await trainToEnd(runner, withValues(defaultConfig("a2c"), { until: [{ when: "steps", count: 20_000 }] }));
  const solved = await solve(runner, options.onProgress);
  runner.close();
  const best = (network: NetworkName) =>
    Math.max(...loops.filter((l) => l.network === network).map((l) => l.stepsPerSecond));
  return {
    machine: { cores: navigator.hardwareConcurrency, userAgent: navigator.userAgent },
    results,
    ratios: ratiosOf(results, loops),
    endToEnd: { stepsPerSecond: { L1: best("L1"), L2: best("L2") }, runs: loops },
    solve: solved,
  };
}
