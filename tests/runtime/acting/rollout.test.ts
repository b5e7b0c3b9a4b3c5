import { describe, expect, test } from "vitest";
import { Rng } from "../../../src/core/rng.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { Stream } from "../../../src/runtime/plan/streams.ts";
import { forward, logSoftmax } from "../../nn/plain.ts";
import { always, edit, sizesOf, smallConfig, stage, turn } from "../stage.ts";

/** Sets every parameter of version 0 before anybody has pulled it. */
function publishInstead(of: ReturnType<typeof stage>, parameters: ArrayLike<number>): void {
  of.memory.parameters.banks[0].parameters.set(parameters);
}

describe("an unroll, replayed from its actions alone", () => {
  const T = 40;
  const B = 3;
  const maxSteps = 13; // shorter than most episodes: cuts and ends both occur
  const of = stage(smallConfig("a2c", { actors: 2, envs: B, unroll: T, seed: 5 }), undefined, {
    environment: { maxSteps },
  });
  const { plan, memory } = of;
  const { environment } = plan;
  const size = environment.state.length;
  const sizes = sizesOf(plan);
  const parameters = [...of.learner.parameters];
  for (const actor of of.actors) expect(actor.collect(always)).toBe("collected");
  const gamma = Math.fround(0.99);
  let ends = 0;
  let cuts = 0;

  test.each([0, 1])("actor %i", (index) => {
    const unroll = memory.actors[index].unrolls[0];
    for (let b = 0; b < B; b++) {
      const world = new Rng().seed(5, Stream.world, index, b);
      const state = new Float64Array(size);
      environment.initial(world, state);
      let total = 0;
      let steps = 0;
      for (let t = 0; t < T; t++) {
        const i = t * B + b;
        const seen = Array.from(state, Math.fround);
        expect([...unroll.observation.subarray(i * 4, i * 4 + 4)]).toEqual(seen);
        const outputs = forward(sizes, parameters, seen);
        expect(unroll.value[i]).toBeCloseTo(outputs.value, 5);
        expect([0, 1]).toContain(unroll.action[i]);
        const reward = environment.step(state, unroll.action.subarray(i, i + 1), plan.values as never, world);
        total += reward;
        steps++;
        const terminated = environment.terminal(state, plan.values as never);
        const limit = steps === maxSteps;
        expect(unroll.reward[i]).toBe(reward);
        expect(unroll.discount[i]).toBe(terminated ? 0 : gamma);
        if (limit && !terminated) {
          cuts++;
          const last = Array.from(state, Math.fround);
          expect(unroll.truncated[i]).toBe(1);
          expect(unroll.finalValue[i]).toBeCloseTo(forward(sizes, parameters, last).value, 5);
          expect(unroll.finalValue[i]).not.toBe(0);
        } else if (!limit) expect(unroll.truncated[i]).toBe(0);
        if (terminated) ends++;
        expect(unroll.episodeLength[i]).toBe(terminated || limit ? steps : 0);
        expect(unroll.episodeReturn[i]).toBe(terminated || limit ? total : 0);
        if (!terminated && !limit) continue;
        environment.initial(world, state);
        total = steps = 0;
      }
      // row T: where the next unroll begins
      const end = (T * B + b) * 4;
      const seen = Array.from(state, Math.fround);
      expect([...unroll.observation.subarray(end, end + 4)]).toEqual(seen);
      expect(unroll.value[T * B + b]).toBeCloseTo(forward(sizes, parameters, seen).value, 5);
      expect([...memory.actors[index].copies.state.subarray(b * size, (b + 1) * size)]).toEqual([...state]);
    }
  });

  test("saw both ends and cuts", () => {
    expect(ends).toBeGreaterThan(0);
    expect(cuts).toBeGreaterThan(0);
  });
});

test("an episode goes on from one unroll to the next", async () => {
  const of = stage(smallConfig("a2c", { actors: 1, envs: 1, unroll: 5 }), undefined, {
    environment: { maxSteps: 12, terminal: () => false },
  });
  const ended: number[] = [];
  let before: number[] | null = null;
  for (let k = 0; k < 6; k++) {
    of.actors[0].collect(always);
    const { episodeLength, observation } = of.memory.actors[0].unrolls[0];
    if (before) expect([...observation.subarray(0, 4)]).toEqual(before);
    before = [...observation.subarray(20, 24)];
    episodeLength.forEach((length, t) => {
      if (length > 0) ended.push(k * 5 + t, length);
    });
    await of.learner.update([0]);
  }
  // Steps 0 … 29 with an episode every 12: they end on steps 11 and 23.
  expect(ended).toEqual([11, 12, 23, 12]);
});

test("a task that ends on the very step of the limit is an end, not a cut", () => {
  const of = stage(smallConfig("a2c", { actors: 1, envs: 1, unroll: 3 }), undefined, {
    environment: { maxSteps: 1, terminal: () => true },
  });
  of.actors[0].collect(always);
  const { discount, finalValue, episodeLength } = of.memory.actors[0].unrolls[0];
  expect([...discount]).toEqual([0, 0, 0]);
  expect([...finalValue]).toEqual([0, 0, 0]);
  expect([...episodeLength]).toEqual([1, 1, 1]);
});

test("the copies of all actors live apart", () => {
  const of = stage(smallConfig("a2c", { actors: 4, envs: 5 }));
  const begun = of.memory.actors.slice(0, 4);
  const starts = begun.flatMap(({ copies: { state } }) => Array.from({ length: 5 }, (_, b) => state[b * 4]));
  expect(new Set(starts).size).toBe(20);
  const streams = begun.flatMap(({ copies: { streams } }) =>
    Array.from({ length: 10 }, (_, k) => [...streams.subarray(k * 4, k * 4 + 4)].join()),
  );
  expect(new Set(streams).size).toBe(40);
});

test("actions are drawn as often as the policy says", () => {
  const envs = 64;
  const of = stage(smallConfig("a2c", { actors: 1, envs, unroll: 64, hidden: [] }), undefined, {
    environment: { maxSteps: 10_000, terminal: () => false },
  });
  // No weights, logits (0, 1.5): π(1) = e^1.5 / (1 + e^1.5) = 0.8176 everywhere.
  const parameters = new Float32Array(of.plan.spec.size);
  parameters.set([0, 1.5], layerOf(of.plan.spec, "logits", "dense").bias);
  publishInstead(of, parameters);
  of.actors[0].collect(always);
  const { action } = of.memory.actors[0].unrolls[0];
  const p = Math.exp(logSoftmax([0, 1.5])[1]);
  const share = action.reduce((a, b) => a + b, 0) / action.length;
  const deviation = Math.sqrt((p * (1 - p)) / action.length);
  expect(Math.abs(share - p)).toBeLessThan(4 * deviation);
  // and independently from step to step: the share after a 1 is the share after a 0
  let after = 0;
  let ones = 0;
  for (let i = envs; i < action.length; i++)
    if (action[i - envs] === 0) {
      after++;
      ones += action[i];
    }
  expect(Math.abs(ones / after - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / after));
});

test("an impossible action is never drawn", () => {
  for (const [logits, only] of [
    [[0, -900], 0],
    [[-900, 0], 1],
    [[700, -700], 0],
    [[-3e38, 3e38], 1],
  ] as const) {
    const of = stage(smallConfig("a2c", { actors: 1, envs: 16, unroll: 16, hidden: [] }));
    const parameters = new Float32Array(of.plan.spec.size);
    parameters.set(logits, layerOf(of.plan.spec, "logits", "dense").bias);
    publishInstead(of, parameters);
    of.actors[0].collect(always);
    expect(new Set(of.memory.actors[0].unrolls[0].action)).toEqual(new Set([only]));
  }
});

test("a stop in mid-unroll hands nothing in", () => {
  const of = stage(smallConfig("a2c", { actors: 1 }));
  let steps = 0;
  expect(of.actors[0].collect(() => ++steps < 3)).toBe("stopped");
  expect(of.learner.ready()).toBeNull();
});

test("physics and discount follow the live values of the version it acts with", async () => {
  const of = stage(smallConfig("a2c", { actors: 1, envs: 1, unroll: 1 }));
  edit(of, "gamma", 0.5);
  edit(of, "gravity", 25);
  await turn(of);
  const unroll = of.memory.actors[0].unrolls[0];
  expect(unroll.discount[0]).toBe(Math.fround(0.99)); // acted before the edit took effect
  const state = of.memory.actors[0].copies.state.slice();
  of.actors[0].collect(always);
  expect(unroll.discount[0]).toBe(0.5);
  const heavy = state.slice();
  of.plan.environment.step(heavy, unroll.action.subarray(0, 1), { ...of.plan.values, gravity: 25 } as never, new Rng());
  expect([...of.memory.actors[0].copies.state]).toEqual([...heavy]);
});
