import { expect, test } from "vitest";
import { barsOf, decades } from "../../../src/ui/systems/bins.ts";

const counts = (of: Record<number, number>) => Array.from({ length: 65 }, (_, i) => of[i] ?? 0);

test("a long tail is seen beside the many that are fresh, and the last bar says that it counts all beyond", () => {
  const bars = barsOf(counts({ 0: 20_000, 1: 12_000, 40: 3, 64: 1 }));
  expect(bars).toHaveLength(65);
  expect(bars[64]).toMatchObject({ label: "64+", count: 1 });
  expect(bars[63].label).toBe("63");
  expect(bars[0].height).toBe(1);
  expect(bars[64].height).toBeGreaterThan(0.1);
  expect(bars[40].height).toBeGreaterThan(bars[64].height);
  expect(bars[2].height).toBe(0);
});

test("a decade is the same height everywhere", () => {
  const bars = barsOf(counts({ 0: 1000, 1: 100, 2: 10, 3: 1 }));
  const steps = [0, 1, 2].map((i) => bars[i].height - bars[i + 1].height);
  for (const step of steps) expect(step).toBeCloseTo(steps[0], 12);
  expect(bars).toHaveLength(8);
});

test("the axis has a few powers of ten", () => {
  expect(decades(0)).toEqual([1]);
  expect(decades(950)).toEqual([1, 10, 100]);
  expect(decades(2_000_000)).toEqual([1, 100, 10_000, 1_000_000]);
});
