/** A whole run on one thread is the same run. */
import { expect, test } from "vitest";
import { defaultConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { SoloRun } from "../../../src/runtime/threads/solo.ts";
import { runUntil, simdStage } from "../simd.ts";

test("has the bits of the run on many threads, evaluations included, and ends where it is to", async () => {
  const values = {
    seed: 4,
    actors: 3,
    evalEvery: 20,
    engine: "simd",
    until: [{ when: "updates" as const, count: 100 }],
  };
  const config = withValues(defaultConfig("a2c"), values);
  const solo = new SoloRun(withValues(config, { engine: "auto" }));
  while (solo.ending === null) await solo.update();
  expect(solo.ending).toBe("100 updates");
  solo.publish();
  const of = simdStage(config);
  await runUntil(of, () => of.learner.record.updates === 100);
  const seen = new RunWatch(solo.plan, solo.plan.config, solo.memory, 0).look(performance.now(), true);
  expect(seen.parametersHash).toBe(of.learner.parametersHash.toString(16).padStart(8, "0"));
  expect(seen.evaluations.map(({ updates }) => updates)).toEqual([20, 40, 60, 80, 100]);
});

test.each([{ apply: "learner" }, { apply: "actors" }])("trains A3C too: %o", async (values) => {
  const solo = new SoloRun(withValues(defaultConfig("a3c"), { ...values, until: [{ when: "updates", count: 60 }] }));
  while (solo.ending === null) await solo.update();
  expect(solo.ending).toBe("60 updates");
});

const ending = (count: number) => [{ when: "updates" as const, count }];
const trained = async (solo: SoloRun) => {
  while (solo.ending === null) await solo.update();
  return solo;
};
const config = withValues(defaultConfig("a2c"), { seed: 9, actors: 3, evalEvery: 20 });

test("goes on from its checkpoint with the bits of a run that was never interrupted", async () => {
  const whole = await trained(new SoloRun(withValues(config, { until: ending(80) })));
  const first = await trained(new SoloRun(withValues(config, { until: ending(50) })));
  const checkpoint = first.checkpoint()!;
  const second = new SoloRun(withValues(config, { until: ending(80) }), { resume: { checkpoint, edits: [] } });
  expect(second.learner.record.updates).toBe(50);
  await trained(second);
  expect(second.learner.record.updates).toBe(80);
  expect(second.learner.parametersHash).toBe(whole.learner.parametersHash);
});

test("repeats what was changed in another run, an actor that joined included", async () => {
  const edits = [
    { update: 20, key: "lr", value: "0.003" },
    { update: 30, key: "actors", value: "5" },
  ];
  const solo = new SoloRun(withValues(config, { until: ending(40) }), { repetition: { edits, checkAt: 40 } });
  await trained(solo);
  solo.publish();
  const seen = new RunWatch(solo.plan, solo.plan.config, solo.memory, 0).look(performance.now(), true);
  expect(seen.edits.map(({ update, key, value }) => ({ update, key, value }))).toEqual(edits);
  expect(seen.actors).toHaveLength(5);
  expect(seen.check?.parametersHash).toBe(seen.parametersHash);
  const { T, B } = solo.plan;
  expect(seen.envSteps).toBe((31 * 3 + 9 * 5) * T * B); // who joins has an unroll for the update after
});
