import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pacer } from "../../../src/runtime/acting/pacer.ts";
import { formatMemory, Mode, memoryLayout } from "../../../src/runtime/memory/memory.ts";
import { paces, WATCHABLE_HZ } from "../../../src/runtime/plan/config.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { Bell } from "../../../src/runtime/shared/bell.ts";
import { smallConfig } from "../stage.ts";

const BEAT = 1000 / WATCHABLE_HZ; // ms

/** A clock that only waiting moves. */
class Clock {
  now = 5_000;
  waits = 0;
  /** Something that happens during the next wait. */
  meanwhile: () => void = () => {};
}

let clock: Clock;
beforeEach(() => {
  clock = new Clock();
  vi.spyOn(performance, "now").mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function paced(pace: (typeof paces)[number]) {
  const plan = planRun(smallConfig());
  const { control, actors } = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  control.mode[0] = Mode.running;
  control.pace[0] = paces.indexOf(pace);
  const bell = new Bell(actors[0].bell);
  bell.wait = (_count, milliseconds) => {
    clock.waits++;
    clock.now += milliseconds ?? 0;
    clock.meanwhile();
  };
  const { beforeStep } = new Pacer(control, bell);
  /** Milliseconds that so many steps take. */
  const take = (steps: number) => {
    const before = clock.now;
    for (let k = 0; k < steps; k++) expect(beforeStep()).toBe(true);
    return clock.now - before;
  };
  return { control, beforeStep, take };
}

describe("the pacer", () => {
  test("never waits at full pace", () => {
    expect(paced("full").take(1000)).toBe(0);
    expect(clock.waits).toBe(0);
  });

  test("lets steps through at watchable pace one a beat, from the first on", () => {
    const { take } = paced("watchable");
    expect(take(1)).toBe(0);
    expect(take(50)).toBeCloseTo(50 * BEAT, 6);
  });

  test("makes up for a short delay, so that the beat is kept", () => {
    const { take } = paced("watchable");
    take(10);
    clock.now += 3 * BEAT;
    expect(take(10)).toBeCloseTo(7 * BEAT, 6);
  });

  test("starts afresh after a long one: nothing is made up for", () => {
    const { take } = paced("watchable");
    take(10);
    clock.now += 60_000;
    expect(take(1)).toBe(0);
    expect(take(20)).toBeCloseTo(20 * BEAT, 6);
  });

  test("a stop ends the wait", () => {
    const { control, beforeStep } = paced("watchable");
    beforeStep();
    clock.meanwhile = () => {
      control.mode[0] = Mode.stop;
    };
    expect(beforeStep()).toBe(false);
  });

  test("full speed asked for during a wait is had at once, and watchable again has its beat", () => {
    const { control, beforeStep, take } = paced("watchable");
    take(1);
    clock.meanwhile = () => {
      control.pace[0] = paces.indexOf("full");
    };
    beforeStep();
    expect(take(100)).toBe(0);
    clock.meanwhile = () => {};
    control.pace[0] = paces.indexOf("watchable");
    expect(take(30)).toBeGreaterThan(28 * BEAT);
  });
});
