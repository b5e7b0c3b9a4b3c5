import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../src/algorithms/index.ts";
import { defaultConfig, withValues } from "../../src/runtime/config.ts";
import { steadyAllocations } from "./allocations.ts";
import { simdStage } from "./simd.ts";
import { always } from "./stage.ts";

/**
 * Objects that the learner may allocate an update: what belongs to its asynchronous functions, and the views and rows
 * that it passes on. The rest of an update allocates none, and no actor does.
 */
const allowed = { a2c: { learner: 28, actors: 14 }, a3c: { learner: 16, actors: 8 } };

describe.each(["a2c", "a3c"] as AlgorithmId[])("%s on the SIMD kernels, a thousand updates", (algo) => {
  test.each(["learner", "actors"] as const)(
    "gradients at the %s: no actor allocates an object, the learner its own few",
    async (gradients) => {
      const of = simdStage(withValues(defaultConfig(algo), { gradients, evalEvery: 1_000_000 }));
      const { plan, actors, learner } = of;
      const updates = plan.lockstep ? 1 : actors.length;
      const objects = await steadyAllocations(async () => {
        for (const actor of actors) actor.collect(always);
        for (let i = 0; i < updates; i++) await learner.update(learner.ready()!);
      });
      const isLearner = ([name]: [string, number]) => name.startsWith("learner.ts ");
      const entries = Object.entries(objects);
      expect(entries.filter((entry) => !isLearner(entry))).toEqual([]);
      const total = entries.filter(isLearner).reduce((sum, [, count]) => sum + count, 0);
      expect(total / updates, JSON.stringify(objects)).toBeLessThanOrEqual(allowed[algo][gradients]);
    },
  );
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
