/** The benchmark of the page: kernels against their yardsticks on one thread, then whole runs. Everything in one go, interleaved. */
import { proxy, wrap } from "comlink";
import { median } from "../core/quantile.ts";
import { defaultConfig, type RunConfig, withValues } from "../runtime/plan/config.ts";
import type { Runner, Snapshot } from "../runtime/seen/view.ts";
import { createRunner } from "../runtime/threads/run.ts";
import { webWorkers } from "../runtime/threads/webWorkers.ts";
import {
  actorCounts,
  type BenchApi,
  type Case,
  casesOf,
  isBesideLoops,
  middle,
  type NetworkName,
  networks,
  type Rates,
  type Result,
  summary,
  threadsOf,
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

/** A case on the threads of its own that do its work, all at once. */
interface Prepared {
  readonly of: Case;
  readonly threads: readonly { readonly worker: Worker; readonly api: ReturnType<typeof wrap<BenchApi>> }[];
  readonly rounds: Rates[];
}

function spawn({ name, engine }: Case): Prepared["threads"][number] {
  const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), {
    type: "module",
    name: `bench ${name} ${engine}`,
  });
  return { worker, api: wrap<BenchApi>(worker) };
}

/** All cases, on workers that stay warm, in rounds. */
class Cases {
  private prepared: Prepared[] = [];
  readonly missing: Missing[] = [];

  private leave({ of, threads }: Prepared, why: string): void {
    this.missing.push({ case: of, why });
    for (const { worker } of threads) worker.terminate();
    this.prepared = this.prepared.filter((other) => other.of !== of);
  }

  async prepare(of: Case, warm: number): Promise<void> {
    const prepared = { of, threads: Array.from({ length: threadsOf(of) }, () => spawn(of)), rounds: [] };
    this.prepared.push(prepared);
    const problems = await Promise.all(prepared.threads.map(({ api }) => api.prepare(of, warm)));
    const why = problems.find((problem) => problem !== null);
    if (why) this.leave(prepared, why);
  }

  /** One round of those cases that are chosen. */
  async measure(chosen: (of: Case) => boolean, milliseconds: number): Promise<void> {
    for (const prepared of this.prepared.filter(({ of }) => chosen(of))) {
      try {
        const rates = await Promise.all(prepared.threads.map(({ api }) => api.measure(milliseconds)));
        const perSecond = rates.reduce((sum, rate) => sum + rate.perSecond, 0);
        prepared.rounds.push({ ...rates[0], perSecond });
      } catch (error) {
        this.leave(prepared, (error as Error).message);
      }
    }
  }

  /** Ends every thread. */
  end(): Result[] {
    for (const { threads } of this.prepared) for (const { worker } of threads) worker.terminate();
    return this.prepared.flatMap(({ of, rounds }) => summary(of, rounds));
  }
}

/** Rounds of all cases one after the other; those that stand beside training loops wait for these. */
async function apart({ scale, onProgress }: BenchOptions): Promise<Cases> {
  const { quick, rounds, warm, round: milliseconds } = scales[scale];
  const all = casesOf(quick);
  const cases = new Cases();
  for (const [i, of] of all.entries()) {
    onProgress?.(`warming, ${i + 1} of ${all.length}`);
    await cases.prepare(of, warm);
  }
  for (let round = 0; round < rounds; round++) {
    onProgress?.(`one thread, round ${round + 1} of ${rounds}`);
    await cases.measure((of) => !isBesideLoops(of), milliseconds);
  }
  return cases;
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

/**
 * @param cases those beside the loops are measured in the same rounds
 * @param hurry from this time on, two rounds are enough for a quick measurement
 */
async function endToEnd(
  runner: Runner,
  cases: Cases,
  { scale, onProgress }: BenchOptions,
  hurry: number,
): Promise<EndToEnd[]> {
  const { quick, rounds, loop: seconds, round: milliseconds } = scales[scale];
  const kinds = (["L1", "L2"] as const).flatMap((network) =>
    actorCounts(navigator.hardwareConcurrency, quick).map((actors) => ({ network, actors, rates: [] as number[] })),
  );
  for (let round = 0; round < rounds; round++) {
    if (quick && round >= 2 && performance.now() > hurry) break;
    onProgress?.(`training loop, round ${round + 1} of ${rounds}`);
    await cases.measure(isBesideLoops, milliseconds);
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
  const cases = await apart(options);
  const runner = createRunner(webWorkers);
  // Once without counting: threads start, and their kernels are optimised.
  await trainToEnd(runner, loop("L2", 2, 0.5));
  const loops = await endToEnd(runner, cases, options, hurry);
  const results = cases.end();
  await trainToEnd(runner, withValues(defaultConfig("a2c"), { until: [{ when: "steps", count: 20_000 }] }));
  const solved = await solve(runner, options);
  runner.close();
  const best = (network: NetworkName) =>
    Math.max(...loops.filter((l) => l.network === network).map((l) => l.stepsPerSecond));
  return {
    machine: { cores: navigator.hardwareConcurrency, userAgent: navigator.userAgent },
    results,
    missing: cases.missing,
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
