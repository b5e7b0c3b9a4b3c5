/**
 * An algorithm is a loss plus a topology. The loss is written once, in TensorFlow.js operations: that is its
 * definition, and it runs on any backend. The topology says who waits for whom (runtime/learning/learner.ts carries it out).
 */
import type { AnyValues, ParamSet, Values } from "../core/params.ts";
import type { Stats } from "../core/stats.ts";
import type { Environment } from "../envs/environment.ts";
import type { EnvId } from "../envs/index.ts";
import type { Acting } from "../nn/acting/acting.ts";
import type { NetworkSpec } from "../nn/graph.ts";
import type { Learns } from "../nn/loss.ts";
import type { Networks, NetworkValues } from "./network.ts";

/**
 * lockstep: every actor hands in one unroll, one update, everybody pulls the next version.
 * asynchronous: an actor's unroll is applied on arrival, at the gradient of that actor's own snapshot; the others are
 * not waited for.
 */
export type Synchrony = "lockstep" | "asynchronous";

/** By version of links, then by environment: values that differ from the declared defaults. */
export type PairDefaults = Readonly<Record<number, { readonly [E in EnvId]?: Readonly<AnyValues> }>>;

export interface Algorithm<P extends ParamSet = ParamSet> {
  /** The paper's short name in lower case; also the value of `algo=` in a run URL. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences for a newcomer. */
  readonly about: string;
  readonly citation: { readonly text: string; readonly url: string };
  readonly synchrony: Synchrony;
  readonly params: P;
  /** Hyperparameters that it has beside them in this environment. */
  paramsIn(environment: Environment): ParamSet;
  /** Why it cannot learn an environment, as a sentence; null where it can. What it refuses is not offered. */
  accepts(environment: Environment): string | null;
  /**
   * What it begins with on an environment, hyperparameters of the run among them. An entry takes the place of the whole
   * entry of an earlier version. Once links of a version are out it stays as it is (tests/golden/defaults.json): to retune
   * a pair, write its entry under the next version.
   */
  readonly defaults: PairDefaults;
  networks(values: Values<P> & NetworkValues, environment: Environment): Networks;
  /** How the outputs of the network that acts become actions. */
  acting(values: Values<P>, environment: Environment, spec: NetworkSpec): Acting;
  /** Every loss that it may learn by, by name. */
  readonly losses: Readonly<Record<string, Learns>>;
  /** Which of them, under these hyperparameters in this environment. */
  learns(values: Values<P>, environment: Environment): Learns;
  /** What is recorded of an update beside updateStats (stats.ts): the statistics of the loss by their names, and a critic's. */
  readonly stats: Stats;
}
