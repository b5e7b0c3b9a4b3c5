import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { AnyValues } from "../../../src/core/params.ts";
import { Mode } from "../../../src/runtime/memory/memory.ts";
import { editLog, updateLog } from "../../../src/runtime/plan/columns.ts";
import { withValues } from "../../../src/runtime/plan/config.ts";
import { Activity } from "../../../src/runtime/shared/lane.ts";
import { writeStops } from "../../../src/runtime/shared/stopping.ts";
import { localRun } from "../../../src/runtime/threads/local.ts";
import { type Launched, launched } from "../launched.ts";
import { edit, episodesOf, plainEngineOf, rowsOf, smallConfig } from "../stage.ts";

/** Waits until it is so; not for ever. */
async function until(so: () => boolean): Promise<void> {
  const before = performance.now();
  while (!so() && performance.now() - before < 30_000) await sleep(2);
  expect(so()).toBe(true);
}

const ending = (count: number): AnyValues => ({ until: [{ when: "updates", count }] });
const inWhole = (run: Launched) => run.watch.look(performance.now(), true);

describe("a run on real threads", () => {
  test.each(["plain", "turning"] as const)(
    "lockstep gives the bits of the run on one thread, with a %s engine",
    async (engine) => {
      const config = smallConfig("a2c", { ...ending(120), unroll: 6, seed: 21, evalEvery: 25 });
      const local = localRun(config, plainEngineOf);
      await local.run();
      const run = await launched(config, engine);
      expect(await run.outcome).toEqual({ kind: "condition", reason: "120 updates" });
      const seen = inWhole(run);
      expect(seen.parametersHash).toBe(local.learner.parametersHash.toString(16).padStart(8, "0"));
      expect(episodesOf(run.memory)).toEqual(episodesOf(local.memory));
      expect(seen).toMatchObject({
        updates: 120,
        envSteps: local.learner.record.envSteps,
        episodes: local.learner.record.episodes,
        staleness: { mean: 0, max: 0 },
      });
      // at 25, 50, 75, 100, and the last parameters
      expect(seen.evaluations.map(({ updates }) => updates)).toEqual([25, 50, 75, 100, 120]);
      const rows = 4 * 8;
      expect(run.memory.evaluator.board.evaluations.rows.subarray(0, rows).filter((_, i) => i % 8 >= 3)).toEqual(
        local.memory.evaluator.board.evaluations.rows.subarray(0, rows).filter((_, i) => i % 8 >= 3),
      );
      await run.stopped();
      expect(run.memory.actors.slice(0, 3).map(({ lane }) => lane.current[0])).toEqual(Array(3).fill(Activity.stopped));
    },
    20_000,
  );

  test("more threads than cores change no bit", async () => {
    const config = smallConfig("a2c", { ...ending(40), actors: 9, seed: 5 });
    const local = localRun(config, plainEngineOf);
    await local.run();
    const run = await launched(config);
    await run.outcome;
    expect(Number.parseInt(inWhole(run).parametersHash, 16)).toBe(local.learner.parametersHash);
    await run.stopped();
  });

  test("asynchronous: every actor's unrolls arrive, each counted once, at some staleness", async () => {
    const run = await launched(smallConfig("a3c", { ...ending(1500), actors: 3, unroll: 3 }));
    expect(await run.outcome).toEqual({ kind: "condition", reason: "1500 updates" });
    const rows = rowsOf(run.memory.logs.updates, updateLog.length);
    expect(rows.map(([update]) => update)).toEqual(Array.from({ length: 1500 }, (_, k) => k + 1));
    for (let actor = 0; actor < 3; actor++) expect(rows.filter((row) => row[3] === actor).length).toBeGreaterThan(20);
    const staleness = rows.map((row) => row[4]);
    for (const s of staleness) expect(s).toBeGreaterThanOrEqual(0);
    const seen = inWhole(run);
    expect(seen.staleness.max).toBe(Math.max(...staleness));
    expect(seen.staleness.mean).toBeCloseTo(staleness.reduce((a, b) => a + b, 0) / 1500, 9);
    expect(seen.staleness.max).toBeGreaterThan(0);
    expect(seen.envSteps).toBe(1500 * 2 * 3);
    await run.stopped();
  });

  test("pause holds, a step is exactly one update, resume goes on, and none of it changes a bit", async () => {
    const config = smallConfig("a2c", { ...ending(2000), seed: 4 });
    const local = localRun(config, plainEngineOf);
    await local.run();
    const run = await launched(config, "plain", Mode.paused);
    run.step(); // asked for before the learner has begun
    await until(() => run.updates() === 1);
    for (let k = 2; k <= 5; k++) {
      run.step();
      await until(() => run.updates() === k);
    }
    await sleep(60);
    expect(run.updates()).toBe(5);
    run.step();
    run.step();
    run.step();
    await until(() => run.updates() === 8);
    run.setMode(Mode.running);
    await until(() => run.updates() > 8);
    run.setMode(Mode.paused);
    const { learner, parameters } = run.memory;
    const { version } = parameters;
    await until(() => Atomics.load(learner.lane.current, 0) === Activity.pace);
    await until(() => run.updates() === version[0]); // the page sees all there is
    const held = run.updates();
    await sleep(60);
    expect([run.updates(), version[0]]).toEqual([held, held]);
    run.setMode(Mode.running);
    expect(await run.outcome).toEqual({ kind: "condition", reason: "2000 updates" });
    expect(Number.parseInt(inWhole(run).parametersHash, 16)).toBe(local.learner.parametersHash);
    expect(held).toBeLessThan(2000);
    await run.stopped();
  });

  test("pace: step waits for each update, watchable throttles, full does not; the bits stay", async () => {
    const config = smallConfig("a2c", { ...ending(60), seed: 8, pace: "step" });
    const local = localRun(config, plainEngineOf);
    await local.run();
    const run = await launched(config);
    await sleep(80);
    expect(run.updates()).toBe(0);
    run.step();
    await until(() => run.updates() === 1);
    await sleep(40);
    expect(run.updates()).toBe(1);
    run.setPace("watchable");
    await until(() => run.updates() > 1);
    const from = run.updates();
    const before = performance.now();
    await sleep(300);
    // at most 100 steps a second of every copy and 4 steps an unroll: 25 updates a second, and a late quarter of a second made up for
    const allowed = ((performance.now() - before) / 1000) * 25 + 10;
    expect(run.updates() - from).toBeLessThanOrEqual(allowed);
    run.setPace("full");
    expect(await run.outcome).toEqual({ kind: "condition", reason: "60 updates" });
    expect(Number.parseInt(inWhole(run).parametersHash, 16)).toBe(local.learner.parametersHash);
    await run.stopped();
  });

  test("stop ends every thread, running or paused, at any pace", async () => {
    for (const [mode, pace] of [
      [Mode.running, "full"],
      [Mode.running, "watchable"],
      [Mode.paused, "full"],
      [Mode.running, "step"],
    ] as const) {
      const run = await launched(smallConfig("a3c", { actors: 2, pace }), "plain", mode);
      await until(() => Atomics.load(run.memory.parameters.version, 0) >= 0);
      if (mode === Mode.running && pace === "full") await until(() => run.updates() > 10);
      await run.stopped();
      expect(await run.outcome).toEqual({ kind: "asked" });
    }
  });

  test("asked to stop while somebody reads, it waits with its last board and checkpoint", async () => {
    const run = await launched(smallConfig("a2c", { evalEvery: 5 }));
    await until(() => run.updates() > 20);
    const { board, evaluator, parameters, checkpoint } = run.memory;
    const locks = [board.lock, evaluator.board.lock];
    for (const lock of locks) await until(() => lock[0] === 2 || Atomics.compareExchange(lock, 0, 0, 2) === 0);
    run.setMode(Mode.stop);
    await sleep(100);
    expect(Atomics.load(checkpoint.whole, 0)).toBe(0);
    for (const lock of locks) Atomics.store(lock, 0, 0);
    await run.stopped();
    expect(checkpoint.whole[0]).toBe(1);
    expect(run.updates()).toBe(parameters.version[0]);
  });

  test("a loss that is not a number ends the run with a fault; the page sees the last good parameters", async () => {
    const config = smallConfig("a2c", { seed: 6 });
    const local = localRun(withValues(config, ending(4)), plainEngineOf);
    await local.run();
    const run = await launched(config, "explosive");
    expect(await run.outcome).toMatchObject({ kind: "fault", problem: expect.stringMatching(/NaN at update 5\b/) });
    expect(inWhole(run).updates).toBe(4);
    expect(Number.parseInt(inWhole(run).parametersHash, 16)).toBe(local.learner.parametersHash);
    expect(run.memory.parameters.version[0]).toBe(4);
    await run.stopped();
  });

  test("an engine that breaks ends the learner with its error", async () => {
    const run = await launched(smallConfig("a2c"), "broken");
    await expect(run.outcome).rejects.toThrow("the engine broke");
    run.setMode(Mode.stop);
    await Promise.all(run.others);
  });

  test("an edit of a paused run takes effect at the next update and is seen by the page once", async () => {
    const run = await launched(smallConfig("a2c"), "plain", Mode.paused);
    run.step();
    await until(() => run.updates() === 1);
    edit(run, "gamma", 0.5);
    edit(run, "estimator", "n-step");
    run.step();
    await until(() => run.updates() === 2);
    const { edits } = inWhole(run);
    expect(edits.map(({ update, key, value }) => [update, key, value]).sort()).toEqual([
      [1, "estimator", "n-step"],
      [1, "gamma", "0.5"],
    ]);
    run.step();
    await until(() => run.updates() === 3);
    expect(inWhole(run).edits).toHaveLength(2);
    expect(rowsOf(run.memory.logs.edits, editLog.length)).toHaveLength(2);
    for (const { unrolls } of run.memory.actors)
      expect(unrolls[0].discount.every((d) => d === 0.5 || d === 0)).toBe(true);
    await run.stopped();
  });

  test("ends at a condition that is set while it goes on, and the bits up to there stay", async () => {
    const config = smallConfig("a2c", { seed: 4 });
    const local = localRun(withValues(config, ending(300)), plainEngineOf);
    await local.run();
    const run = await launched(config);
    await until(() => run.updates() > 5);
    writeStops(run.memory.control.stops, [{ when: "solved" }, { when: "updates", count: 300 }]);
    const outcome = await run.outcome;
    const { updates, parametersHash } = inWhole(run);
    // On a machine that is slow to write, later.
    expect(outcome).toEqual({ kind: "condition", reason: "300 updates" });
    expect(updates).toBeGreaterThanOrEqual(300);
    if (updates === 300) expect(Number.parseInt(parametersHash, 16)).toBe(local.learner.parametersHash);
    await run.stopped();
  });

  test("one that is met already when it is set ends it at the next update, paused or not", async () => {
    const run = await launched(smallConfig("a2c"), "plain", Mode.paused);
    for (let k = 1; k <= 3; k++) {
      run.step();
      await until(() => run.updates() === k);
    }
    writeStops(run.memory.control.stops, [{ when: "updates", count: 2 }]);
    run.step();
    expect(await run.outcome).toEqual({ kind: "condition", reason: "2 updates" });
    expect(inWhole(run).updates).toBe(4);
    await run.stopped();
  });
});
