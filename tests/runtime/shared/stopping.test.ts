import { describe, expect, test } from "vitest";
import { viewsOf } from "../../../src/core/layout.ts";
import type { StopCondition } from "../../../src/core/params.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { conditionMet, Stops, stopsLayout, writeStops } from "../../../src/runtime/shared/stopping.ts";
import { smallConfig, stage } from "../stage.ts";

describe("a stop condition", () => {
  const record = { envSteps: 1000, updates: 50, solved: null };
  const met = (until: StopCondition[], of: Parameters<typeof conditionMet>[1] = record, seconds = 12) =>
    conditionMet(until, of, seconds);

  test("is met when its count is reached, not before", () => {
    expect(met([])).toBeNull();
    expect(met([{ when: "steps", count: 1001 }])).toBeNull();
    expect(met([{ when: "steps", count: 1000 }])).toBe("1000 env-steps");
    expect(met([{ when: "updates", count: 51 }])).toBeNull();
    expect(met([{ when: "updates", count: 50 }])).toBe("50 updates");
    expect(met([{ when: "seconds", count: 12.5 }])).toBeNull();
    expect(met([{ when: "seconds", count: 12 }])).toBe("12 seconds");
    expect(met([{ when: "solved" }])).toBeNull();
    expect(met([{ when: "solved" }], { ...record, solved: {} })).toBe("solved");
  });

  test("of several is named: the first that is met", () => {
    const several: StopCondition[] = [{ when: "solved" }, { when: "updates", count: 99 }, { when: "steps", count: 5 }];
    expect(met(several)).toBe("5 env-steps");
    expect(met(several, { ...record, solved: {} })).toBe("solved");
  });
});

describe("conditions in shared memory", () => {
  const record = { envSteps: 1000, updates: 50, solved: null };
  const begin = () => {
    const views = viewsOf(stopsLayout, new SharedArrayBuffer(stopsLayout.bytes));
    return { views, stops: new Stops(views) };
  };

  test("are read in their order, whatever was there before", () => {
    const { views, stops } = begin();
    expect(stops.met(record, 9)).toBeNull();
    writeStops(views, [{ when: "solved" }, { when: "seconds", count: 2.5 }, { when: "steps", count: 1000 }]);
    expect(stops.met(record, 2)).toBe("1000 env-steps");
    expect(stops.met(record, 2.5)).toBe("2.5 seconds");
    expect(stops.met({ ...record, solved: {} }, 2.5)).toBe("solved");
    writeStops(views, [{ when: "updates", count: 1e12 }]);
    expect(stops.met({ ...record, solved: {} }, 1e9)).toBeNull();
    expect(stops.met({ ...record, updates: 1e12 }, 0)).toBe("1000000000000 updates");
    writeStops(views, []);
    expect(stops.met({ ...record, updates: 1e12 }, 0)).toBeNull();
  });

  test("that are being written count as those of before", () => {
    const { views, stops } = begin();
    writeStops(views, [{ when: "updates", count: 60 }]);
    expect(stops.met(record, 0)).toBeNull();
    Atomics.add(views.revision, 0, 1);
    views.conditions[1] = 1;
    expect(stops.met(record, 0)).toBeNull();
    Atomics.add(views.revision, 0, 1);
    expect(stops.met(record, 0)).toBe("1 updates");
  });
});

test("what is set while a run goes on is in its configuration, and no edit", () => {
  const { plan, memory } = stage(smallConfig("a2c"));
  const watch = new RunWatch(plan, plan.config, memory, 0);
  const until = [{ when: "steps" as const, count: 7 }];
  watch.asked("until", until);
  watch.asked("lr", 0.02);
  const { config, resolved, begun, edits } = watch.look(0, true);
  for (const { values } of [config, resolved, begun]) expect(values.until).toEqual(until);
  expect(begun.values.lr).toBe(plan.config.values.lr); // an edit says when it changed
  expect(edits).toEqual([]);
});
