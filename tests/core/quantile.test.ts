import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, quantile } from "../../src/core/quantile.ts";

describe("a quantile", () => {
  test("lies between its neighbours in proportion", () => {
    expect([0, 0.25, 0.5, 0.9, 1].map((q) => quantile([4, 1, 3, 2, 0], q))).toEqual([0, 1, 2, 3.6, 4]);
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN]);
  });

  test("has its share of the numbers at or below it, whatever their order, and changes none", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const given = [...values];
        const value = quantile(values, q);
        expect(values).toEqual(given);
        const below = values.filter((x) => x <= value).length;
        expect(below).toBeGreaterThanOrEqual(Math.floor(q * (values.length - 1)) + 1);
        expect(values.filter((x) => x < value).length).toBeLessThanOrEqual(Math.ceil(q * (values.length - 1)));
      }),
    );
  });
});
