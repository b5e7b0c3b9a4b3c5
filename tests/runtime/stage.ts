/** The parts of a run on one thread, to be driven by hand. */
import type { AlgorithmId } from "../../src/algorithms/index.ts";
import type { AnyValues } from "../../src/core/params.ts";
import type { Environment } from "../../src/envs/environment.ts";
import type { EnvId } from "../../src/envs/index.ts";
import type { Batch, GradientEngine } from "../../src/nn/engine.ts";
import { outputOf } from "../../src/nn/graph.ts";
import { Actor } from "../../src/runtime/acting/actor.ts";
import { Evaluator } from "../../src/runtime/acting/evaluator.ts";
import { Learner } from "../../src/runtime/learning/learner.ts";
import { formatMemory, memoryLayout, type RunMemory } from "../../src/runtime/memory/memory.ts";
import { episodeLog } from "../../src/runtime/plan/columns.ts";
import { defaultConfig, type RunConfig, withValues } from "../../src/runtime/plan/config.ts";
import { planRun, type RunPlan } from "../../src/runtime/plan/plan.ts";
import { Log } from "../../src/runtime/shared/ring.ts";
import { plainEngine, type Sizes } from "../nn/plain.ts";

/** A run that is small enough to be repeated hundreds of times. */
export const smallConfig = (algo: AlgorithmId = "a2c", values: AnyValues = {}, env: EnvId = "CartPole-v1"): RunConfig =>
  withValues(defaultConfig(algo, env), { actors: 3, envs: 2, unroll: 4, hidden: [6], ...values });

export const sizesOf = ({ spec, values }: RunPlan): Sizes => ({
  inputs: spec.inputs,
  widths: values.hidden,
  actions: outputOf(spec, "logits").outputs,
  activation: values.activation,
});

export const plainEngineOf = (plan: RunPlan): GradientEngine => plainEngine(sizesOf(plan));

/** One call of an engine, as it was handed over. */
export interface Call {
  parameters: number[];
  batch: Batch;
  hp: Readonly<Record<string, unknown>>;
}

/** An engine that notes every call before it does its work. */
export function spy(inner: GradientEngine): GradientEngine & { calls: Call[] } {
  const calls: Call[] = [];
  return {
    ...inner,
    calls,
    differentiate(parameters, batch, hp, gradient, stats) {
      const { rows, observation, action, advantage, returns } = batch;
      calls.push({
        parameters: [...parameters],
        batch: {
          rows,
          observation: observation.slice(),
          action: action.slice(),
          advantage: advantage.slice(),
          returns: returns.slice(),
        },
        hp: { ...hp },
      });
      return inner.differentiate(parameters, batch, hp, gradient, stats);
    },
  };
}

export interface Stage {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  readonly learner: Learner;
  readonly actors: readonly Actor[];
  readonly evaluator: Evaluator;
}

interface Staging {
  environment?: Partial<Environment>;
  /** Happens once the memory is formatted and before any part is made. */
  before?(of: Pick<Stage, "plan" | "memory">): void;
  recover?(plan: RunPlan): GradientEngine;
  /** Actors beyond those that the run begins with. */
  spare?: number;
}

/** Lays out memory and makes every part; the learner has published version 0. */
export function stage(
  config: RunConfig,
  engineOf: (plan: RunPlan) => GradientEngine = plainEngineOf,
  { environment, before, recover, spare = 0 }: Staging = {},
): Stage {
  const planned = planRun(config);
  const plan: RunPlan = { ...planned, environment: { ...planned.environment, ...environment } };
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  before?.({ plan, memory });
  const next = recover && (async () => recover(plan));
  const learner = new Learner(plan, memory, engineOf(plan), () => 0, next);
  const actors = Array.from({ length: plan.actors + spare }, (_, index) => new Actor(plan, memory, index));
  const evaluator = new Evaluator(plan, memory);
  learner.begin();
  return { plan, memory, learner, actors, evaluator };
}

export const always = () => true;

/** Every actor whose turn it is collects; then one update. */
export async function turn({ actors, learner }: Stage): Promise<void> {
  for (const actor of actors) actor.collect(always);
  await learner.update(learner.ready()!);
}

/**
 * Updates of a run in lockstep whose actors come in any order. Numbers decide who goes next. An actor that collects lets others
 * collect between its steps, as threads do; an actor that waits for its turn is asked again and again.
 */
export async function disturbed(
  { actors, learner }: Stage,
  updates: number,
  choices: readonly number[],
): Promise<void> {
  let k = 0;
  const next = () => choices[k++ % choices.length];
  const busy = new Set<number>();
  const collect = (actor: number) => {
    if (busy.has(actor)) return;
    busy.add(actor);
    actors[actor].collect(() => {
      const other = next();
      if (other < actors.length) collect(other);
      return true;
    });
    busy.delete(actor);
  };
  const n = actors.length;
  for (let update = 0; update < updates; update++) {
    for (let tries = 0; learner.ready() === null; tries++) collect(tries < 20 ? next() % n : tries % n);
    await learner.update(learner.ready()!);
    if (next() % 3 === 0) learner.publishBoard();
  }
}

/** Asks for a live value as the page does. */
export function edit({ plan, memory }: Pick<Stage, "plan" | "memory">, key: string, value: AnyValues[string]): void {
  const slot = plan.live.indexOf(key);
  memory.control.requested[slot] = plan.params[key].toSlot(value);
  Atomics.add(memory.control.requests, slot, 1);
}

/** All rows of a log that are still there. */
export function rowsOf(views: RunMemory["logs"]["episodes"], columns: number): number[][] {
  const rows: number[][] = [];
  new Log(views, columns).read(0, (row) => rows.push([...row]));
  return rows;
}

/** [actor, copy, return, length] of every finished episode, in order. */
export const episodesOf = (memory: RunMemory): number[][] =>
  rowsOf(memory.logs.episodes, episodeLog.length).map((row) => row.slice(3));
