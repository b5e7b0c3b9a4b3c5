/** The plan of a run: every size and role that follows from its configuration. Every thread computes the same one. */

import type { Algorithm } from "../../algorithms/algorithm.ts";
import { algorithms } from "../../algorithms/index.ts";
import type { Networks } from "../../algorithms/network.ts";
import { statsOf } from "../../algorithms/stats.ts";
import type { Applier } from "../../algorithms/topology.ts";
import { liveKeys, type ParamSet } from "../../core/params.ts";
import type { Environment } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import type { Acting } from "../../nn/acting/acting.ts";
import type { NetworkSpec } from "../../nn/graph.ts";
import type { Learns } from "../../nn/loss.ts";
import { activationBytes } from "../../nn/simd/network.ts";
import type { RewardScale } from "../../returns/rewards.ts";
import { type Columns, updateColumnsOf } from "./columns.ts";
import {
  actingOf,
  applierOf,
  configProblems,
  networksOf,
  paramsOf,
  placementOf,
  type RunConfig,
  type RunValues,
  rewardScaleOf,
  roomFor,
} from "./config.ts";

/** Bytes of activations that an actor keeps at most: beyond, reading them back costs more than computing them again. */
const MOST_KEPT = 4 * 1024 * 1024;

/** Sizes that follow from a configuration. */
export interface RunPlan {
  readonly config: RunConfig;
  readonly values: RunValues;
  readonly params: ParamSet;
  /** Keys of the live hyperparameters, in slot order. */
  readonly live: readonly string[];
  readonly environment: Environment;
  readonly networks: Networks;
  /** The one that acts. */
  readonly spec: NetworkSpec;
  /** How its outputs become actions. */
  readonly acting: Acting;
  /** The algorithm's loss in this environment, and its row function. */
  readonly loss: Learns["loss"];
  readonly outputGradient: Learns["outputGradient"];
  /** Of the updates' curve. */
  readonly updateColumns: Columns;
  /** Actors that it begins with, and those that it has memory for. */
  readonly actors: number;
  readonly room: number;
  /** Environment copies an actor, steps an unroll. */
  readonly B: number;
  readonly T: number;
  readonly lockstep: boolean;
  /** How the targets see rewards. */
  readonly rewardScale: RewardScale;
  /** Who differentiates, and who applies. */
  readonly gradients: "learner" | "actors";
  readonly apply: Applier;
  /** Actors keep the activations of an unroll and differentiate without another forward pass. */
  readonly keepsActivations: boolean;
}

/** Throws with all problems when the configuration is illegal. */
export function planRun(config: RunConfig): RunPlan {
  const problems = configProblems(config);
  if (problems.length > 0) throw new Error(`this run cannot be started: ${problems.join("; ")}`);
  const values = config.values as unknown as RunValues;
  const environment: Environment = envs[config.env];
  const params = { ...paramsOf(config.algo, config.env) }; // with a prototype: read at every update, and faster so
  const algorithm: Algorithm = algorithms[config.algo];
  const networks = networksOf(config);
  const spec = networks.policy;
  const gradients = placementOf(values);
  const rows = (values.unroll + 1) * values.envs;
  return {
    config,
    values,
    params,
    live: liveKeys(params),
    environment,
    networks,
    spec,
    acting: actingOf(config, spec),
    ...algorithm.learns(config.values as never, environment),
    updateColumns: updateColumnsOf(statsOf(algorithm)),
    actors: values.actors,
    room: roomFor(values.actors),
    B: values.envs,
    T: values.unroll,
    lockstep: algorithm.synchrony === "lockstep",
    rewardScale: rewardScaleOf(config.values),
    gradients,
    apply: applierOf(config.values),
    keepsActivations: gradients === "actors" && activationBytes(spec, rows) <= MOST_KEPT,
  };
}

/**
 * Slots of what is logged and repeated: live values first, in slot order; then 'actor k was replaced' (value: how often);
 * then a push of a copy at a step of an unroll (value: how hard); last the return to the best parameters (value: their update).
 */
export function editSlots({ live, room, B, T }: Pick<RunPlan, "live" | "room" | "B" | "T">) {
  const replaced = live.length;
  const pushed = replaced + room;
  const rollback = pushed + room * B * T;
  return { replaced, pushed, rollback, pushesOfActor: B * T };
}

/** Rows of an update of so many actors: one unroll of each in lockstep, else of one. */
export const batchRows = ({ lockstep, actors, T, B }: RunPlan, of = actors): number => (lockstep ? of : 1) * T * B;
