/** What a run is: an algorithm, an environment, and a value for every hyperparameter of the two and of the run itself. */

import type { Algorithm, PairDefaults } from "../../algorithms/algorithm.ts";
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { type Networks, networkParams } from "../../algorithms/network.ts";
import type { Applier } from "../../algorithms/topology.ts";
import {
  type AnyValues,
  choice,
  defaultIn,
  integer,
  type ParamSet,
  problemsOf,
  real,
  sameValue,
  until,
  type Values,
} from "../../core/params.ts";
import { type EnvId, envs } from "../../envs/index.ts";
import type { Acting } from "../../nn/acting/acting.ts";
import type { NetworkSpec } from "../../nn/graph.ts";
import { fusedProblem } from "../../nn/tfjs/chains.ts";
import type { RewardScale } from "../../returns/rewards.ts";

export const paces = ["full", "watchable", "step"] as const;
export const engines = ["auto", "simd", "webgpu", "tfjs-webgpu", "tfjs-wasm", "tfjs-cpu"] as const;
export const placements = ["auto", "learner", "actors"] as const;
export const arithmetics = ["reproducible", "fastest"] as const;

const MOST_ACTORS = 32;

/** Actors that a run has memory for when it begins with so many: others can be added while it runs. */
export const roomFor = (actors: number): number => Math.min(MOST_ACTORS, Math.max(8, 2 * actors));

/** Environment steps a second of every copy at watchable pace. */
export const WATCHABLE_HZ = 100;

/** Hyperparameters of every run, whatever its algorithm and environment. */
export const runParams = {
  actors: integer({
    label: "Actors",
    symbol: "N",
    group: "parallelism",
    live: true,
    default: 4,
    min: 1,
    max: MOST_ACTORS,
    help: "Web Workers that play. More than the machine has cores is allowed: they take turns. While a run goes on, up to twice as many as it began with, and eight in any case, can be added.",
  }),
  envs: integer({
    label: "Environments",
    symbol: "B",
    unit: "per actor",
    group: "parallelism",
    default: 4,
    min: 1,
    max: 256,
    scale: "log",
    help: "Copies of the environment that each actor steps together.",
  }),
  unroll: integer({
    label: "Unroll",
    symbol: "n",
    unit: "steps",
    group: "parallelism",
    default: 5,
    min: 1,
    max: 256,
    scale: "log",
    help: "Steps of every copy between two updates.",
  }),
  gradients: choice(placements, {
    label: "Gradients",
    group: "parallelism",
    default: "auto",
    help: "Who differentiates. learner: trajectories travel to it. actors: each its own unroll, in parallel, and gradients travel. auto: actors on SIMD, else learner.",
  }),
  straggler: integer({
    label: "Straggler",
    group: "chaos",
    live: true,
    default: 0,
    min: 0,
    max: MOST_ACTORS,
    help: "Which actor is slowed down, by its number; 0: none. Waiting changes when things happen, and no bit of a lockstep run.",
  }),
  slowdown: real({
    label: "Slowdown",
    unit: "times",
    group: "chaos",
    live: true,
    default: 4,
    min: 1,
    max: 100,
    scale: "log",
    help: "How much longer than the others the straggler takes for an unroll.",
  }),
  pullDelay: integer({
    label: "Pull delay",
    unit: "ms",
    group: "chaos",
    live: true,
    default: 0,
    min: 0,
    max: 5_000,
    scale: "log",
    help: "Time between the straggler's pull of parameters and its first step with them, as over a slow network.",
  }),
  ...networkParams,
  seed: integer({
    label: "Seed",
    group: "run",
    default: 1,
    min: 0,
    max: 4_294_967_295,
    help: "Start of every random stream. The same seed gives a lockstep run again, bit for bit.",
  }),
  engine: choice(engines, {
    label: "Learner engine",
    group: "run",
    default: "auto",
    help: "Where gradients are computed. auto: the fastest here, measured. simd: our own kernels, the same bits in every browser. webgpu: one fused step on the graphics device, which keeps the parameters. tfjs: TensorFlow.js, op by op.",
  }),
  arithmetic: choice(arithmetics, {
    label: "Arithmetic",
    group: "run",
    default: "reproducible",
    help: "Of the SIMD kernels. reproducible: the same bits in every browser. fastest: fused multiply-adds, where the browser has them; their bits depend on the machine.",
  }),
  pace: choice(paces, {
    label: "Pace",
    group: "run",
    default: "full",
    live: true,
    immediate: true,
    help: `full: as fast as it goes. watchable: ${WATCHABLE_HZ} steps a second of every copy. step: one update a press. Changes no bit of a run.`,
  }),
  until: until({
    label: "Stop when",
    group: "run",
    default: [],
    live: true,
    immediate: true,
    help: "never, solved, steps:N, updates:N, seconds:N, or several with commas: the first that is met.",
  }),
  evalEvery: integer({
    label: "Evaluate every",
    symbol: "K",
    unit: "updates",
    group: "run",
    default: 200,
    min: 1,
    max: 1_000_000,
    scale: "log",
    help: "The greedy policy plays 10 episodes on the parameters of every K-th update.",
  }),
};

export type RunValues = Values<typeof runParams>;

/** Episodes of one evaluation. */
export const EVALUATION_EPISODES = 10;

export interface RunConfig {
  readonly algo: AlgorithmId;
  readonly env: EnvId;
  /** A value for every key of paramsOf(algo, env). */
  readonly values: Readonly<AnyValues>;
}

/**
 * All hyperparameters of a pair. Keys are unique across the three declarations (tests/runtime/plan/config.test.ts). The set has
 * no prototype: a key from a file or a link, such as "constructor", finds what is declared or nothing.
 */
export function paramsOf(algo: AlgorithmId, env: EnvId): ParamSet {
  const { params, paramsIn } = algorithms[algo];
  return Object.assign(Object.create(null), runParams, params, paramsIn(envs[env]), envs[env].params);
}

/** Who has a hyperparameter of this name: algorithms and environments, or an algorithm on some environments only. */
export function ownersOf(key: string): string[] {
  const has = (params: ParamSet) => Object.hasOwn(params, key);
  const owners = Object.entries({ ...algorithms, ...envs }).flatMap(([id, { params }]) => (has(params) ? [id] : []));
  const pairs = Object.entries(algorithms).flatMap(([algo, { paramsIn }]) =>
    Object.entries(envs).flatMap(([env, environment]) => (has(paramsIn(environment)) ? [`${algo} on ${env}`] : [])),
  );
  return [...owners, ...pairs];
}

/**
 * Newest version of links. A link leaves out what stands at the pair's default in the version that it names, so those of a
 * version that is out never change: a new one begins with an entry in the `defaults` of an algorithm.
 */
export const VERSION = Math.max(
  ...Object.values(algorithms).flatMap(({ defaults }) => Object.keys(defaults).map(Number)),
);

/** What an algorithm's declaration says of an environment in links of a version. */
function pairDefaults(algo: AlgorithmId, env: EnvId, version: number): Readonly<AnyValues> {
  const versions = Object.entries(algorithms[algo].defaults as PairDefaults); // whole numbers as keys ascend
  const latest = versions.findLast(([of, pairs]) => Number(of) <= version && pairs[env]);
  return latest?.[1][env] ?? {};
}

/** Every hyperparameter of a pair at its default. */
export function defaultConfig(algo: AlgorithmId = "a2c", env: EnvId = "CartPole-v1", version = VERSION): RunConfig {
  const declared = Object.entries(paramsOf(algo, env)).map(([key, param]) => [key, defaultIn(param, version)]);
  return { algo, env, values: { ...Object.fromEntries(declared), ...pairDefaults(algo, env, version) } };
}

/** The configuration with some values replaced. */
export function withValues(config: RunConfig, values: Readonly<AnyValues>): RunConfig {
  return { ...config, values: { ...config.values, ...values } };
}

/**
 * Another algorithm or environment. It keeps what was changed of every hyperparameter that both pairs declare as one: the
 * gravity of one environment is not that of another, and what stood at the default of the old pair does so at the new one's.
 */
export function switchTo(config: RunConfig, to: { algo?: AlgorithmId; env?: EnvId }): RunConfig {
  const next = defaultConfig(to.algo ?? config.algo, to.env ?? config.env);
  const [before, after] = [config, next].map(({ algo, env }) => paramsOf(algo, env));
  const { values: usual } = defaultConfig(config.algo, config.env);
  const kept = Object.entries(config.values).filter(
    ([key, value]) => before[key] === after[key] && !sameValue(before[key], value, usual[key]),
  );
  return withValues(next, Object.fromEntries(kept));
}

/** The networks of a configuration of legal values. */
export function networksOf({ algo, env, values }: RunConfig): Networks {
  const algorithm: Algorithm = algorithms[algo];
  return algorithm.networks(values as unknown as RunValues, envs[env]);
}

/** Environments that an algorithm can learn, and algorithms that can learn an environment. */
export const environmentsOf = (algo: AlgorithmId): EnvId[] =>
  (Object.keys(envs) as EnvId[]).filter((env) => pairProblem(algo, env) === null);
export const algorithmsOf = (env: EnvId): AlgorithmId[] =>
  (Object.keys(algorithms) as AlgorithmId[]).filter((algo) => pairProblem(algo, env) === null);

/** Why there is no run of this algorithm on this environment; null where there is. */
export const pairProblem = (algo: AlgorithmId, env: EnvId): string | null => algorithms[algo].accepts(envs[env]);

/** Every pair that is offered. */
export const offeredPairs = (): [AlgorithmId, EnvId][] =>
  (Object.keys(algorithms) as AlgorithmId[]).flatMap((algo) =>
    environmentsOf(algo).map((env): [AlgorithmId, EnvId] => [algo, env]),
  );

/** What the key `env` is told of a pair that is not offered; null where it is. */
export function environmentProblem(algo: AlgorithmId, env: EnvId): string | null {
  const why = pairProblem(algo, env);
  return why && `must be one of ${environmentsOf(algo).join(", ")} with algo ${algo}, not ${env}, because ${why}`;
}

/** How the outputs of its network become actions. */
export function actingOf({ algo, env, values }: RunConfig, spec: NetworkSpec): Acting {
  const algorithm: Algorithm = algorithms[algo];
  return algorithm.acting(values as unknown as RunValues, envs[env], spec);
}

/** A combination of legal values that cannot run, under the key whose default mends it; null when there is none. */
export function combinationProblem(config: RunConfig): { key: string; message: string } | null {
  const { gradients, engine } = config.values as RunValues;
  if (engine === "webgpu") {
    const problem = fusedProblem(networksOf(config).policy);
    if (problem !== null) return { key: "engine", message: `engine must be another than webgpu: ${problem}` };
  }
  const because = "because only the SIMD kernels run in the actors";
  if (applierOf(config.values) === "actors") {
    if (engine !== "auto" && engine !== "simd")
      return { key: "apply", message: `apply must be learner with engine ${engine}, ${because}` };
    if (gradients === "learner")
      return {
        key: "apply",
        message: "apply must be learner with gradients at the learner: who applies a gradient has it",
      };
    if (config.values.gate === "wait")
      return {
        key: "gate",
        message: "gate must be off or drop with apply at the actors: without a server nobody waits",
      };
  }
  if (gradients !== "actors" || engine === "auto" || engine === "simd") return null;
  return { key: "gradients", message: `gradients must be auto or learner with engine ${engine}, ${because}` };
}

/** Why a run would wait for ever where nobody is at the page; null where it would not. */
export const endlessProblem = ({ values }: RunConfig): string | null =>
  values.pace === "step"
    ? "pace must be full or watchable here: with step every update waits for a press, and nobody presses"
    : null;

/** A sentence for every illegal value or combination, by key; empty when the run can be started. */
export function configProblems(config: RunConfig): string[] {
  const values = problemsOf(paramsOf(config.algo, config.env), config.values);
  const environment = environmentProblem(config.algo, config.env);
  const combination = environment || values.length > 0 ? null : combinationProblem(config);
  return [...(environment ? [`env ${environment}`] : []), ...values, ...(combination ? [combination.message] : [])];
}

/** Where gradients are computed, once the engine is known. */
export const placementOf = ({ gradients, engine, ...values }: RunValues): "learner" | "actors" =>
  applierOf(values) === "actors"
    ? "actors"
    : gradients === "auto"
      ? engine === "simd"
        ? "actors"
        : "learner"
      : gradients;

/** Who applies gradients: a choice of the algorithms that let nobody wait. */
export const applierOf = (values: Readonly<AnyValues>): Applier => (values.apply as Applier | undefined) ?? "learner";

/** How the targets see rewards: a choice of the algorithms that offer it. */
export const rewardScaleOf = (values: Readonly<AnyValues>): RewardScale =>
  (values.rewardScale as RewardScale | undefined) ?? "none";

/** Whether only the SIMD kernels can carry this run out. */
export const needsSimd = (values: RunValues): boolean =>
  values.gradients === "actors" || applierOf(values) === "actors";

/** The configuration with what `auto` chose written into it: everything that decides the bits of a run. */
export function resolved(config: RunConfig, engine: Exclude<RunValues["engine"], "auto">): RunConfig {
  const chosen = withValues(config, { engine });
  return withValues(chosen, { gradients: placementOf(chosen.values as unknown as RunValues) });
}

/** All that finding and warming an engine depends on, as text. Most live values are read when a run has begun. */
export function needsOf({ algo, env, values }: RunConfig): string {
  const params = paramsOf(algo, env);
  const keys = Object.keys(params).filter((key) => !params[key].live || key === "actors");
  return JSON.stringify([algo, env, keys.map((key) => params[key].format(values[key]))]);
}
