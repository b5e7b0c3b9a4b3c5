/** Every pair that is offered trains with its defaults, on one thread and the SIMD kernels. */
import { describe, expect, test } from "vitest";
import { defaultConfig, offeredPairs, withValues } from "../../src/runtime/plan/config.ts";
import { RunWatch } from "../../src/runtime/seen/watch.ts";
import { SoloRun } from "../../src/runtime/threads/solo.ts";

const UPDATES = 60;

describe.each(offeredPairs())("%s on %s", (algo, env) => {
  test("learns and is evaluated", async () => {
    const until = [{ when: "updates", count: UPDATES } as const];
    const run = new SoloRun(withValues(defaultConfig(algo, env), { until, evalEvery: UPDATES }));
    const first = Float32Array.from(run.learner.parameters);
    const steps = run.plan.T * run.plan.B;
    while (run.ending === null) await run.update();
    run.publish();
    const seen = new RunWatch(run.plan, run.plan.config, run.memory, run.buffer.byteLength).look(0, true);
    expect(seen.updates).toBe(UPDATES);
    expect(seen.envSteps).toBe(UPDATES * steps * (run.plan.lockstep ? run.plan.actors : 1));
    expect(run.learner.parameters.every(Number.isFinite)).toBe(true);
    expect(run.learner.parameters).not.toEqual(first);
    expect(seen.evaluations.map(({ updates }) => updates)).toEqual([UPDATES]);
    expect(Number.isFinite(seen.evaluations[0].mean)).toBe(true);
  });
});
