import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import type { AnyValues } from "../../../src/core/params.ts";
import type { EnvId } from "../../../src/envs/index.ts";
import { tfjsEngine } from "../../../src/nn/tfjs/engine.ts";
import { totals } from "../../../src/runtime/plan/columns.ts";
import { defaultConfig, type RunConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { localRun } from "../../../src/runtime/threads/local.ts";
import { tf } from "../../nn/tf.ts";
import { runUntil, simdStage } from "../simd.ts";
import { always, disturbed, episodesOf, plainEngineOf, type Stage, smallConfig, stage, turn } from "../stage.ts";

const algos = Object.keys(algorithms) as AlgorithmId[];
/** Those whose episodes are short, and whose policy the plain engine of the tests can learn. */
const environments: EnvId[] = ["CartPole-v1", "CartPole-v0"];
const pairs = algos.flatMap((algo) => environments.map((env) => [algo, env] as const));

/** A run to its end: what it learnt and what it earned on the way. */
async function trained(config: RunConfig) {
  const run = localRun(config, plainEngineOf);
  const reason = await run.run();
  return { reason, hash: run.learner.parametersHash, episodes: episodesOf(run.memory), run };
}

const updates = (count: number): AnyValues => ({ until: [{ when: "updates", count }] });

describe.each(pairs)("%s on %s", (algo, env) => {
  const config = smallConfig(algo, { ...updates(60), unroll: 8, seed: 11, evalEvery: 25 }, env);

  test("trains without a worker, the same bits again from the same seed, others from another", async () => {
    const first = await trained(config);
    const again = await trained(config);
    const other = await trained(withValues(config, { seed: 12 }));
    expect(first.reason).toBe("60 updates");
    expect(first.episodes.length).toBeGreaterThan(5);
    expect(again.hash).toBe(first.hash);
    expect(again.episodes).toEqual(first.episodes);
    expect(other.hash).not.toBe(first.hash);
    expect(other.episodes).not.toEqual(first.episodes);
  });

  test("counts every env-step", async () => {
    const { run, episodes } = await trained(config);
    const actorsAnUpdate = algorithms[algo].synchrony === "lockstep" ? 3 : 1;
    expect(run.learner.record.envSteps).toBe(60 * actorsAnUpdate * 2 * 8);
    const finished = episodes.reduce((sum, [, , , length]) => sum + length, 0);
    expect(finished).toBeLessThanOrEqual(run.learner.record.envSteps);
    expect(run.memory.parameters.version[0]).toBe(60);
  });

  test("stale gradients exist exactly where nobody waits", async () => {
    const { run } = await trained(config);
    const { stalenessMax } = run.learner.record;
    if (algorithms[algo].synchrony === "lockstep") expect(stalenessMax).toBe(0);
    else expect(stalenessMax).toBe(2); // three actors, applied one after the other
  });

  test("evaluation changes no bit of the training", async () => {
    const often = await trained(withValues(config, { evalEvery: 1 }));
    const never = await trained(withValues(config, { evalEvery: 1000 }));
    expect(often.hash).toBe(never.hash);
    expect(often.episodes).toEqual(never.episodes);
    expect(often.run.memory.evaluator.board.evaluations.length[0]).toBe(60);
    expect(never.run.memory.evaluator.board.evaluations.length[0]).toBe(0);
  });

  test("pace and stop condition change no bit of the training", async () => {
    const { hash } = await trained(config);
    const watchable = await trained(withValues(config, { pace: "watchable" }));
    expect(watchable.hash).toBe(hash);
    const steps = await trained(
      withValues(config, { until: [{ when: "steps", count: watchable.run.learner.record.envSteps }] }),
    );
    expect(steps.hash).toBe(hash);
  });
});

test("every hyperparameter of the loss and the optimizer reaches the parameters", async () => {
  const config = smallConfig("a2c", { ...updates(30), unroll: 8, schedule: "linear", horizon: 5000 });
  const { hash } = await trained(config);
  const changed: AnyValues = {
    lr: 0.006,
    schedule: "constant",
    horizon: 6000,
    optimizer: "rmsprop",
    beta1: 0.8,
    beta2: 0.9,
    epsilon: 1e-3,
    clip: 0.3,
    valueCost: 0.6,
    entropyCost: 0.02,
    estimator: "n-step",
    gamma: 0.95,
    lambda: 0.8,
    activation: "relu",
    hidden: [7],
    unroll: 7,
    envs: 3,
    actors: 2,
  };
  for (const [key, value] of Object.entries(changed))
    expect((await trained(withValues(config, { [key]: value }))).hash, key).not.toBe(hash);
  for (const values of [{ clip: Number.POSITIVE_INFINITY }, { optimizer: "sgd" }] as AnyValues[])
    expect((await trained(withValues(config, values))).hash).not.toBe(hash);
  const rmsprop = withValues(config, { optimizer: "rmsprop" });
  expect((await trained(withValues(rmsprop, { decay: 0.9 }))).hash).not.toBe((await trained(rmsprop)).hash);
});

test("a run without a stop condition is refused, because it would never end", async () => {
  await expect(localRun(smallConfig(), plainEngineOf).run()).rejects.toThrow("needs a stop condition");
});

test("A2C learns CartPole-v1 with the learner's engine on TensorFlow.js", async () => {
  const config = withValues(defaultConfig("a2c"), {
    actors: 2,
    envs: 2,
    unroll: 5,
    hidden: [64],
    lr: 0.008,
    seed: 1,
    evalEvery: 1_000_000,
    until: [{ when: "steps", count: 30_000 }],
  });
  const run = localRun(config, (plan) => tfjsEngine(tf, "cpu", plan.spec, plan));
  expect(await run.run()).toBe("30000 env-steps");
  const returns = episodesOf(run.memory).map(([, , total]) => total);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const first = mean(returns.slice(0, 50));
  const last = mean(returns.slice(-50));
  expect(first).toBeLessThan(40); // a random policy balances for about 22 steps
  expect(last).toBeGreaterThan(90);
  run.learner.publishBoard();
  const board = run.memory.board.totals;
  expect(board[totals.indexOf("episodes")]).toBe(run.learner.record.episodes);
});

test("with a trunk for the policy and one for the value, TensorFlow.js and the SIMD kernels go the same way", async () => {
  const config = smallConfig("a2c", { ...updates(20), hidden: [7, 6], trunk: "separate", gradients: "learner" });
  const theirs = localRun(config, (plan) => tfjsEngine(tf, "cpu", plan.spec, algorithms.a2c.losses.categorical));
  await theirs.run();
  const ours = simdStage(config);
  await runUntil(ours, () => ours.learner.record.updates === 20);
  expect(theirs.plan.spec.layers.map(({ name }) => name)).toContain("valueHidden2");
  const apart = ours.learner.parameters.map((x, i) => x - theirs.learner.parameters[i]);
  expect(Math.max(...apart.map(Math.abs))).toBeLessThan(1e-4);
  expect(episodesOf(ours.memory)).toEqual(episodesOf(theirs.memory));
});

describe("lockstep", () => {
  const config = smallConfig("a2c", { actors: 4, unroll: 5, seed: 9 });
  const rounds = 6;

  async function inOrder(): Promise<Stage> {
    const of = stage(config);
    for (let k = 0; k < rounds; k++) await turn(of);
    return of;
  }

  test("the order and the interleaving of the actors change no bit", async () => {
    const expected = await inOrder();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 60 }), async (choices) => {
        const of = stage(config);
        await disturbed(of, rounds, choices);
        expect(of.learner.parametersHash).toBe(expected.learner.parametersHash);
        expect(episodesOf(of.memory)).toEqual(episodesOf(expected.memory));
      }),
      { numRuns: 40 },
    );
  });

  test("one actor of four copies is not four actors of one: streams belong to copies of an actor", async () => {
    const wide = stage(smallConfig("a2c", { actors: 1, envs: 4 }));
    const many = stage(smallConfig("a2c", { actors: 4, envs: 1 }));
    wide.actors[0].collect(always);
    for (const actor of many.actors) actor.collect(always);
    expect(wide.learner.parametersHash).toBe(many.learner.parametersHash); // the same start
    const first = wide.memory.actors[0].copies.state.subarray(0, 4);
    expect([...many.memory.actors[0].copies.state]).toEqual([...first]); // copy 0 of actor 0 lives in both
    expect([...many.memory.actors[1].copies.state]).not.toEqual([...wide.memory.actors[0].copies.state.subarray(4, 8)]);
  });
});
