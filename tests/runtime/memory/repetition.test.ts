/** A run that repeats another one, edits and all. */
import { expect, test } from "vitest";
import { formatMemory, memoryLayout } from "../../../src/runtime/memory/memory.ts";
import { actorsToStart, scheduleRepetition, unrepeatable } from "../../../src/runtime/memory/repetition.ts";
import { editLog, MOST_EDITS } from "../../../src/runtime/plan/columns.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { runUntil } from "../simd.ts";
import { always, edit, episodesOf, rowsOf, type Stage, smallConfig, stage } from "../stage.ts";

const config = smallConfig("a2c", { seed: 5, lr: 0.02 });
const look = ({ plan, memory }: Stage) => {
  const watch = new RunWatch(plan, plan.config, memory, 0);
  return watch.look(performance.now(), true);
};

test("edits are repeated at their updates, and the bits with them", async () => {
  const of = stage(config);
  for (let k = 0; k < 90; k++) {
    if (k === 20) edit(of, "lr", 0.001);
    if (k === 20) edit(of, "entropyCost", 0.1);
    if (k === 41) edit(of, "actors", 1);
    if (k === 60) edit(of, "lr", 0.05);
    await runUntil(of, () => of.learner.record.updates > k);
  }
  of.learner.publishBoard();
  const seen = look(of);
  expect(seen.edits.map(({ update, key, value }) => [update, key, value])).toEqual([
    [20, "lr", "0.001"],
    [20, "entropyCost", "0.1"],
    [41, "actors", "1"],
    [60, "lr", "0.05"],
  ]);

  const again = stage(config, undefined, {
    before: ({ plan, memory }) => scheduleRepetition(plan, memory, { edits: seen.edits, checkAt: 90 }),
  });
  await runUntil(again, () => again.learner.record.updates === 120);
  again.learner.publishBoard();
  const theirs = look(again);
  expect(theirs.check).toEqual({ parametersHash: seen.parametersHash, returnsHash: seen.returnsHash });
  expect(theirs.returnsHash).not.toBe(seen.returnsHash); // it went on
  const rows = (s: Stage) => rowsOf(s.memory.logs.edits, editLog.length);
  expect(rows(again)).toEqual(rows(of));

  const other = stage(config, undefined, {
    before: ({ plan, memory }) => scheduleRepetition(plan, memory, { edits: seen.edits.slice(1), checkAt: 90 }),
  });
  expect(look(other).check).toBeNull();
  await runUntil(other, () => other.learner.record.updates === 90);
  expect(look(other).check?.parametersHash).not.toBe(seen.parametersHash);
});

test("three hundred live changes are all repeated, with the bits", async () => {
  const small = smallConfig("a2c", { seed: 5, actors: 1, envs: 1, unroll: 2, hidden: [2] });
  const of = stage(small);
  for (let k = 0; k < 300; k++) {
    edit(of, "lr", 0.001 + k / 1e5);
    await runUntil(of, () => of.learner.record.updates > k);
  }
  of.learner.publishBoard();
  const seen = look(of);
  expect(seen.edits).toHaveLength(300);
  expect(unrepeatable(of.plan, seen.edits)).toBe(0);
  const again = stage(small, undefined, {
    before: ({ plan, memory }) => scheduleRepetition(plan, memory, { edits: seen.edits, checkAt: 300 }),
  });
  await runUntil(again, () => again.learner.record.updates === 300);
  expect(look(again).check).toEqual({ parametersHash: seen.parametersHash, returnsHash: seen.returnsHash });
  expect(look(again).edits).toEqual(seen.edits);
});

test("what cannot be repeated is counted: what is unknown, out of order, or too much", () => {
  const plan = planRun(config);
  const change = (update: number, key = "lr", value = "0.01") => ({ update, key, value });
  expect(unrepeatable(plan, [change(1), change(1, "actor", "1 replaced"), change(4, "rollback", "to update 2")])).toBe(
    0,
  );
  expect(unrepeatable(plan, [change(1), change(2, "seed", "4"), change(3, "lr", "many")])).toBe(2);
  expect(unrepeatable(plan, [change(169), change(159)])).toBe(1);
  expect(unrepeatable(plan, [change(1, "push", "actor 1 copy 1 step 1 by -4.25e-7")])).toBe(0);
  expect(
    unrepeatable(
      plan,
      Array.from({ length: MOST_EDITS + 3 }, (_, i) => change(i)),
    ),
  ).toBe(3);
});

test("pushes, a way back and actors that come and go are repeated with the bits, whatever the timing", async () => {
  const chaotic = smallConfig("a2c", { seed: 5, lr: 0.02, evalEvery: 7, actors: 2 });
  /** @param late how many updates the evaluator lags behind where it may */
  const play = async (of: Stage, until: number, late: number, act: (update: number) => void) => {
    while (of.learner.record.updates < until) {
      const { updates } = of.learner.record;
      act(updates);
      for (const actor of of.actors) actor.collect(always);
      if (of.learner.isRollbackDue || of.learner.evaluationsWaiting > late)
        while (of.learner.evaluationsWaiting > 0) of.evaluator.evaluateNext(() => false);
      await of.learner.update(of.learner.ready()!);
      if (of.learner.evaluationDue) of.learner.requestEvaluation();
    }
    of.learner.publishBoard();
  };
  const push = ({ memory }: Stage, actor: number, copy: number, strength: number) => {
    const { push } = memory.actors[actor];
    push.copy[0] = copy;
    push.strength[0] = strength;
    Atomics.add(push.count, 0, 1);
  };
  const of = stage(chaotic, undefined, { spare: 2 });
  await play(of, 90, 0, (update) => {
    if (update === 12) push(of, 1, 1, 0.4);
    if (update === 12) push(of, 0, 0, -0.3);
    if (update === 20) edit(of, "actors", 4);
    if (update === 31) push(of, 3, 0, 0.7);
    if (update === 50) Atomics.add(of.memory.control.rollbacks, 0, 1);
    if (update === 60) edit(of, "actors", 1);
  });
  const seen = look(of);
  expect(seen.edits.map(({ update, key }) => [update, key])).toEqual([
    [12, "push"],
    [12, "push"],
    [20, "actors"],
    [31, "push"],
    [51, "rollback"],
    [60, "actors"],
  ]);
  const repeat = async (edits: typeof seen.edits) => {
    const again = stage(chaotic, undefined, {
      spare: 2,
      before: ({ plan, memory }) => {
        scheduleRepetition(plan, memory, { edits, checkAt: 90 });
        expect(actorsToStart(plan, memory)).toBe(4);
      },
    });
    await play(again, 100, 2, () => {});
    return look(again);
  };
  const again = await repeat(seen.edits);
  expect(again.check).toEqual({ parametersHash: seen.parametersHash, returnsHash: seen.returnsHash });
  expect(again.edits.map(({ update, key, value }) => [update, key, value])).toEqual(
    seen.edits.map(({ update, key, value }) => [update, key, value]),
  );
  for (const without of [0, 3, 4])
    expect((await repeat(seen.edits.filter((_, i) => i !== without))).check).not.toEqual(again.check);
});

test("the hash of returns is of every episode in its order", async () => {
  const of = stage(config);
  await runUntil(of, () => of.learner.record.updates === 30);
  const twin = stage(config);
  await runUntil(twin, () => twin.learner.record.updates === 30);
  expect(twin.learner.record.returnsHash).toBe(of.learner.record.returnsHash);
  const { record } = of.learner;
  expect(episodesOf(of.memory).length).toBeGreaterThan(0);
  const before = record.returnsHash;
  record.episode(0, 0, 17, 17);
  twin.learner.record.episode(0, 0, 18, 17);
  expect(new Set([before, record.returnsHash, twin.learner.record.returnsHash]).size).toBe(3);
});

test("what is unknown or does not fit is left out", () => {
  const plan = planRun(config);
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  const many = Array.from({ length: MOST_EDITS + 9 }, (_, update) => ({ update, key: "lr", value: "0.01" }));
  const edits = [
    { update: 0, key: "actor", value: "1 replaced" },
    { update: 0, key: "push", value: "actor 9 copy 1 step 1 by 1" },
    { update: 0, key: "push", value: "actor 1 copy 3 step 1 by 1" },
    { update: 0, key: "rollback", value: "to nowhere" },
    { update: 0, key: "lr", value: "many" },
    { update: 0, key: "seed", value: "3" },
    ...many,
  ];
  scheduleRepetition(plan, memory, { edits, checkAt: 0 });
  expect(memory.control.scheduled[0]).toBe(MOST_EDITS);
  expect([...memory.control.schedule.subarray(0, 6)]).toEqual([
    0,
    plan.live.indexOf("lr"),
    0.01,
    1,
    plan.live.indexOf("lr"),
    0.01,
  ]);
});
