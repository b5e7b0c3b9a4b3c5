import { describe, expect, test } from "vitest";
import { Actor } from "../../../src/runtime/acting/actor.ts";
import { Learner } from "../../../src/runtime/learning/learner.ts";
import { addMoments, explainedVariance } from "../../../src/runtime/learning/shard.ts";
import { formatMemory, memoryLayout } from "../../../src/runtime/memory/memory.ts";
import { withValues } from "../../../src/runtime/plan/config.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { gradientOf } from "../../nn/plain.ts";
import { always, edit, plainEngineOf, sizesOf, smallConfig, spy } from "../stage.ts";

/** A run whose actors differentiate, on plain engines that note what they are given. */
function shardedStage(algo: "a2c" | "a3c", values: Record<string, number | string> = {}) {
  const plan = planRun(withValues(smallConfig(algo), { gradients: "actors", ...values }));
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  const idle = {
    id: "idle",
    needsEventLoop: false,
    differentiate: () => expect.unreachable("the learner differentiated"),
    dispose() {},
  };
  const learner = new Learner(plan, memory, idle, () => 0);
  const engines = Array.from({ length: plan.actors }, () => spy(plainEngineOf(plan)));
  const actors = engines.map((engine, index) => new Actor(plan, memory, index, undefined, engine));
  learner.begin();
  return { plan, memory, learner, actors, engines };
}

describe("gradients at the actors", () => {
  test("the update's gradient is the one of all unrolls together", async () => {
    const { plan, memory, learner, actors, engines } = shardedStage("a2c", { clip: 100 });
    for (const actor of actors) actor.collect(always);
    const calls = engines.map((engine) => engine.calls[0]);
    const join = (of: (call: (typeof calls)[number]) => ArrayLike<number>) =>
      calls.flatMap((call) => Array.from(of(call)));
    const rows = plan.T * plan.B;
    const together = {
      rows: rows * plan.actors,
      observation: Float32Array.from(join(({ batch }) => batch.observation.subarray(0, rows * plan.spec.inputs))),
      action: Float32Array.from(join(({ batch }) => batch.action)),
      advantage: Float32Array.from(join(({ batch }) => batch.advantage)),
      returns: Float32Array.from(join(({ batch }) => batch.returns)),
    };
    const hp = plan.config.values as { valueCost: number; entropyCost: number };
    const expected = gradientOf(sizesOf(plan), calls[0].parameters, together, hp);
    await learner.update(learner.ready()!);
    expected.forEach((g, i) => {
      expect(Math.abs(memory.learner.gradient[i] - g)).toBeLessThan(1e-5 * (1 + Math.abs(g)));
    });
  });

  test("an asynchronous actor differentiates at the parameters it acted with", async () => {
    const { memory, learner, actors, engines } = shardedStage("a3c");
    for (const actor of actors) actor.collect(always);
    for (const actor of actors) {
      void actor;
      await learner.update(learner.ready()!);
    }
    expect(learner.record.stalenessMax).toBe(actors.length - 1);
    actors[0].collect(always);
    expect(engines[0].calls[1].parameters).toEqual([...memory.parameters.banks[actors.length & 1].parameters]);
    for (const engine of engines) expect(engine.calls[0].parameters).toEqual(engines[0].calls[0].parameters);
  });

  test("a live value reaches the actors with the parameters of the next version", async () => {
    const of = shardedStage("a2c");
    const round = async () => {
      for (const actor of of.actors) actor.collect(always);
      await of.learner.update(of.learner.ready()!);
    };
    await round();
    edit(of, "entropyCost", 0.25);
    await round();
    await round();
    expect(of.engines[1].calls.map(({ hp }) => hp.entropyCost)).toEqual([0.01, 0.01, 0.25]);
  });

  test("an actor without an engine, or with one that it must not have, is refused", () => {
    const plan = planRun(withValues(smallConfig(), { gradients: "actors" }));
    const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
    expect(() => new Actor(plan, memory, 0)).toThrow(/lacks an engine/);
    const other = planRun(withValues(smallConfig(), { gradients: "learner" }));
    const theirs = formatMemory(other, new ArrayBuffer(memoryLayout(other).bytes));
    expect(() => new Actor(other, theirs, 0, undefined, plainEngineOf(other))).toThrow(/has an engine/);
  });
});

describe("explained variance", () => {
  const of = (returns: number[], advantage: number[]) => {
    const moments = new Float64Array(4);
    addMoments(Float32Array.from(advantage), Float32Array.from(returns), 0, returns.length, moments);
    return explainedVariance(moments, returns.length);
  };

  test("worked by hand", () => {
    // returns 1, 3, 5: variance 8/3; errors 1, 0, −1: variance 2/3
    expect(of([1, 3, 5], [1, 0, -1])).toBeCloseTo(1 - 2 / 8, 12);
  });
  test("a perfect critic, a critic that is off by a constant, and returns that do not vary", () => {
    expect(of([1, 2, 4], [0, 0, 0])).toBe(1);
    expect(of([1, 2, 4], [7, 7, 7])).toBeCloseTo(1, 12);
    expect(of([2, 2, 2], [1, 0, -1])).toBe(0);
  });
});
