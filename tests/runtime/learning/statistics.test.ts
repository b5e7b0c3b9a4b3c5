/** Normalised observations and scaled rewards in whole runs: what is acted with, what is learnt from, what is published when. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../../src/algorithms/index.ts";
import { algorithms } from "../../../src/algorithms/index.ts";
import type { AnyValues } from "../../../src/core/params.ts";
import { learntOf, outputOf } from "../../../src/nn/graph.ts";
import { tfjsEngine } from "../../../src/nn/tfjs/engine.ts";
import { withValues } from "../../../src/runtime/plan/config.ts";
import { localRun } from "../../../src/runtime/threads/local.ts";
import { SoloRun } from "../../../src/runtime/threads/solo.ts";
import { graphOutputs } from "../../nn/graphs.ts";
import { tf } from "../../nn/tf.ts";
import { runUntil, simdStage } from "../simd.ts";
import { always, disturbed, episodesOf, type Stage, smallConfig, turn } from "../stage.ts";

const both: AnyValues = { normalise: "on", rewardScale: "running", evalEvery: 1_000_000 };
const config = (values: AnyValues = {}, algo: AlgorithmId = "a2c") =>
  smallConfig(algo, { ...both, unroll: 6, ...values });

/** Mean and variance in two passes. */
function meanAndVariance(x: readonly number[]): [number, number] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return [mean, x.reduce((sum, xi) => sum + (xi - mean) ** 2, 0) / x.length];
}

/** What every unroll of the update to come has seen, by actor. */
const unrollsOf = ({ memory, plan }: Stage) =>
  memory.actors.slice(0, plan.actors).map(({ unrolls: [unroll], snapshot }) => ({ unroll, snapshot }));

/** The statistics behind parameters: means, then variances, of each that is tracked. */
const behind = ({ plan }: Stage, parameters: Float32Array) =>
  plan.spec.tracked.map(({ mean, variance, width }) => ({
    mean: [...parameters.subarray(mean, mean + width)],
    variance: [...parameters.subarray(variance, variance + width)],
  }));

const close = (actual: readonly number[], expected: readonly number[], tolerance = 1e-5) =>
  expected.forEach((y, i) => {
    expect(Math.abs(actual[i] - y), `${i}: ${actual[i]} for ${y}`).toBeLessThan(tolerance * (1 + Math.abs(y)));
  });

describe.each(["learner", "actors"] as const)("in lockstep, gradients at the %s", (gradients) => {
  test("every version has the statistics of all that was learnt from before it; the first has none", async () => {
    const of = simdStage(config({ gradients }));
    const { inputs } = of.plan.spec;
    const { T, B } = of.plan;
    const seen: number[][] = Array.from({ length: inputs }, () => []);
    const returns: number[] = [];
    const running = of.memory.actors.map(() => new Float64Array(B));
    expect(behind(of, of.learner.parameters)).toEqual([
      { mean: [0, 0, 0, 0], variance: [1, 1, 1, 1] },
      { mean: [0], variance: [1] },
    ]);
    for (let update = 0; update < 12; update++) {
      const before = of.learner.parameters.slice();
      for (const actor of of.actors) actor.collect(always);
      for (const [a, { unroll, snapshot }] of unrollsOf(of).entries()) {
        expect(behind(of, snapshot.parameters)).toEqual(behind(of, before));
        const { observation, reward, scaledReward, episodeLength } = unroll;
        for (let i = 0; i < T * B * inputs; i++) seen[i % inputs].push(observation[i]);
        const [, { variance }] = behind(of, before);
        close(
          [...scaledReward],
          [...reward].map((r) => Math.min(10, r / Math.sqrt(variance[0] + 1e-8))),
          1e-6,
        );
        for (let i = 0; i < T * B; i++) {
          running[a][i % B] = 0.99 * running[a][i % B] + reward[i];
          returns.push(running[a][i % B]);
          if (episodeLength[i] > 0) running[a][i % B] = 0;
        }
        const all = observation.slice(0, (T + 1) * B * inputs);
        const { column } = outputOf(of.plan.spec, "value");
        const outputs = graphOutputs(of.plan.spec, snapshot.parameters, all);
        close(
          [...unroll.value],
          outputs.filter((_, i) => i % of.plan.spec.width === column),
        );
      }
      await of.learner.update(of.learner.ready()!);
      const [observations, discounted] = behind(of, of.learner.parameters);
      close(
        observations.mean,
        seen.map((x) => meanAndVariance(x)[0]),
      );
      close(
        observations.variance,
        seen.map((x) => meanAndVariance(x)[1]),
      );
      close([...discounted.mean, ...discounted.variance], meanAndVariance(returns));
    }
    expect(episodesOf(of.memory).length).toBeGreaterThan(3);
    // Reported returns are sums of plain rewards: 1 a step.
    for (const [, , total, length] of episodesOf(of.memory)) expect(total).toBe(length);
  });

  test("who comes first, and what the others do meanwhile, changes no bit", async () => {
    const rounds = 6;
    const small = config({ gradients, actors: 4, trunk: "separate", seed: 9 });
    const expected = simdStage(small);
    for (let k = 0; k < rounds; k++) await turn(expected);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 40 }), async (choices) => {
        const of = simdStage(small);
        await disturbed(of, rounds, choices);
        expect(of.learner.parametersHash).toBe(expected.learner.parametersHash);
        expect([...of.memory.learner.statistics]).toEqual([...expected.memory.learner.statistics]);
      }),
      { numRuns: 15 },
    );
  });
});

test("an optimizer steps what learns, and nothing behind it", async () => {
  const of = simdStage(config({ gradients: "actors" }));
  const { spec } = of.plan;
  await runUntil(of, () => of.learner.record.updates === 5);
  const { first, second, gradient } = of.memory.learner;
  for (const array of [first, second, gradient]) expect(array.length).toBe(spec.learnt.length);
  expect(spec.learnt.length).toBeLessThan(spec.statistics.at + 1);
  expect(learntOf(spec, of.learner.parameters).length).toBe(spec.learnt.length);
});

test("TensorFlow.js, the SIMD learner and actors that differentiate go the same way", async () => {
  const of = (values: AnyValues) => config({ ...values, hidden: [7, 5], trunk: "separate" });
  const until = [{ when: "updates" as const, count: 15 }];
  const theirs = localRun(of({ gradients: "learner", until }), ({ spec }) =>
    tfjsEngine(tf, "cpu", spec, algorithms.a2c.losses.categorical),
  );
  await theirs.run();
  for (const gradients of ["learner", "actors"]) {
    const ours = simdStage(of({ gradients }));
    await runUntil(ours, () => ours.learner.record.updates === 15);
    close([...ours.learner.parameters], [...theirs.learner.parameters], 1e-3);
    expect(episodesOf(ours.memory)).toEqual(episodesOf(theirs.memory));
  }
});

const trained = async (solo: SoloRun) => {
  while (solo.ending === null) await solo.update();
  return solo;
};

test("a run goes on from its checkpoint with the bits of one that was not interrupted", async () => {
  const ending = (count: number) => config({ until: [{ when: "updates", count }] });
  const whole = await trained(new SoloRun(ending(60)));
  const first = await trained(new SoloRun(ending(35)));
  const checkpoint = first.checkpoint()!;
  const second = await trained(new SoloRun(ending(60), { resume: { checkpoint, edits: [] } }));
  expect(second.learner.parametersHash).toBe(whole.learner.parametersHash);
  expect([...second.memory.learner.statistics]).toEqual([...whole.memory.learner.statistics]);
});

test("the best parameters come back with their statistics, and what is seen then is merged into those", async () => {
  const of = simdStage(config({ gradients: "learner", evalEvery: 4 }));
  await runUntil(of, () => of.learner.record.updates === 4);
  const best = of.memory.evaluator.best.parameters.slice();
  expect(of.memory.evaluator.best.moment[1]).toBe(4);
  of.memory.evaluator.best.mean[0] = 1e9; // no later one takes its place
  await runUntil(of, () => of.learner.record.updates === 9);
  const [count] = of.memory.learner.statistics;
  Atomics.add(of.memory.control.rollbacks, 0, 1);
  await turn(of);
  const [observations] = behind(of, of.learner.parameters);
  expect(observations).toEqual(behind(of, best)[0]);
  const { T, B, actors } = of.plan;
  expect(of.memory.learner.statistics[0]).toBe(count + actors * T * B);
  close([...of.memory.learner.statistics.subarray(1, 5)], observations.mean, 1e-12);
});

describe("where nobody waits", () => {
  test("a gradient that is dropped leaves no trace in the statistics", async () => {
    const of = simdStage(config({ gradients: "actors", gate: "drop", maxStaleness: 0 }, "a3c"));
    for (let round = 0; round < 5; round++) {
      for (const actor of of.actors) actor.collect(always);
      for (let group = of.learner.ready(); group; group = of.learner.ready()) await of.learner.update(group);
    }
    const { record } = of.learner;
    expect(record.dropped).toBe(10);
    expect(of.memory.learner.statistics[0]).toBe(record.updates * of.plan.T * of.plan.B);
  });

  test("where the actors apply, the learner merges into the live copy, and no optimizer touches it", async () => {
    const of = simdStage(config({ apply: "actors" }, "a3c"));
    await runUntil(of, () => of.learner.record.updates === 30);
    const { statistics } = of.memory.learner;
    expect(statistics[0]).toBe(30 * of.plan.T * of.plan.B);
    const [{ mean, variance }] = behind(of, of.memory.parameters.banks[0].parameters);
    close(
      [...mean, ...variance],
      [...statistics.subarray(1, 5), ...statistics.subarray(5, 9).map((m2) => m2 / statistics[0])],
    );
    expect(variance.every((x) => x > 0 && x !== 1)).toBe(true);
  });
});

describe("a constant factor", () => {
  test("reaches the targets as it stands at the version that acted, and nothing that is reported", async () => {
    const of = simdStage(config({ normalise: "off", rewardScale: "constant", rewardFactor: 0.25 }));
    expect(of.plan.spec.statistics.length).toBe(0);
    for (const actor of of.actors) actor.collect(always);
    for (const { unroll } of unrollsOf(of)) expect(new Set(unroll.scaledReward)).toEqual(new Set([0.25]));
    await runUntil(of, () => episodesOf(of.memory).length > 5);
    for (const [, , total, length] of episodesOf(of.memory)) expect(total).toBe(length);
  });

  test("of 1 has the bits of none", async () => {
    const hash = async (values: AnyValues) => {
      const of = simdStage(withValues(smallConfig("a2c"), { ...values, evalEvery: 1_000_000 }));
      await runUntil(of, () => of.learner.record.updates === 30);
      return of.learner.parametersHash;
    };
    expect(await hash({ rewardScale: "constant", rewardFactor: 1 })).toBe(await hash({}));
    expect(await hash({ rewardScale: "constant", rewardFactor: 2 })).not.toBe(await hash({}));
  });
});
