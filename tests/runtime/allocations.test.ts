import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../src/algorithms/index.ts";
import type { AnyValues } from "../../src/core/params.ts";
import { defaultConfig, withValues } from "../../src/runtime/plan/config.ts";
import { steadyAllocations } from "./allocations.ts";
import { simdStage } from "./simd.ts";
import { always } from "./stage.ts";

// The clock of Node allocates what it is called with; that of a browser does not.
Object.defineProperty(performance, "now", { value: () => 1.5 });

describe("on the SIMD kernels, a thousand updates", () => {
  const cases: [AlgorithmId, AnyValues][] = [
    ["a2c", { gradients: "learner" }],
    ["a2c", { gradients: "actors" }],
    ["a3c", { gradients: "learner", optimizer: "rmsprop" }],
    ["a3c", { gradients: "actors", optimizer: "sgd", clip: Number.POSITIVE_INFINITY }],
    ["a3c", { gradients: "actors", apply: "actors" }],
  ];
  test.each(cases)("%s, %o: nobody allocates an object", async (algo, values) => {
    const of = simdStage(withValues(defaultConfig(algo), { ...values, evalEvery: 1_000_000 }));
    const { plan, actors, learner } = of;
    const updates = plan.lockstep ? 1 : actors.length;
    const objects = await steadyAllocations(() => {
      for (const actor of actors) actor.collect(always);
      for (let i = 0; i < updates; i++)
        if (typeof learner.update(learner.ready()!) !== "boolean") throw new Error("the kernels made somebody wait");
    });
    expect(objects).toEqual({});
  });
});

test.each(["ou", "gsde"])("continuous actions with %s: nobody allocates an object", async (exploration) => {
  const small = { exploration, actors: 2, envs: 2, hidden: [8], evalEvery: 1_000_000 };
  const { actors, learner } = simdStage(withValues(defaultConfig("a2c", "Pendulum-v1"), small));
  const objects = await steadyAllocations(() => {
    for (const actor of actors) actor.collect(always);
    void learner.update(learner.ready()!);
  });
  expect(objects).toEqual({});
});

test("the measure sees one small object an update, and no boxed number", async () => {
  const kept: { box: number; object: object | null } = { box: 0.5, object: null };
  const of = "allocations.test.ts";
  function litter() {
    kept.box += 0.1;
    kept.object = { box: kept.box };
  }
  expect(await steadyAllocations(litter, { of })).toEqual({ "allocations.test.ts litter": 1 });
  function count() {
    kept.box += 0.1;
  }
  expect(await steadyAllocations(count, { of })).toEqual({});
});
