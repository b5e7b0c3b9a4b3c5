/** Updates of a run on noise, before there is a run: to time engines, and to have everything compiled. */
import { layout, type Views, viewsOf } from "../../core/layout.ts";
import { Rng } from "../../core/rng.ts";
import type { GradientEngine } from "../../nn/engine.ts";
import { learntOf } from "../../nn/graph.ts";
import { resetStatistics } from "../../nn/initialise.ts";
import { type OptimizerName, plainOptimizer } from "../../nn/optimizers.ts";
import { simdParts } from "../acting/simdActor.ts";
import { Rates } from "../learning/rates.ts";
import { memoryLayout, sharedMemory } from "../memory/memory.ts";
import { batchRows, type RunPlan } from "../plan/plan.ts";
import { type Budget, type Timed, timeWork, type Work } from "./timing.ts";

const groundLayout = (plan: RunPlan) => {
  const { learner, actors } = memoryLayout(plan).nodes;
  return layout({ learner, actor: actors.layout });
};

/** The learner's and one actor's part of a run's memory. */
type Ground = { readonly memory: WebAssembly.Memory } & Views<ReturnType<typeof groundLayout>>;

/** Numbers that are drawn; longer arrays repeat them. */
const DRAWN = 4096;

function fill(values: Float32Array | Int32Array, draw: () => number): void {
  for (let i = 0; i < Math.min(DRAWN, values.length); i++) values[i] = draw();
  for (let n = DRAWN; n < values.length; n *= 2) values.copyWithin(n, 0, Math.min(n, values.length - n));
}

/** Parameters, a batch and an unroll of noise. */
export function trialGround(plan: RunPlan): Ground {
  const of = groundLayout(plan);
  const memory = sharedMemory(of.bytes);
  const ground = { memory, ...viewsOf(of, memory.buffer) };
  const { learner, actor } = ground;
  const rng = new Rng().seed(0);
  fill(learner.parameters, () => 0.1 * rng.normal());
  resetStatistics(plan.spec, learner.parameters);
  const [unroll] = actor.unrolls;
  for (const { observation, action, advantage, returns } of [learner.batch, { ...unroll, ...actor }]) {
    for (const values of [observation, advantage, returns]) fill(values, () => rng.normal());
    const { actions } = plan.environment;
    fill(action, () => (actions.kind === "discrete" ? rng.next() % actions.names.length : rng.normal()));
  }
  const { streams } = actor.copies;
  for (let i = 0; i < streams.length; i++) streams[i] = rng.next();
  return ground;
}

function optimization(plan: RunPlan, engine: GradientEngine, { learner }: Pick<Ground, "learner">) {
  const { values } = plan.config;
  const { parameters, gradient, first, second, optimizerSteps } = learner;
  const moments = { first, second, steps: optimizerSteps };
  const of = {
    hp: values,
    clip: values.clip as number,
    rule: values.optimizer as OptimizerName,
    rates: new Rates().latch(values, 0),
  };
  const optimizer = engine.optimizer ?? plainOptimizer;
  const learnt = learntOf(plan.spec, parameters);
  return {
    moments,
    of,
    optimizer,
    apply() {
      optimizer.clip(gradient, of.clip);
      optimizer.step(of.rule, learnt, gradient, moments, of.rates);
    },
  };
}

/** One update as the learner does it: gradient, clip, step. */
export function learnerUpdate(plan: RunPlan, engine: GradientEngine, ground: Pick<Ground, "learner">): Work {
  const { parameters, gradient, batch: all } = ground.learner;
  const { moments, of, apply } = optimization(plan, engine, ground);
  const stats = new Float32Array(plan.outputGradient.stats.length);
  const batch = { rows: batchRows(plan), ...all };
  const { resident } = engine;
  resident?.load(parameters, moments);
  return async (rows) => {
    batch.rows = rows;
    if (resident) {
      await resident.update({ batch, at: null, ...of }, parameters, moments, stats);
      return;
    }
    const working = engine.differentiate(parameters, batch, of.hp, gradient, stats);
    if (working) await working;
    apply();
  };
}

/** An actor on the SIMD kernels. */
export function trialActor(plan: RunPlan, { memory, learner, actor }: Ground) {
  const { policy, engine } = simdParts(plan, memory, actor);
  const { parameters } = learner;
  const [unroll] = actor.unrolls;
  const batch = { rows: 0, ...unroll, advantage: actor.advantage, returns: actor.returns };
  return {
    engine,
    /** Runs the policy on a whole unroll. */
    act() {
      policy.load(parameters);
      for (let t = 0; t <= plan.T; t++) {
        policy.observation.set(unroll.observation.subarray(0, policy.observation.length));
        policy.run(plan.B, t * plan.B);
        policy.sample(plan.B, plan.config.values);
      }
    },
    /** The gradient of so many rows of the unroll, where the actors differentiate. */
    differentiate(rows: number) {
      batch.rows = rows;
      engine?.differentiate(parameters, batch, plan.config.values, unroll.gradient, unroll.lossStats);
    },
  };
}

/** Rounds in which the actors of an update differentiate on so many cores. */
const rounds = ({ lockstep, actors }: RunPlan, cores: number) => (lockstep ? Math.ceil(actors / cores) : 1);

/**
 * Milliseconds of an update whose actors differentiate: each its own rows, side by side on the cores, then the learner
 * sums, clips and steps.
 */
export async function timeAtActors(
  plan: RunPlan,
  ground: Ground,
  cores: number,
  budget: Budget,
  share: number,
): Promise<Timed> {
  const { engine, act, differentiate } = trialActor(plan, ground);
  if (!engine) throw new Error(`gradients are computed by the ${plan.gradients}`);
  if (plan.keepsActivations) act();
  const shard = await timeWork(differentiate, plan.T * plan.B, budget, 0.8 * share);
  const [{ gradient }] = ground.actor.unrolls;
  const { optimizer, apply } = optimization(plan, engine, ground);
  const summed = plan.lockstep ? plan.actors : 1;
  const sum = await timeWork(
    () => {
      ground.learner.gradient.fill(0);
      for (let k = 0; k < summed; k++) optimizer.addScaled(ground.learner.gradient, gradient, 1 / summed);
      apply();
    },
    1,
    budget,
    0.2 * share,
  );
  return {
    milliseconds: rounds(plan, cores) * shard.milliseconds + sum.milliseconds,
    isEstimate: shard.isEstimate,
  };
}
