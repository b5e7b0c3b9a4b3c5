/** A whole run on one thread is the same run. */
import { expect, test } from "vitest";
import { defaultConfig, withValues } from "../../src/runtime/config.ts";
import { SoloRun } from "../../src/runtime/solo.ts";
import { RunWatch } from "../../src/runtime/watch.ts";
import { runUntil, simdStage } from "./simd.ts";

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
  const seen = new RunWatch(solo.plan, solo.plan.config, solo.memory, solo.bytes).look(performance.now(), true);
  expect(seen.parametersHash).toBe(of.learner.parametersHash.toString(16).padStart(8, "0"));
  expect(seen.evaluations.map(({ updates }) => updates)).toEqual([20, 40, 60, 80, 100]);
});

test.each([{ apply: "learner" }, { apply: "actors" }])("trains A3C too: %o", async (values) => {
  const solo = new SoloRun(withValues(defaultConfig("a3c"), { ...values, until: [{ when: "updates", count: 60 }] }));
  while (solo.ending === null) await solo.update();
  expect(solo.ending).toBe("60 updates");
});
