/** Actors that apply their own gradients to the one live copy of the parameters. */
import { describe, expect, test } from "vitest";
import { optimizerNames, plainOptimizer } from "../../../src/nn/optimizers.ts";
import { Hogwild } from "../../../src/runtime/learning/hogwild.ts";
import { totals, updateLog } from "../../../src/runtime/plan/columns.ts";
import { combinationProblem, defaultConfig, placementOf, withValues } from "../../../src/runtime/plan/config.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { launched } from "../launched.ts";
import { runUntil, simdStage } from "../simd.ts";
import { always, edit, episodesOf, rowsOf } from "../stage.ts";

const config = (values = {}) =>
  withValues(defaultConfig("a3c"), { engine: "simd", evalEvery: 1_000_000, apply: "actors", ...values });

describe("Hogwild", () => {
  test.each(optimizerNames)("a single actor gives the bits of the parameter server, with %s", async (optimizer) => {
    const outcome = async (apply: string) => {
      const of = simdStage(
        config({ apply, optimizer, gradients: "actors", actors: 1, schedule: "linear", horizon: 9000 }),
      );
      await runUntil(of, () => of.learner.record.updates === 300);
      return {
        parameters: [...of.learner.parameters],
        episodes: episodesOf(of.memory),
        rows: [...of.memory.board.updates.rows],
      };
    };
    expect(await outcome("actors")).toEqual(await outcome("learner"));
  });

  test("learns CartPole-v1 by A3C's defaults", async () => {
    const of = simdStage(config({ seed: 3 }));
    const { record } = of.learner;
    await runUntil(of, () => record.solved !== null || record.envSteps >= 400_000);
    expect(record.solved).not.toBeNull();
  });

  test("on threads every update is counted once, by the version and by the optimizer, and recorded with its staleness", async () => {
    const run = await launched(config({ actors: 3, envs: 2, hidden: [6], until: [{ when: "updates", count: 400 }] }));
    expect(await run.outcome).toEqual({ kind: "condition", reason: "400 updates" });
    await run.stopped();
    const { memory } = run;
    const applied = memory.parameters.version[0];
    expect(applied).toBeGreaterThanOrEqual(400);
    expect(applied).toBeLessThanOrEqual(400 + 3 * memory.actors[0].unrolls.length);
    expect(memory.learner.optimizerSteps[0]).toBe(applied);
    const rows = rowsOf(memory.logs.updates, updateLog.length);
    expect(rows).toHaveLength(400);
    expect(new Set(rows.map(([, , , actor]) => actor))).toEqual(new Set([0, 1, 2]));
    for (const [, , , , staleness] of rows) expect(staleness).toBeGreaterThanOrEqual(0);
    expect(memory.parameters.banks[0].parameters.every(Number.isFinite)).toBe(true);
    const histogram = [...memory.board.staleness];
    expect(histogram.reduce((a, b) => a + b)).toBe(400);
  });

  /** One actor has filled an unroll at version 0, and others have made it version 5 meanwhile. */
  function late(values = {}) {
    const of = simdStage(config({ actors: 1, ...values }));
    of.actors[0].collect(always);
    const [unroll] = of.memory.actors[0].unrolls;
    of.memory.parameters.version[0] = 5;
    const before = [...of.learner.parameters];
    const hogwild = new Hogwild(of.plan, of.memory, plainOptimizer);
    return { of, unroll, hogwild, moved: () => of.learner.parameters.some((x, i) => x !== before[i]) };
  }

  test("staleness is what others applied since the parameters were pulled", () => {
    const { of, unroll, hogwild, moved } = late();
    hogwild.apply(unroll, of.plan.config.values);
    expect(unroll.applied[2]).toBe(5);
    expect(of.memory.parameters.version[0]).toBe(6);
    expect(moved()).toBe(true);
  });

  test.each([
    [4, true],
    [5, false],
  ])("behind a gate of %i versions, a gradient of 5 is dropped: %s", async (maxStaleness, dropped) => {
    const { of, unroll, hogwild, moved } = late({ gate: "drop", maxStaleness });
    const { updates, envSteps } = of.learner.record;
    hogwild.apply(unroll, of.plan.config.values);
    expect(moved()).toBe(!dropped);
    expect(of.memory.parameters.version[0]).toBe(dropped ? 5 : 6);
    expect(await of.learner.update([0])).toBe(!dropped);
    expect(of.learner.record.updates).toBe(updates + (dropped ? 0 : 1));
    expect(of.learner.record.envSteps).toBe(envSteps + 20);
    of.learner.publishBoard();
    expect(of.memory.board.totals[totals.indexOf("dropped")]).toBe(dropped ? 1 : 0);
    expect(of.memory.board.staleness[5]).toBe(1);
  });

  test("what is not a number is not applied, and ends the run", () => {
    const { of, unroll, hogwild, moved } = late();
    unroll.gradient[3] = Number.NaN;
    hogwild.apply(unroll, of.plan.config.values);
    expect(moved()).toBe(false);
    expect(() => of.learner.update([0])).toThrow("norm became NaN");
  });

  test("once the run is closed nothing is applied any more", () => {
    const of = simdStage(config({ actors: 1 }));
    const before = [...of.learner.parameters];
    of.memory.learner.closed[0] = 1;
    expect(of.actors[0].collect(always)).toBe("not its turn");
    expect([...of.learner.parameters]).toEqual(before);
  });

  test("a checkpoint has each actor as it was after the last unroll that is recorded, however far ahead it is", async () => {
    const of = simdStage(config({ actors: 1 }));
    const { copies, queue, unrolls } = of.memory.actors[0];
    const states = [[...copies.state]];
    const ahead = () => {
      while (of.actors[0].collect(always) === "collected") states.push([...copies.state]);
    };
    ahead();
    expect(states.length).toBe(1 + unrolls.length);
    for (let recorded = 1; recorded <= 20; recorded++) {
      await of.learner.update(of.learner.ready()!);
      ahead();
      expect(of.learner.save()).toBe(true);
      expect(queue.released[0]).toBe(recorded);
      expect([...of.memory.checkpoint.data.actors[0].state]).toEqual(states[recorded]);
    }
  });

  test("an actor that rests applies nothing; a live value reaches those at work", async () => {
    const of = simdStage(config({ actors: 1 }), {}, 1);
    await runUntil(of, () => of.learner.record.updates === 10);
    expect(of.memory.actors[1].queue.committed[0]).toBe(0);
    edit(of, "actors", 2);
    edit(of, "lr", 0.001);
    await runUntil(of, () => of.learner.record.updates === 20);
    expect(of.memory.actors[1].queue.committed[0]).toBeGreaterThan(0);
    const lrs = rowsOf(of.memory.logs.edits, 5).map(([, , , slot]) => of.plan.live[slot]);
    expect(lrs.sort()).toEqual(["actors", "lr"]);
  });

  test("needs the SIMD kernels in the actors", () => {
    expect(planRun(config()).gradients).toBe("actors");
    expect(placementOf(config({ engine: "auto" }).values as never)).toBe("actors");
    expect(combinationProblem(config({ engine: "webgpu" }))?.key).toBe("apply");
    expect(combinationProblem(config({ gradients: "learner" }))?.key).toBe("apply");
    expect(combinationProblem(config({ gate: "wait" }))?.key).toBe("gate");
    expect(combinationProblem(config({ gate: "drop" }))).toBeNull();
    expect(combinationProblem(config())).toBeNull();
  });
});
