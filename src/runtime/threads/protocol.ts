/**
 * What Comlink carries: the start of a part and what it returns. Everything that happens every step or every update
 * goes through shared memory, because a thread that blocks hears no message.
 */

import type { EngineChoice, EngineTrial } from "../../nn/engine.ts";
import type { Outcome } from "../learning/learning.ts";
import type { RunConfig } from "../plan/config.ts";

/** What a thread posts by itself when it is of no further use: its engine has broken down. */
export const RETIRES = "this thread retires";

/** The same run, on every thread: the configuration, and the memory that was formatted for it. */
export interface RunTicket {
  readonly config: RunConfig;
  readonly memory: WebAssembly.Memory;
  /** Tells this run from all others of this browser. */
  readonly id: string;
}

/** What every thread does. */
export interface ThreadApi {
  /** See life.ts. The first call of all, before anything that blocks. */
  holdForLife(lock: string): Promise<boolean>;
}

export interface ActorApi extends ThreadApi {
  /** Loads the kernels and has them optimised, before there is a run. */
  warm(config: RunConfig): void;
  /**
   * Resolves when the run is stopped. Where another thread still is this actor (it was ended, and may take a moment to
   * be gone), waits for its end, and goes on from the last unroll that it committed.
   */
  run(ticket: RunTicket, index: number): Promise<void>;
}

export interface EvaluatorApi extends ThreadApi {
  /** Loads the kernels and has them optimised, before there is a run. */
  warm(config: RunConfig): void;
  /** Resolves when the run is stopped. */
  run(ticket: RunTicket): void;
}

export interface LearnerApi extends ThreadApi {
  /** Loads the engine and runs it once, so that the first update is not the slow one. */
  prepare(config: RunConfig): Promise<EngineChoice>;
  /**
   * Times every engine on updates of this configuration, until it is interrupted. Before a run or after it. `onTrial`
   * hears of every engine at once, so that nothing is lost where the thread has to be ended.
   */
  measure(config: RunConfig, onTrial: (trial: EngineTrial) => void): Promise<EngineTrial[]>;
  /** Ends all measuring that was asked for, after the engine in hand. */
  interrupt(): void;
  /** Resolves when the run ends. `onEngine` hears of an engine that takes the place of the one configured. */
  run(ticket: RunTicket, onEngine: (choice: EngineChoice) => void): Promise<Outcome>;
}

/** What the threads of a run are, and what each of them answers to. */
export interface Apis {
  actor: ActorApi;
  learner: LearnerApi;
  evaluator: EvaluatorApi;
}
export type Role = keyof Apis;
