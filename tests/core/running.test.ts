import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeSums, sumsLength, sumsOf } from "../../src/core/running.ts";
import { apart, casesOf } from "../golden/normalise.ts";

const partOf = (x: ArrayLike<number>, width: number, at = 0) => {
  const sums = new Float64Array(at + sumsLength(width)).fill(7);
  sumsOf(Float64Array.from(x), x.length / width, width, sums, at);
  return sums;
};

describe("sums of parts, merged, against the reference values", () => {
  test.each(casesOf("merge"))("$name", ({ inputs: { batches }, expected, tolerance_float64 }) => {
    const width = batches[0].shape[1];
    const all = new Float64Array(sumsLength(width));
    batches.forEach(({ data }, i) => {
      mergeSums(all, partOf(data, width), width, 0);
      const { count, mean, m2 } = expected.steps[i];
      expect(apart(all, [count, ...mean.data, ...m2.data], tolerance_float64)).toBeNull();
    });
  });

  test("there are cases", () => {
    expect(casesOf("merge").length).toBe(10);
  });
});

const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 12 });

test("how numbers are divided into parts, and in which order those are merged, changes nothing but rounding", () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), (parts) => {
      const merged = (order: readonly number[][]) => {
        const all = new Float64Array(sumsLength(1));
        for (const part of order) mergeSums(all, partOf(part, 1), 1, 0);
        return all;
      };
      const whole = merged([parts.flat()]);
      const scale = { rtol: 1e-9, atol: 1e-6 };
      expect(apart(merged(parts), whole, scale)).toBeNull();
      expect(apart(merged(parts.toReversed()), whole, scale)).toBeNull();
    }),
  );
});

test("sums begin where they are told, and what lies before is left alone", () => {
  const sums = partOf([1, 10, 3, 20], 2, 3);
  expect([...sums]).toEqual([7, 7, 7, 2, 2, 15, 2, 50]);
  mergeSums(sums, partOf([5, 30], 2, 3), 2, 3);
  expect([...sums]).toEqual([7, 7, 7, 3, 3, 20, 8, 200]);
});
