/** What a checkpoint says of its moment, and what of a run's history belongs to it. */
import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../../src/algorithms/index.ts";
import { NotFinite } from "../../../src/runtime/learning/learner.ts";
import { checkpointBytes, checkpointProblem, restoreCheckpoint } from "../../../src/runtime/memory/checkpoint.ts";
import { formatMemory, memoryLayout } from "../../../src/runtime/memory/memory.ts";
import { MOST_EDITS } from "../../../src/runtime/plan/columns.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { editsUntil, hashOf, momentIn } from "../../../src/runtime/seen/moment.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { runUntil } from "../simd.ts";
import { always, edit, plainEngineOf, type Stage, smallConfig, stage, turn } from "../stage.ts";

const saved = (of: Stage): Uint8Array => {
  expect(of.learner.save()).toBe(true);
  return checkpointBytes(of.plan, of.memory.header.hash.buffer);
};
const watching = ({ plan, memory, learner }: Stage) => {
  const watch = new RunWatch(plan, plan.config, memory, 0);
  return () => {
    learner.publishBoard();
    return watch.look(performance.now(), true);
  };
};
const push = ({ memory }: Stage, strength: number) => {
  const { push } = memory.actors[0];
  push.strength[0] = strength;
  Atomics.add(push.count, 0, 1);
};

test.each(["a2c", "a3c"] as AlgorithmId[])(
  "a checkpoint of %s is the whole record of its moment, whatever came after",
  async (algo) => {
    const of = stage(smallConfig(algo, { seed: 3, lr: 0.02, evalEvery: 7 }));
    const look = watching(of);
    await runUntil(of, () => of.learner.record.updates === 90);
    const seen = look();
    const parameters = of.learner.parameters.slice();
    const bytes = saved(of);
    await runUntil(of, () => of.learner.record.updates === 120);
    const moment = momentIn(of.plan, bytes);
    expect(look().updates).toBe(120);
    for (const [name, value] of Object.entries(moment))
      if (name !== "parameters") expect(value, name).toEqual(seen[name as "returns"]);
    expect(seen.evaluations.length).toBeGreaterThan(10);
    expect(moment.parameters).toEqual(parameters);
    expect(hashOf(moment.parameters)).toBe(seen.parametersHash);
  },
);

describe("the history of a run", () => {
  test("ends with its checkpoint: what took effect before it stays, what came after is dropped", async () => {
    const of = stage(smallConfig("a2c", { seed: 5, lr: 0.02, evalEvery: 1 }));
    const look = watching(of);
    const till = (updates: number) => runUntil(of, () => of.learner.record.updates === updates);
    await till(20);
    edit(of, "lr", 0.01);
    await till(39);
    push(of, 0.4);
    Atomics.add(of.memory.control.rollbacks, 0, 1);
    await till(40);
    const bytes = saved(of);
    const before = look().edits;
    expect(before.map(({ update, key }) => [update, key])).toEqual([
      [20, "lr"],
      [39, "push"],
      [40, "rollback"],
    ]);
    edit(of, "lr", 0.001); // in effect from the update after the checkpoint on, and noted with the same count
    push(of, -0.3);
    await till(41);
    edit(of, "lr", 0.01);
    await till(50);
    const all = look().edits;
    expect(all.slice(3).map(({ update, key }) => [update, key])).toEqual([
      [40, "lr"],
      [40, "push"],
      [41, "lr"],
    ]);
    expect(editsUntil(of.plan, bytes, all)).toEqual(before);
  });

  test("keeps a change whose update failed, because it is in effect when the run goes on", async () => {
    let broken = false;
    const of = stage(smallConfig("a2c", { lr: 0.02 }), (plan) => {
      const inner = plainEngineOf(plan);
      return {
        ...inner,
        differentiate(parameters, batch, hp, gradient, stats) {
          const result = inner.differentiate(parameters, batch, hp, gradient, stats);
          if (broken) stats[0] = Number.NaN;
          return result;
        },
      };
    });
    const look = watching(of);
    await runUntil(of, () => of.learner.record.updates === 10);
    edit(of, "lr", 0.09);
    push(of, 0.4);
    broken = true;
    await expect(turn(of)).rejects.toThrow(NotFinite);
    const { edits } = look();
    expect(edits.map(({ key }) => key)).toEqual(["lr", "push"]);
    // The pushed unroll is acted again, unpushed.
    expect(editsUntil(of.plan, saved(of), edits).map(({ key }) => key)).toEqual(["lr"]);
  });

  test("keeps a change that came with a dropped gradient", async () => {
    const config = smallConfig("a3c", { actors: 2, gate: "drop", maxStaleness: 0 });
    const of = stage(config);
    const look = watching(of);
    for (const actor of of.actors) actor.collect(always);
    await of.learner.update(of.learner.ready()!);
    edit(of, "lr", 0.003);
    expect(await of.learner.update(of.learner.ready()!)).toBe(false); // one version behind
    const { edits, updates } = look();
    expect(edits).toMatchObject([{ update: 1, key: "lr" }]);
    expect(updates).toBe(1);
    expect(editsUntil(of.plan, saved(of), edits)).toEqual(edits);
  });

  test("has a bound, and what is beyond it is counted", async () => {
    const of = stage(smallConfig("a2c"));
    const look = watching(of);
    const { record } = of.learner;
    for (let i = 0; i < MOST_EDITS; i++) record.edit(0, i); // between two looks
    expect(look()).toMatchObject({ editsMissing: 0, edits: { length: MOST_EDITS } });
    for (let i = 0; i < 10; i++) record.edit(0, i);
    expect(look()).toMatchObject({ editsMissing: 10, edits: { length: MOST_EDITS } });
    for (let i = 0; i < MOST_EDITS + 7; i++) record.edit(0, i);
    expect(look().editsMissing).toBe(10 + MOST_EDITS + 7);
    // A run that goes on remembers how many it lacks.
    const next = new RunWatch(of.plan, of.plan.config, formatted(), 0, { edits: look().edits, editsMissing: 5 });
    expect(next.look(0, true)).toMatchObject({ editsMissing: 5, edits: { length: MOST_EDITS } });
    function formatted() {
      return formatMemory(of.plan, new ArrayBuffer(memoryLayout(of.plan).bytes));
    }
  });
});

describe("a checkpoint that was never written", () => {
  const plan = planRun(smallConfig("a2c"));
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  const zeros = checkpointBytes(plan, memory.header.hash.buffer);

  test("is none, and says so in plain words", () => {
    expect(memory.checkpoint.whole[0]).toBe(0);
    expect(checkpointProblem(plan, zeros)).toBe(
      "this checkpoint is empty: the run ended before its first one was written",
    );
    expect(() => restoreCheckpoint(plan, memory, zeros)).toThrow("this checkpoint is empty");
    expect(memory.checkpoint.whole[0]).toBe(0);
  });

  test("is told from one of the beginning, and from one that goes on", () => {
    const of = stage(plan.config);
    const bytes = saved(of);
    expect(of.memory.checkpoint.whole[0]).toBe(1);
    expect(checkpointProblem(plan, bytes)).toBeNull();
    restoreCheckpoint(plan, memory, bytes);
    expect(memory.checkpoint.whole[0]).toBe(1);
  });
});
