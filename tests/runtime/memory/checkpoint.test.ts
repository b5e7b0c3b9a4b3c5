/** A run that goes on from a checkpoint. */
import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../../src/algorithms/index.ts";
import { Actor } from "../../../src/runtime/acting/actor.ts";
import { Evaluator } from "../../../src/runtime/acting/evaluator.ts";
import { Learner } from "../../../src/runtime/learning/learner.ts";
import { checkpointBytes, restoreCheckpoint } from "../../../src/runtime/memory/checkpoint.ts";
import { formatMemory, memoryLayout } from "../../../src/runtime/memory/memory.ts";
import { recordCounts } from "../../../src/runtime/plan/columns.ts";
import { type RunConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { editSlots, planRun } from "../../../src/runtime/plan/plan.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { runUntil, simdStage } from "../simd.ts";
import { always, edit, episodesOf, plainEngineOf, rowsOf, type Stage, smallConfig, stage } from "../stage.ts";

const often = { evalEvery: 5 };

/** All parts of a run that goes on. */
function goOn(config: RunConfig, bytes: Uint8Array): Stage {
  const plan = planRun(config);
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  restoreCheckpoint(plan, memory, bytes);
  const learner = new Learner(plan, memory, plainEngineOf(plan), () => 0);
  const actors = memory.actors.map((_, index) => new Actor(plan, memory, index));
  const evaluator = new Evaluator(plan, memory);
  learner.begin();
  return { plan, memory, learner, actors, evaluator };
}

const bytesOf = ({ plan, memory }: Stage) => checkpointBytes(plan, memory.header.hash.buffer);

const stateOf = ({ learner, memory }: Stage) => {
  learner.publishBoard();
  const { board, evaluator, parameters } = memory;
  return {
    parameters: [...learner.parameters],
    version: parameters.version[0],
    totals: [...board.totals],
    returns: [...board.returns.rows],
    updates: [...board.updates.rows],
    staleness: [...board.staleness],
    evaluations: [...evaluator.board.evaluations.rows],
  };
};

describe("a run that goes on from a checkpoint", () => {
  test.each([
    ["a2c", {}],
    ["a2c", { optimizer: "rmsprop", schedule: "linear", horizon: 3000 }],
    ["a3c", {}],
  ] as [AlgorithmId, object][])("%s %o has the bits of one that was not interrupted", async (algo, values) => {
    const config = smallConfig(algo, { seed: 12, lr: 0.02, ...often, ...values });
    const whole = stage(config);
    await runUntil(whole, () => whole.learner.record.updates === 300);

    const first = stage(config);
    // At 132 every actor of the asynchronous run has been learnt from, and none is ahead.
    await runUntil(first, () => first.learner.record.updates === 132);
    expect(first.learner.save()).toBe(true);
    // What happens after the checkpoint is forgotten.
    const bytes = bytesOf(first);
    await runUntil(first, () => first.learner.record.updates === 150);
    const second = goOn(config, bytes);
    expect(second.learner.record.updates).toBe(132);
    await runUntil(second, () => second.learner.record.updates === 300);
    expect(stateOf(second)).toEqual(stateOf(whole));
    expect(episodesOf(whole.memory).slice(-episodesOf(second.memory).length)).toEqual(episodesOf(second.memory));
  });

  test("counts versions by themselves, and staleness in them", async () => {
    const config = smallConfig("a3c", { seed: 12, lr: 0.02, ...often });
    const whole = stage(config);
    await runUntil(whole, () => whole.learner.record.updates === 132);
    expect(whole.learner.record.versions).toBe(132);
    whole.learner.save();
    // As of an algorithm that does not publish every update.
    whole.memory.checkpoint.data.counts[recordCounts.indexOf("versions")] = 100;
    const next = goOn(config, bytesOf(whole));
    expect([next.learner.record.updates, next.learner.record.versions]).toEqual([132, 100]);
    expect(next.memory.parameters.version[0]).toBe(100);
    for (const updates of [140, 160]) {
      for (const of of [whole, next]) await runUntil(of, () => of.learner.record.updates === updates);
      next.learner.publishBoard();
      const seen = new RunWatch(next.plan, config, next.memory, 0).look(0, true);
      expect([seen.updates, seen.versions]).toEqual([updates, updates - 32]);
      expect(next.memory.parameters.version[0]).toBe(updates - 32);
      expect(seen.staleness.max).toBe(2); // three actors in turn, in versions and not in updates
      expect([...next.learner.parameters]).toEqual([...whole.learner.parameters]);
    }
  });

  test("live values go on as they were", async () => {
    const config = smallConfig("a2c", { lr: 0.02 });
    const of = stage(config);
    edit(of, "lr", 0.001);
    edit(of, "actors", 2);
    await runUntil(of, () => of.learner.record.updates === 20);
    of.learner.save();
    const next = goOn(config, bytesOf(of));
    const seen = new RunWatch(next.plan, config, next.memory, 0).look(0, true);
    expect(seen.config).toEqual(withValues(config, { lr: 0.001, actors: 2 }));
    expect(seen.resolved).toEqual(seen.config);
    expect(seen.begun).toEqual(config);
    await runUntil(next, () => next.learner.record.updates === 40);
    await runUntil(of, () => of.learner.record.updates === 40);
    expect([...next.learner.parameters]).toEqual([...of.learner.parameters]);
  });

  test("an actor that had run ahead acts again what was not learnt from", async () => {
    const config = smallConfig("a2c", { seed: 2 });
    const of = stage(config);
    await runUntil(of, () => of.learner.record.updates === 10);
    of.actors[1].collect(always); // hands in an unroll for the next update
    of.learner.save();
    const next = goOn(config, bytesOf(of));
    await runUntil(next, () => next.learner.record.updates === 20);
    await runUntil(of, () => of.learner.record.updates === 20);
    expect([...next.learner.parameters]).toEqual([...of.learner.parameters]);
  });

  test("the live copy of Hogwild goes on too", async () => {
    const config = smallConfig("a3c", { apply: "actors", engine: "simd", hidden: [8] });
    const of = simdStage(config);
    await runUntil(of, () => of.learner.record.updates === 30);
    of.learner.save();
    const bytes = checkpointBytes(of.plan, of.wasm.buffer);
    const plan = planRun(config);
    const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
    restoreCheckpoint(plan, memory, bytes);
    const learner = new Learner(plan, memory, plainEngineOf(plan), () => 0);
    learner.begin();
    expect([...memory.parameters.banks[0].parameters]).toEqual([...of.learner.parameters]);
    expect(memory.parameters.version[0]).toBe(30);
  });
});

describe("a checkpoint is refused in plain words", () => {
  const of = stage(smallConfig("a2c"));
  of.learner.save();
  const bytes = bytesOf(of);
  const into = (config: RunConfig, whole: Uint8Array) => () => {
    const plan = planRun(config);
    restoreCheckpoint(plan, formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes)), whole);
  };

  test("that is none", () => {
    expect(into(of.plan.config, new Uint8Array(3))).toThrow("not a checkpoint");
    expect(
      into(
        of.plan.config,
        bytes.map((b, i) => (i === 0 ? b ^ 1 : b)),
      ),
    ).toThrow("not a checkpoint");
  });
  test.each([
    ["of another network", smallConfig("a2c", { hidden: [7] })],
    ["of another algorithm", smallConfig("a3c")],
    ["of more actors", smallConfig("a2c", { actors: 4 })],
  ])("%s", (_, config) => {
    expect(into(config, bytes)).toThrow("another configuration");
  });
  test("that was cut off", () => {
    expect(into(of.plan.config, bytes.slice(0, -8))).toThrow("another configuration");
  });
});

describe("the best parameters", () => {
  test("are those of the best evaluation, and come back on request with fresh moments", async () => {
    const of = stage(smallConfig("a2c", { seed: 3, lr: 0.03, unroll: 8, evalEvery: 1 }));
    const kept: { mean: number; parameters: number[]; update: number }[] = [];
    for (let k = 0; k < 60; k++) {
      for (const actor of of.actors) actor.collect(always);
      await of.learner.update(of.learner.ready()!);
      of.learner.requestEvaluation();
      of.evaluator.evaluateNext(() => false);
      const rows = rowsOfEvaluations(of);
      kept.push({ mean: rows.at(-1)![4], parameters: [...of.learner.parameters], update: k + 1 });
    }
    const top = Math.max(...kept.map(({ mean }) => mean));
    const best = kept.findLast(({ mean }) => mean === top)!;
    expect([...of.memory.evaluator.best.parameters]).toEqual(best.parameters);
    expect(of.memory.evaluator.best.mean[0]).toBe(top);

    Atomics.add(of.memory.control.rollbacks, 0, 1);
    for (const actor of of.actors) actor.collect(always);
    await of.learner.update(of.learner.ready()!);
    expect([...of.learner.parameters]).toEqual(best.parameters);
    expect(of.memory.learner.optimizerSteps[0]).toBe(0);
    const { rollback } = editSlots(of.plan);
    expect(rowsOf(of.memory.logs.edits, 5).at(-1)!.slice(3)).toEqual([rollback, best.update]);
  });
});

function rowsOfEvaluations({ memory }: Stage): number[][] {
  const { length, rows } = memory.evaluator.board.evaluations;
  return Array.from({ length: length[0] }, (_, i) => [...rows.subarray(i * 8, i * 8 + 8)]);
}
