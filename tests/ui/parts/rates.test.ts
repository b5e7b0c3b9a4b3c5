import { expect, test } from "vitest";
import { isWholeRun, ratesOf } from "../../../src/ui/parts/rates.ts";

const seen = { seconds: 0.5, envSteps: 60_000, updates: 750, stepsPerSecond: 0, updatesPerSecond: 0 };

test("a run that is over has the rates of the whole run, one under way those of now", () => {
  for (const phase of ["stopped", "paused", "failed"] as const)
    expect(ratesOf({ ...seen, phase })).toEqual({ steps: 120_000, updates: 1500 });
  const now = { ...seen, phase: "running", stepsPerSecond: 7, updatesPerSecond: 3 } as const;
  expect(ratesOf(now)).toEqual({ steps: 7, updates: 3 });
  expect(isWholeRun(now)).toBe(false);
});

test("before anything has run, rates are nought and nobody divides by it", () => {
  const idle = { ...seen, phase: "idle", seconds: 0, envSteps: 0, updates: 0 } as const;
  expect(ratesOf(idle)).toEqual({ steps: 0, updates: 0 });
});
