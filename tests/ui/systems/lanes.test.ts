import { describe, expect, test } from "vitest";
import { arrowsOf } from "../../../src/ui/systems/Flow.tsx";
import { duration, stretchOf } from "../../../src/ui/systems/lanes.ts";

test("a duration has a unit that fits it, and never reads as nothing", () => {
  expect(duration(1500)).toBe("1.5 s");
  expect(duration(20)).toBe("20 ms");
  expect(duration(0.1)).toBe("0.1 ms");
  expect(duration(0.0999)).toBe("100 µs");
  expect(duration(0.0099)).toBe("9.9 µs");
  expect(duration(0)).toBe("< 5 µs"); // the clock's step
});

test("a stage fills the picture that it is shown in", () => {
  const span = (from: number, to: number) => ({ lane: 0, activity: "act" as const, from, to });
  expect(stretchOf([span(100, 104), span(102, 120)])).toEqual({ from: 100, to: 123, zero: 100 });
  expect(stretchOf([span(7, 7)]).to).toBeGreaterThan(7);
});

describe("what travels", () => {
  const sizes = { unroll: 4000, gradient: 2060, parameters: 2060 };
  const plan = { gradients: "actors", apply: "learner", values: { evalEvery: 200 } } as Parameters<typeof arrowsOf>[0];
  const rates = { unrollsPerSecond: 1000, updatesPerSecond: 250 };
  test("is unrolls × bytes up, parameters down, and a snapshot aside now and then", () => {
    const { up, down, aside } = arrowsOf(plan, sizes, rates);
    expect(up).toEqual({ what: "gradients", rate: "1.00\u202fk/s · 2.1\u202fMB/s" });
    expect(down.rate).toBe(up.rate);
    expect(aside).toEqual({ what: "every 200th version", rate: "1.3/s · 2.6\u202fkB/s" });
    expect(arrowsOf({ ...plan, gradients: "learner" }, sizes, rates).up).toEqual({
      what: "trajectories",
      rate: "1.00\u202fk/s · 4.0\u202fMB/s",
    });
  });
  test("is not known before the run has gone on for a while", () => {
    const nothing = { unrollsPerSecond: Number.NaN, updatesPerSecond: Number.NaN };
    expect(arrowsOf(plan, sizes, nothing).up.rate).toBe("–");
  });
});
