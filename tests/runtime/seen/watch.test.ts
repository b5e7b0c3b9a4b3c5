import { afterEach, expect, test, vi } from "vitest";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { Activity, epochNow } from "../../../src/runtime/shared/lane.ts";
import { smallConfig, stage } from "../stage.ts";

afterEach(() => vi.restoreAllMocks());

const unroll = 50;
const begin = () => {
  const of = stage(smallConfig("a2c", { actors: 2, unroll }));
  return { ...of, watch: new RunWatch(of.plan, of.plan.config, of.memory, 0) };
};

test("an actor that steps is not stalled, however long its unroll takes; one that makes no step is", () => {
  const { actors, memory, watch } = begin();
  const [first, second] = memory.actors.map(({ lane }) => lane);
  Atomics.store(second.current, 0, Activity.wait);
  let now = 0;
  const found: (number | null)[] = [];
  actors[0].collect(() => {
    now += 4000; // ms a step
    found.push(watch.stalled(now));
    return true;
  });
  expect(found).toEqual(Array(unroll).fill(null));
  Atomics.store(first.current, 0, Activity.act);
  expect(watch.stalled(now)).toBeNull();
  expect(watch.stalled(now + 9000)).toBeNull();
  expect(watch.stalled(now + 11_000)).toBe(0);
  Atomics.add(memory.actors[0].heartbeat, 0, 1);
  expect(watch.stalled(now + 12_000)).toBeNull();
});

test("the machine's sleep is no stall", () => {
  const { memory, watch } = begin();
  for (const { lane } of memory.actors) Atomics.store(lane.current, 0, Activity.act);
  const { at } = memory.evaluator.vigil;
  at[0] = Math.floor(epochNow()) | 0;
  for (const { heartbeat } of memory.actors) Atomics.add(heartbeat, 0, 1);
  expect(watch.stalled()).toBeNull();
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
  expect(watch.stalled()).toBeNull();
  at[0] += 60_000; // somebody has looked all the while
  expect(watch.stalled()).toBe(0);
});

test("how far the first update is, until it is made", async () => {
  const { actors, memory, learner, watch } = begin();
  const share = () => watch.look(0, true).firstUpdate;
  for (const { heartbeat } of memory.actors) Atomics.add(heartbeat, 0, 1); // their first round
  expect(share()).toBe(0);
  const seen: (number | null)[] = [];
  actors[0].collect(() => seen.push(share()) > 0);
  expect(seen).toEqual(Array.from({ length: unroll }, (_, step) => step / (2 * unroll)));
  expect(share()).toBe(0.5);
  actors[1].collect(() => true);
  expect(share()).toBe(1);
  await learner.update(learner.ready()!);
  learner.publishBoard();
  expect(share()).toBeNull();
});

test("an actor that waits is not stalled", () => {
  const { memory, watch } = begin();
  for (const { lane } of memory.actors) Atomics.store(lane.current, 0, Activity.wait);
  for (const now of [0, 60_000, 120_000]) expect(watch.stalled(now)).toBeNull();
});
