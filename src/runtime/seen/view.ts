/**
 * What the page sees of a run. The runner (run.ts) offers it; the page reads a snapshot once a frame and draws it.
 * All series are decimated by the learner, so a snapshot is bounded however long the run.
 */

import type { updateStats } from "../../algorithms/stats.ts";
import type { AnyValues } from "../../core/params.ts";
import type { EngineChoice, EngineTrial } from "../../nn/engine.ts";
import type { NetworkSpec } from "../../nn/graph.ts";
import type { Edit, Repetition } from "../memory/repetition.ts";
import type { RunConfig } from "../plan/config.ts";
import type { Activity } from "../shared/lane.ts";
import type { SystemView } from "./system.ts";

export type { Edit, Repetition };

/**
 * idle: nothing started. starting: workers and the engine are being set up. running, paused: as it says.
 * stopped: a stop condition ended the run. failed: it ended by a fault; `problem` says which, and what to do.
 */
export type Phase = "idle" | "starting" | "running" | "paused" | "stopped" | "failed";

/** Finished training episodes of one stretch of the run. */
export interface ReturnPoint {
  readonly envSteps: number;
  readonly updates: number;
  readonly seconds: number;
  /** Episodes in this point, and the mean, least and greatest of their returns. */
  readonly episodes: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Mean of the last 100 training episodes at the end of this point. */
  readonly mean100: number;
}

/** One stretch of updates, with every statistic that its algorithm declares, joined as it says (algorithms/stats.ts). */
export type UpdatePoint = Readonly<Record<"envSteps" | "updates" | "seconds" | keyof typeof updateStats, number>> &
  Readonly<Record<string, number | undefined>>;

/** Greedy episodes on the parameters of one version. */
export interface EvaluationPoint {
  readonly envSteps: number;
  readonly updates: number;
  readonly seconds: number;
  readonly episodes: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

export interface ActorView {
  readonly index: number;
  /** What the thread is doing at this instant. */
  readonly activity: Activity;
  /** Version of the parameters it acts with. */
  readonly version: number;
  /** Return of its last finished episode; null before the first. */
  readonly lastReturn: number | null;
  /**
   * The live state of each environment copy, views into shared memory, valid while the run lives; another thread
   * writes them, so a drawing may mix two steps.
   */
  readonly states: readonly Float64Array[];
  /** The last action of each copy, live views likewise. [actionSize] each */
  readonly actions: readonly Float32Array[];
  /** Steps of the running episode of each copy, a live view. */
  readonly episodeSteps: Int32Array;
}

/** What is wrong with a run, where it is known as more than words. */
export type Trouble = { readonly kind: "not finite" } | { readonly kind: "stalled"; readonly actor: number };

export interface Snapshot {
  /** Which run of this runner it is: another number for another run, and while there is none. */
  readonly generation: number;
  readonly phase: Phase;
  /** The configuration as it was started, live values as of now. */
  readonly config: RunConfig;
  /** The same with what `auto` chose: what a shared link must say. */
  readonly resolved: RunConfig;
  /** As it began, with what `auto` chose, and pace and end as they are now: with the edits, the whole run. */
  readonly begun: RunConfig;
  readonly engine: EngineChoice | null;
  /** What the configuration needs that the engine was found for, see needsOf; null where none was. */
  readonly preparedFor: string | null;
  /** While starting: what is awaited, in words. */
  readonly progress: string | null;
  /** Why the run failed or warns, and what to do about it. */
  readonly problem: string | null;
  /** What kind of problem it is; null where there is none, or no more to say. */
  readonly trouble: Trouble | null;
  /** Which stop condition ended the run, in words. */
  readonly stopReason: string | null;
  readonly envSteps: number;
  readonly updates: number;
  /** The version of the latest parameters; an update need not publish one. */
  readonly versions: number;
  readonly episodes: number;
  /** Time spent running, without pauses, and without the machine's sleep. */
  readonly seconds: number;
  /** Seconds that the machine slept since the run began: what is not in `seconds`, but for two of every sleep. */
  readonly sleptSeconds: number;
  /** Rates over about the last second. */
  readonly stepsPerSecond: number;
  readonly updatesPerSecond: number;
  /** Mean return of the last 100 training episodes; null before 100 have finished. */
  readonly meanReturn100: number | null;
  /** The first moment at which meanReturn100 reached the threshold of the environment. */
  readonly solvedAt: { readonly envSteps: number; readonly updates: number; readonly seconds: number } | null;
  readonly staleness: { readonly mean: number; readonly max: number };
  /** Gradients so far by how many versions they were behind; the last entry counts all beyond. */
  readonly stalenessCounts: readonly number[];
  /** Gradients that were too stale for the gate. */
  readonly dropped: number;
  /** Increases when a series or the edits change; while equal, the arrays below are the same objects. */
  readonly revision: number;
  readonly returns: readonly ReturnPoint[];
  readonly updateSeries: readonly UpdatePoint[];
  readonly evaluations: readonly EvaluationPoint[];
  /** In the order of their updates. */
  readonly edits: readonly Edit[];
  /** Edits that happened and are not among them, because there were more than MOST_EDITS: then nobody can repeat the run. */
  readonly editsMissing: number;
  /** Share of the first update's env-steps that are made, about; null once it is made, and where there is no run. */
  readonly firstUpdate: number | null;
  readonly actors: readonly ActorView[];
  /** Hash of the published parameters, 8 hex digits; changes with every update. Of the moment of `updates`. */
  readonly parametersHash: string;
  /** Hash of the returns of all finished episodes in their order, likewise. */
  readonly returnsHash: string;
  /** The two hashes after as many updates as the repetition asked for; null before. */
  readonly check: { readonly parametersHash: string; readonly returnsHash: string } | null;
  readonly sharedMemoryBytes: number;
}

/** What a run goes on from, and what had happened in it. */
export interface Resumption {
  readonly checkpoint: Uint8Array;
  /** Only what belongs to the checkpoint, see editsUntil. */
  readonly edits: readonly Edit[];
  readonly editsMissing?: number;
}

export interface StartOptions {
  readonly resume?: Resumption;
  readonly repetition?: Repetition;
}

/** The page's handle on the one run of this tab. Methods never throw for what a person can cause: see `problem`. */
export interface Runner {
  /**
   * Starts a new run of this configuration (a running one is reset first), or goes on from a checkpoint of it. Resolves
   * when it runs or has failed.
   */
  start(config: RunConfig, options?: StartOptions): Promise<void>;
  /**
   * All that the run needs to be gone on with, as of the end of an update; null when there is no run, when none was ever
   * written, or when the learner does not answer in time. Opaque bytes, for `start` with the same configuration; see momentIn.
   *
   * @param patience milliseconds that the learner has
   */
  checkpoint(patience?: number): Promise<Uint8Array | null>;
  /**
   * Makes no further update and resolves to the checkpoint of the very end, for a run that is ended on purpose; `reset` or
   * `start` is to follow. null as for `checkpoint`. Takes two seconds at most where a thread does not answer.
   */
  end(): Promise<Uint8Array | null>;
  /** Asks the learner to go back to the parameters of the best evaluation, with fresh moments, at its next update. */
  rollBack(): void;
  pause(): void;
  resume(): void;
  /** Pauses if running, then lets exactly one update happen. */
  step(): void;
  /** Stops the run and forgets it; resolves when every thread is idle again. */
  reset(): Promise<void>;
  /** Changes a live hyperparameter of the running run (an immediate one too). No effect when nothing runs. */
  edit(key: string, value: AnyValues[string]): void;
  /** Ends the thread of an actor at once. Another takes its place and goes on from its last whole unroll. */
  killActor(index: number): void;
  /** Shoves one copy of an actor; strength as in the environment's `push`. */
  push(actor: number, copy: number, strength: number): void;
  /** The network of the run; null when there is none. */
  readonly network: NetworkSpec | null;
  /**
   * Copies the latest published parameters and returns their version, −1 while there are none. While it runs, and
   * afterwards. into: [network.size]
   */
  parameters(into: Float32Array): number;
  /** The parts of the run at work; null when there is none. Another object for another run. */
  readonly system: SystemView | null;
  /** Cheap: call it once a frame. The same object while nothing changed. */
  snapshot(): Snapshot;
  /** Called when `phase` or `problem` changes; returns the unsubscribe function. */
  onPhase(listener: () => void): () => void;
  /** Starts threads and loads modules for this configuration before Train is pressed. */
  warm(config: RunConfig): void;
  /** Times every engine of this machine on updates of a configuration; null while a run is under way. Rejects as threads do. */
  measure(config: RunConfig): Promise<readonly EngineTrial[] | null>;
  /** Stops the run and ends every thread: the runner is not needed any more. */
  close(): void;
  /** The number of worker threads alive, for leak tests. */
  readonly workerCount: number;
}

/** What a person should know who asks for many more threads than the machine has cores; null when there is nothing to say. */
export function machineAdvice(config: RunConfig, cores: number): string | null {
  const actors = config.values.actors as number;
  if (actors <= 2 * cores) return null;
  return `${actors} actors on ${cores} ${cores === 1 ? "core" : "cores"}: they take turns, so more actors bring more waiting, not more speed.`;
}
