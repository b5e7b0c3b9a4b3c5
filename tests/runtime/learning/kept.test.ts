import { expect, test } from "vitest";
import type { AnyValues } from "../../../src/core/params.ts";
import { simdActor } from "../../../src/runtime/acting/simdActor.ts";
import { Learner } from "../../../src/runtime/learning/learner.ts";
import { formatMemory, memoryLayout, sharedMemory } from "../../../src/runtime/memory/memory.ts";
import { type RunConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { planRun, type RunPlan } from "../../../src/runtime/plan/plan.ts";
import { always, smallConfig } from "../stage.ts";

/** A lockstep run on the kernels, with the activations of acting used again or computed again; its parameters after some updates. */
async function parametersAfter(config: RunConfig, keepsActivations: boolean, updates: number): Promise<Float32Array> {
  const planned = planRun(config);
  expect(planned.keepsActivations).toBe(true);
  const plan: RunPlan = { ...planned, keepsActivations };
  const shared = sharedMemory(memoryLayout(plan).bytes);
  const memory = formatMemory(plan, shared.buffer);
  const idle = { id: "idle", needsEventLoop: false, differentiate() {}, dispose() {} };
  const learner = new Learner(plan, memory, idle, () => 0);
  const actors = memory.actors.map((_, index) => simdActor(plan, shared, memory, index));
  learner.begin();
  for (let update = 0; update < updates; update++) {
    for (const actor of actors) actor.collect(always);
    const group = learner.ready();
    if (!group) throw new Error("every actor has collected and no update is ready");
    await learner.update(group);
  }
  expect(learner.record.episodes).toBeGreaterThan(0);
  return learner.parameters.slice();
}

const cases: AnyValues[] = [
  { hidden: [64], envs: 4, unroll: 5 },
  { hidden: [7, 10], envs: 3, unroll: 9, activation: "relu" },
  { hidden: [16, 16], envs: 5, unroll: 40 }, // more rows than one block
  { hidden: [], envs: 2, unroll: 8 },
  { hidden: [16, 9], envs: 5, unroll: 40, trunk: "separate" },
];

test.each(cases)("activations kept from acting give the bits of another forward pass: %o", async (values) => {
  const config = withValues(smallConfig("a2c"), { actors: 2, engine: "simd", ...values });
  const kept = await parametersAfter(config, true, 40);
  const again = await parametersAfter(config, false, 40);
  expect([...kept]).toEqual([...again]);
});

test("a long unroll of a wide network is differentiated by another forward pass, in bounded memory", () => {
  const plan = planRun(withValues(smallConfig(), { engine: "simd", envs: 256, unroll: 256, hidden: [512, 512] }));
  expect(plan.keepsActivations).toBe(false);
  const small = planRun(withValues(smallConfig(), { engine: "simd", envs: 256, unroll: 1, hidden: [512, 512] }));
  const perRow = 4 * (4 + 1 + 4 + 4 + 5); // an unroll's numbers of one step: generous
  expect(memoryLayout(plan).bytes - memoryLayout(small).bytes).toBeLessThan(plan.room * 256 * 255 * perRow * 3);
});
