import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSlower, LEAST_PAIRS, medianInterval, rankOf, timeRatio } from "../../src/bench/pairs.ts";
import { Rng } from "../../src/core/rng.ts";

describe("the interval of a median", () => {
  // Ranks of the two-sided sign test at 5 %, as tables of nonparametric statistics print them.
  test.each([
    [6, 1],
    [8, 1],
    [9, 2],
    [10, 2],
    [15, 4],
    [20, 6],
    [25, 8],
    [31, 10],
    [50, 18],
    [100, 40],
  ])("of %i values begins at rank %i", (n, rank) => {
    expect(rankOf(n)).toBe(rank);
  });

  test("is taken from the values in order", () => {
    const values = [5, 1, 4, 9, 2, 8, 3, 7, 6];
    expect(medianInterval(values)).toEqual({ median: 5, low: 2, high: 8 });
    expect(values[0]).toBe(5); // as it was
    expect(medianInterval([1, 2, 3, 4, 5, 8])).toEqual({ median: 3.5, low: 1, high: 8 });
  });

  test("holds the true median in 95 of 100 cases or more, of lopsided values too", () => {
    const rng = new Rng().seed(1);
    let held = 0;
    const trials = 4000;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = medianInterval(Array.from({ length: 31 }, () => Math.exp(rng.normal())));
      if (low <= 1 && 1 <= high) held++;
    }
    // 97.1 % exactly for 31; a standard error is 0.27 %
    expect(held / trials).toBeGreaterThan(0.96);
    expect(held / trials).toBeLessThan(0.98);
  });

  test("lies around the median, whatever the values", () => {
    const ratio = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(ratio, { minLength: LEAST_PAIRS, maxLength: 99 }), (values) => {
        const { median, low, high } = medianInterval(values);
        expect(low).toBeLessThanOrEqual(median);
        expect(high).toBeGreaterThanOrEqual(median);
      }),
    );
  });

  test("needs enough values, and numbers", () => {
    expect(() => medianInterval([1, 1, 1, 1, 1])).toThrow("needs 6 pairs or more, not 5");
    expect(() => medianInterval([1, 1, 1, 1, 1, Number.NaN])).toThrow("no number");
  });
});

describe("a build", () => {
  const pairs = (times: number) => Array.from({ length: 31 }, (_, i) => ({ old: 100 + i, new: (100 + i) / times }));

  test("that takes twice the time has the ratio 2, whatever the weather of each pair", () => {
    const { median, low, high } = timeRatio(pairs(2));
    for (const x of [median, low, high]) expect(x).toBeCloseTo(2, 12);
  });

  test.each([
    [0.9, false],
    [1.019, false],
    [1.03, true],
  ])("that takes %f of the time of the old one: slower is %s", (times, slower) => {
    expect(isSlower(timeRatio(pairs(times)))).toBe(slower);
  });

  test("that is slower in the middle, but within the noise, is not called so", () => {
    const noisy = pairs(1.05).map((pair, i) => (i % 3 === 0 ? { ...pair, new: pair.new * 1.2 } : pair));
    expect(timeRatio(noisy).median).toBeGreaterThan(1.02);
    expect(isSlower(timeRatio(noisy))).toBe(false);
  });
});
