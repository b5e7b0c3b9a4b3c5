import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Extremes } from "../../src/core/extremes.ts";
import { bucketOf, type Fold, Series } from "../../src/core/series.ts";

const folds: Fold[] = ["last", "sum", "mean", "min", "max", "last"];
const C = folds.length;
const WEIGHT = 1;

/** What a point made of these rows must show. */
function folded(rows: number[][]): number[] {
  const column = (c: number) => rows.map((row) => row[c]);
  const weights = column(WEIGHT);
  const total = weights.reduce((a, b) => a + b, 0);
  return [
    column(0)[rows.length - 1],
    total,
    column(2).reduce((sum, x, i) => sum + x * weights[i], 0) / total,
    Math.min(...column(3)),
    Math.max(...column(4)),
    column(5)[rows.length - 1],
  ];
}

const pointsOf = ({ length, rows, columns }: { length: number; rows: Float64Array; columns: number }): number[][] =>
  Array.from({ length }, (_, i) => [...rows.subarray(i * columns, (i + 1) * columns)]);

/** A series of so many points whose memory is poisoned. */
const empty = (capacity: number) => new Series(folds, new Float64Array(capacity * C).fill(Number.NaN), WEIGHT);

/** Rows, x first: some gaps are wide, some rows share their x. */
const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const gap = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2000 }));
const anyRows = fc
  .array(fc.tuple(gap, fc.integer({ min: 1, max: 9 }), number, number, number, number), { maxLength: 150 })
  .map((rows) => {
    let x = 0;
    return rows.map(([gap, ...rest]) => {
      x += gap;
      return [x, ...rest];
    });
  });

function inBuckets(rows: number[][], width: number): number[][][] {
  const groups = new Map<number, number[][]>();
  for (const row of rows) groups.set(bucketOf(row[0], width), [...(groups.get(bucketOf(row[0], width)) ?? []), row]);
  return [...groups.values()];
}

function expectModel(series: Series, rows: number[][]): void {
  const groups = inBuckets(rows, series.width);
  const points = pointsOf(series);
  expect(points).toHaveLength(groups.length);
  groups.forEach((group, i) => {
    folded(group).forEach((x, c) => {
      if (c === 2) expect(Math.abs(points[i][c] - x), `point ${i}`).toBeLessThan(1e-9 * (1 + Math.abs(x)));
      else expect(points[i][c]).toBe(x);
    });
  });
}

describe("a series", () => {
  test("shows its rows bucket by bucket of x, in bounded memory, with no wider buckets than the room asks for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), anyRows, (capacity, rows) => {
        const series = empty(capacity);
        for (const [n, row] of rows.entries()) {
          series.add(row);
          expect(series.length).toBeLessThanOrEqual(capacity);
          if (n % 17 === 0) expectModel(series, rows.slice(0, n + 1));
        }
        expectModel(series, rows);
        expect(Number.isInteger(Math.log2(series.width))).toBe(true);
        if (series.width > 1) expect(inBuckets(rows, series.width / 2).length).toBeGreaterThan(capacity);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps totals over a hundred thousand rows", () => {
    const series = empty(500);
    let sum = 0;
    let mean = 0;
    for (let n = 0; n < 100_000; n++) {
      const weight = 1 + (n % 3);
      series.add([n, weight, n % 10, -n, n, n]);
      sum += weight;
      mean += weight * (n % 10);
    }
    const points = pointsOf(series);
    expect(points.reduce((a, p) => a + p[1], 0)).toBe(sum);
    // x up to 99,999 in at most 500 buckets 2ᵏ wide: k = 8 (2⁸ · 391 = 100,096), and more than half of the room is used
    expect(series.width).toBe(256);
    expect(series.length).toBe(391);
    expect(points.reduce((a, p) => a + p[2] * p[1], 0) / mean).toBeCloseTo(1, 9);
    expect([0, 3, 4, 5].map((c) => points[390][c])).toEqual([99_999, -99_999, 99_999, 99_999]);
  });

  test("a policy that collapses to episodes fifty times as short does not take the room of what was before", () => {
    const series = empty(500);
    let x = 0;
    for (; x < 2_200_000; x += 500) series.add([x, 1, 500, 500, 500, 0]);
    for (; x < 2_600_000; x += 9) series.add([x, 1, 9, 9, 9, 0]);
    const points = pointsOf(series);
    const before = points.filter((p) => p[0] < 2_200_000);
    const share = 2_200_000 / 2_600_000;
    expect(before.length / points.length).toBeCloseTo(share, 2);
    expect(points.length).toBeGreaterThan(250);
    expect(new Set(before.map((p) => p[2]))).toEqual(new Set([500]));
  });

  test("goes on from what another held with its very bits", () => {
    fc.assert(
      fc.property(anyRows, fc.nat(), (rows, at) => {
        const cut = rows.length === 0 ? 0 : at % rows.length;
        const whole = empty(8);
        const first = empty(8);
        const second = empty(8);
        for (const row of rows) whole.add(row);
        for (const row of rows.slice(0, cut)) first.add(row);
        second.restore(first.length, first.width, first.rows.slice(0, first.length * C));
        for (const row of rows.slice(cut)) second.add(row);
        expect(pointsOf(second)).toEqual(pointsOf(whole));
        expect(second.width).toBe(whole.width);
      }),
      { numRuns: 60 },
    );
  });
});

test("rows of different x are points of their own while there is room, rows of the same x are one", () => {
  const series = empty(4);
  series.add([1, 2, 3, 4, 5, 6]);
  series.add([6, 1, 8, 9, 10, 11]);
  series.add([6, 3, 4, 9, 10, 12]);
  expect(pointsOf(series)).toEqual([
    [1, 2, 3, 4, 5, 6],
    [6, 4, 5, 9, 10, 12],
  ]);
});

test("neighbours joined by hand: weights 1 and 3", () => {
  const series = empty(2);
  series.add([10, 1, 8, 5, 5, 1]);
  series.add([11, 3, 4, 6, 6, 2]);
  series.add([20, 1, 1, 1, 1, 3]);
  // last 11, sum 4, mean (8·1 + 4·3)/4 = 5, min 5, max 6
  expect(pointsOf(series)).toEqual([
    [11, 4, 5, 5, 6, 2],
    [20, 1, 1, 1, 1, 3],
  ]);
  expect(series.width).toBe(2);
});

test("the latest of what is not a number stays so until a number follows", () => {
  const series = new Series(["last", "last"], new Float64Array(4));
  series.add([0, Number.NaN]);
  expect(series.rows[1]).toBeNaN();
  for (const x of [1, 2]) series.add([x, 7]);
  expect(pointsOf(series)).toEqual([
    [1, 7],
    [2, 7],
  ]);
});

test("starts afresh", () => {
  const series = empty(2);
  for (let n = 0; n < 9; n++) series.add([n, 1, n, n, n, n]);
  series.clear();
  expect([series.length, series.width]).toEqual([0, 1]);
  series.add([1, 1, 1, 1, 1, 1]);
  expect(pointsOf(series)).toEqual([[1, 1, 1, 1, 1, 1]]);
});

test("no room, an x that is joined otherwise, and a mean without weight are refused", () => {
  for (const points of [0, 1]) expect(() => new Series(["last"], new Float64Array(points))).toThrow("room for 2");
  expect(() => new Series(["sum"], new Float64Array(4))).toThrow('the fold of x is "last"');
  expect(() => new Series(["last", "mean"], new Float64Array(4))).toThrow("means need the weight");
  expect(() => new Series(["last", "mean"], new Float64Array(4), 0)).toThrow("means need the weight");
});

describe("extremes", () => {
  const of = (capacity: number) => new Extremes(2, new Float64Array(2 * capacity).fill(Number.NaN), 1);

  test("never lose the least, the greatest and the latest, and keep rows as they were, in bounded memory", () => {
    const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 500 })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 10 }), (gaps, half) => {
        const extremes = of(2 * half);
        const rows: number[][] = [];
        let x = 0;
        for (const [gap, value] of gaps) {
          x += gap;
          rows.push([x, value]);
          extremes.add([x, value]);
          expect(extremes.length).toBeLessThanOrEqual(2 * half);
        }
        const kept = pointsOf(extremes);
        const key = ([x, y]: number[]) => `${x} ${y}`;
        expect(kept.every((row) => new Set(rows.map(key)).has(key(row)))).toBe(true);
        for (let i = 1; i < kept.length; i++) expect(kept[i][0]).toBeGreaterThanOrEqual(kept[i - 1][0]);
        expect(kept.at(-1)).toEqual(rows.at(-1));
        for (const bucket of inBuckets(rows, extremes.width)) {
          const there = kept.filter(([at]) => bucketOf(at, extremes.width) === bucketOf(bucket[0][0], extremes.width));
          const range = (list: number[][]) => [Math.min(...list.map((p) => p[1])), Math.max(...list.map((p) => p[1]))];
          expect(range(there)).toEqual(range(bucket));
        }
      }),
      { numRuns: 80 },
    );
  });

  test("one lapse in three thousand evaluations stays, and so does an even resolution", () => {
    const extremes = of(500);
    for (let k = 1; k <= 3000; k++) extremes.add([k * 16_000, k === 1234 ? 20 : 400 + (k % 7)]);
    const kept = pointsOf(extremes);
    expect(kept.filter(([, y]) => y === 20)).toEqual([[1234 * 16_000, 20]]);
    expect(kept.length).toBeGreaterThan(120);
    const quarter = kept.filter(([x]) => x <= 750 * 16_000).length;
    expect(quarter).toBeGreaterThan(25);
  });

  test("all of them while there is room; then the least and the greatest of a bucket, the first of equal ones", () => {
    const extremes = of(4);
    const rows = [
      [0, 5],
      [1, 5],
      [2, 7],
      [3, 6],
    ];
    for (const row of rows) extremes.add(row);
    expect(pointsOf(extremes)).toEqual(rows);
    extremes.add([4, 1]); // 0 1 2 3 in buckets of 2: three stay, more than half of the room; in buckets of 4: two
    expect(pointsOf(extremes)).toEqual([
      [0, 5],
      [2, 7],
      [4, 1],
    ]);
    expect(() => of(2)).toThrow("room for 4 rows, not 2");
  });
});
