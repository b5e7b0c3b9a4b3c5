/** What a person can do to a run while it goes on: gates, stragglers, actors that rest, die and are replaced, pushes. */
import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../src/algorithms/index.ts";
import { Actor } from "../../src/runtime/acting/actor.ts";
import { editOf } from "../../src/runtime/memory/repetition.ts";
import { editLog, totals } from "../../src/runtime/plan/columns.ts";
import { withValues } from "../../src/runtime/plan/config.ts";
import { Activity, activities, Lane } from "../../src/runtime/shared/lane.ts";
import { launched } from "./launched.ts";
import { always, edit, episodesOf, rowsOf, type Stage, smallConfig, stage, turn } from "./stage.ts";

const never = () => false;
const until = (count: number) => ({ until: [{ when: "updates" as const, count }] });

describe("a gate", () => {
  /** Two actors filled their unrolls at version 0; the first was learnt from and the second not yet, three times over. */
  async function behind(values = {}): Promise<Stage> {
    const of = stage(smallConfig("a3c", { actors: 2, ...values }));
    of.actors[1].collect(always);
    for (let k = 0; k < 3; k++) {
      of.actors[0].collect(always);
      await of.learner.update([0]);
    }
    return of;
  }

  test("that drops throws a gradient away beyond so many versions, with its experience counted", async () => {
    for (const [maxStaleness, applied] of [
      [3, true],
      [2, false],
    ] as const) {
      const of = await behind({ gate: "drop", maxStaleness });
      const before = [...of.learner.parameters];
      const { envSteps, updates } = of.learner.record;
      expect(of.learner.ready()).toEqual([1]);
      expect(await of.learner.update([1])).toBe(applied);
      expect([...of.learner.parameters].some((x, i) => x !== before[i])).toBe(applied);
      expect(of.learner.record.updates).toBe(updates + (applied ? 1 : 0));
      expect(of.learner.record.envSteps).toBe(envSteps + 8);
      expect(of.memory.parameters.version[0]).toBe(of.learner.record.updates);
      of.learner.publishBoard();
      expect(of.memory.board.totals[totals.indexOf("dropped")]).toBe(applied ? 0 : 1);
      expect([...of.memory.board.staleness.subarray(0, 5)]).toEqual([3, 0, 0, 1, 0]);
      expect(of.actors[1].collect(always)).toBe("collected"); // it acts on, with the latest parameters
      expect(of.memory.actors[1].version[0]).toBe(of.learner.record.updates);
    }
  });

  test("can be opened and closed while it runs", async () => {
    const of = await behind({ gate: "off", maxStaleness: 1 });
    edit(of, "gate", "drop");
    expect(await of.learner.update([1])).toBe(false);
    edit(of, "gate", "off");
    of.actors[1].collect(always);
    await of.learner.update([1]);
    for (let k = 0; k < 4; k++) {
      of.actors[0].collect(always);
      if (k === 0) of.actors[1].collect(always);
      await of.learner.update([0]);
    }
    expect(await of.learner.update([1])).toBe(true);
    expect(of.learner.record.stalenessMax).toBe(4);
  });

  test("that waits holds the fast back while a slow one acts, and nobody's gradient is applied too stale", async () => {
    const of = stage(smallConfig("a3c", { actors: 2, gate: "wait", maxStaleness: 2 }));
    // Actor 1 begins at version 0 and is slow: it has filled nothing yet.
    expect(of.actors[1].collect(never)).toBe("stopped");
    for (let k = 0; k < 2; k++) {
      of.actors[0].collect(always);
      expect(of.learner.ready()).toEqual([0]);
      await of.learner.update([0]);
    }
    of.actors[0].collect(always);
    expect(of.learner.ready()).toBeNull(); // a third update would make actor 1 three versions behind
    of.actors[1].collect(always);
    expect(of.learner.ready()).not.toBeNull();
  });

  test("that waits takes the oldest first and never waits for itself", async () => {
    const of = stage(smallConfig("a3c", { actors: 3, gate: "wait", maxStaleness: 0 }));
    for (let k = 0; k < 30; k++) {
      let group = of.learner.ready();
      if (group === null) for (const actor of of.actors) actor.collect(always);
      group ??= of.learner.ready();
      expect(group).not.toBeNull();
      await of.learner.update(group!);
    }
    expect(of.learner.record.updates).toBe(30);
    expect(of.learner.record.stalenessMax).toBeLessThanOrEqual(2); // three that pulled the same version
  });
});

describe("actors that rest", () => {
  test("and were never at work change nothing", async () => {
    const run = async (values: object, spare = 0) => {
      const of = stage(smallConfig("a2c", { seed: 6, ...values }), undefined, { spare });
      for (let k = 0; k < 40; k++) await turn(of);
      return {
        parameters: [...of.learner.parameters],
        episodes: episodesOf(of.memory),
        steps: of.learner.record.envSteps,
      };
    };
    expect(await run({ actors: 2 })).toEqual(await run({ actors: 2 }, 1));
  });

  test("come and go at a version, the same bits every time whoever wakes first, and learn from nothing old", async () => {
    const run = async (order: readonly number[]) => {
      const of = stage(smallConfig("a2c", { actors: 4, seed: 6 }), undefined, { spare: 2 });
      const sizes = { 10: 1, 30: 3, 40: 6 };
      for (let k = 0; k < 60; k++) {
        if (k in sizes) edit(of, "actors", sizes[k as keyof typeof sizes]);
        let group = of.learner.ready();
        for (let tries = 0; group === null && tries < 3; tries++) {
          for (const actor of order) of.actors[actor].collect(always);
          group = of.learner.ready();
        }
        for (const actor of group!) expect(of.memory.actors[actor].unrolls[0].version[0]).toBe(k);
        expect(group).toHaveLength(k <= 10 ? 4 : k <= 30 ? 1 : k <= 40 ? 3 : 6); // latched at an update, in effect from the next
        await of.learner.update(group!);
      }
      return [...of.learner.parameters];
    };
    expect(await run([0, 1, 2, 3, 4, 5])).toEqual(await run([5, 3, 4, 1, 0, 2]));
  });

  test("asynchronously, what they acted long ago is not learnt from", async () => {
    const of = stage(smallConfig("a3c", { actors: 2 }));
    edit(of, "actors", 1);
    for (const actor of of.actors) actor.collect(always);
    for (let k = 0; k < 9; k++) {
      expect(of.learner.ready()).toEqual([0]);
      await of.learner.update([0]);
      of.actors[0].collect(always);
    }
    expect(of.actors[1].collect(always)).toBe("not its turn");
    edit(of, "actors", 2);
    await of.learner.update([0]);
    expect(of.learner.ready()).toBeNull();
    of.actors[1].collect(always);
    expect(of.learner.ready()).toEqual([1]);
    expect(of.memory.actors[1].unrolls[0].version[0]).toBe(10);
  });
});

describe("an actor that is replaced", () => {
  const outcome = async (algo: AlgorithmId, chaos: boolean) => {
    const of = stage(smallConfig(algo, { seed: 8, unroll: 5 }));
    const actors = [...of.actors];
    for (let k = 0; k < 40; k++) {
      if (chaos && k % 3 === 0) {
        // It ends in the midst of an unroll, with a bank pinned.
        let steps = 0;
        actors[k % 2].collect(() => ++steps <= k % 5);
        of.memory.parameters.pins[k % 2] = 1 + (of.learner.record.updates & 1);
        actors[k % 2] = new Actor(of.plan, of.memory, k % 2);
      }
      for (const actor of actors) actor.collect(always);
      await of.learner.update(of.learner.ready()!);
    }
    return { parameters: [...of.learner.parameters], episodes: episodesOf(of.memory) };
  };

  test.each(["a2c", "a3c"] as const)("%s goes on from its last whole unroll: no bit changes", async (algo) => {
    const smooth = await outcome(algo, false);
    expect(smooth.episodes.length).toBeGreaterThan(5);
    expect(await outcome(algo, true)).toEqual(smooth);
  });

  test("and a push are recorded at the next update", async () => {
    const of = stage(smallConfig("a2c"));
    await turn(of);
    Atomics.add(of.memory.actors[2].replaced, 0, 1);
    of.memory.actors[1].push.copy[0] = 1;
    of.memory.actors[1].push.strength[0] = -0.5;
    Atomics.add(of.memory.actors[1].push.count, 0, 1);
    await turn(of);
    const rows = rowsOf(of.memory.logs.edits, editLog.length);
    expect(rows.map(([update, , , slot, value]) => ({ update, ...editOf(of.plan, slot, value) }))).toEqual([
      { update: 1, key: "actor", value: "3 replaced" },
      { update: 1, key: "push", value: "actor 2 copy 2 step 1 by -0.5" },
    ]);
  });
});

test("a push moves one copy once", async () => {
  const of = stage(smallConfig("a2c", { actors: 1, envs: 2, unroll: 1 }));
  const still = stage(smallConfig("a2c", { actors: 1, envs: 2, unroll: 1 }));
  const { push, copies } = of.memory.actors[0];
  push.copy[0] = 1;
  push.strength[0] = 0.5;
  Atomics.add(push.count, 0, 1);
  of.actors[0].collect(always);
  still.actors[0].collect(always);
  const theirs = still.memory.actors[0].copies.state;
  expect([...copies.state.subarray(0, 4)]).toEqual([...theirs.subarray(0, 4)]);
  expect(copies.state[7] - theirs[7]).toBeGreaterThan(0.4);
  await of.learner.update([0]);
  const before = copies.state[7];
  of.actors[0].collect(always);
  expect(Math.abs(copies.state[7] - before)).toBeLessThan(0.4);
});

test("a straggler and its late pulls change no bit of a lockstep run, only who waits", async () => {
  const config = smallConfig("a2c", { ...until(25), seed: 4 });
  const plain = await launched(config);
  await plain.outcome;
  await plain.stopped();
  const slow = await launched(withValues(config, { straggler: 2, pullDelay: 8, slowdown: 3 }));
  await slow.outcome;
  await slow.stopped();
  expect([...slow.memory.learner.parameters]).toEqual([...plain.memory.learner.parameters]);
  expect(episodesOf(slow.memory)).toEqual(episodesOf(plain.memory));
  const { spent } = slow.memory.actors[1].lane;
  expect(spent[Activity.delay]).toBeGreaterThanOrEqual(25 * 8);
  expect(slow.memory.actors[0].lane.spent[Activity.delay]).toBe(0);
  const [first, second, third] = slow.memory.learner.waitedFor;
  // Threads that start late are waited for once; the straggler every time.
  expect(second).toBeGreaterThan(0.7 * 25 * 8);
  expect(second).toBeGreaterThan(Math.min(first, third));
  expect(slow.memory.learner.lane.spent[Activity.wait]).toBeGreaterThan(25 * 7);
});

describe("a lane", () => {
  test("closes a span when another activity begins, and adds up what each took", async () => {
    const of = stage(smallConfig("a2c"));
    const { lane: views } = of.memory.evaluator;
    const lane = new Lane(views);
    for (const activity of [Activity.act, Activity.act, Activity.wait, Activity.act, Activity.stopped]) {
      const end = performance.now() + 2;
      while (performance.now() < end);
      lane.enter(activity);
    }
    const spans = rowsOf(views.spans as never, 3);
    expect(spans.map(([activity]) => activities[activity])).toEqual(["starting", "act", "wait", "act"]);
    for (const [i, [, from, to]] of spans.entries()) {
      expect(to - from).toBeGreaterThanOrEqual(1.9);
      if (i > 0) expect(from).toBe(spans[i - 1][2]);
    }
    const total = views.spent.reduce((a, b) => a + b, 0);
    expect(total).toBeCloseTo(spans[3][2] - spans[0][1], 6);
    expect(views.spent[Activity.act]).toBeGreaterThan(5);
  });
});
