import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fold, Series } from "../../src/core/series.ts";

const folds: Fold[] = ["last", "sum", "mean", "min", "max"];
const WEIGHT = 1;

/** What a point made of these rows must show. */
function folded(rows: number[][], weighted: boolean): number[] {
  const column = (c: number) => rows.map((row) => row[c]);
  const weights = weighted ? column(WEIGHT) : rows.map(() => 1);
  const total = weights.reduce((a, b) => a + b, 0);
  return [
    column(0)[rows.length - 1],
    column(1).reduce((a, b) => a + b, 0),
    column(2).reduce((sum, x, i) => sum + x * weights[i], 0) / total,
    Math.min(...column(3)),
    Math.max(...column(4)),
  ];
}

const pointsOf = (series: Series): number[][] =>
  Array.from({ length: series.visible }, (_, i) => [...series.rows.subarray(i * 5, i * 5 + 5)]);

/** A series of so many points whose memory is poisoned. */
const empty = (capacity: number, weighted: boolean) =>
  new Series(folds, new Float64Array((capacity + 1) * 5).fill(Number.NaN), weighted ? WEIGHT : -1);

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const anyRow = fc.tuple(number, fc.integer({ min: 1, max: 9 }), number, number, number);

function expectModel(series: Series, rows: number[][], weighted: boolean): void {
  const { stride } = series;
  const groups = Array.from({ length: Math.ceil(rows.length / stride) }, (_, i) =>
    rows.slice(i * stride, (i + 1) * stride),
  );
  const points = pointsOf(series);
  expect(points).toHaveLength(groups.length);
  groups.forEach((group, i) => {
    folded(group, weighted).forEach((x, c) => {
      if (c === 1 || c === 2)
        expect(Math.abs(points[i][c] - x), `point ${i} column ${c}`).toBeLessThan(1e-9 * (1 + Math.abs(x)));
      else expect(points[i][c]).toBe(x);
    });
  });
}

describe.each([
  ["weighted by a column", true],
  ["weighted by rows", false],
])("a series, %s", (_, weighted) => {
  test("shows the rows gathered stride by stride, whatever their number, in bounded memory", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }).map((half) => 2 * half),
        fc.array(anyRow, { maxLength: 150 }),
        (capacity, rows) => {
          const series = empty(capacity, weighted);
          for (const [n, row] of rows.entries()) {
            series.add(row);
            expect(series.length).toBeLessThan(capacity);
            expect(series.visible).toBeLessThanOrEqual(capacity);
            if (n % 17 === 0) expectModel(series, rows.slice(0, n + 1), weighted);
          }
          expectModel(series, rows, weighted);
          expect(Number.isInteger(Math.log2(series.stride))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("keeps totals over a hundred thousand rows", () => {
    const series = empty(500, weighted);
    let sum = 0;
    let mean = 0;
    for (let n = 0; n < 100_000; n++) {
      const weight = 1 + (n % 3);
      series.add([n, weight, n % 10, -n, n]);
      sum += weight;
      mean += (weighted ? weight : 1) * (n % 10);
    }
    const points = pointsOf(series);
    const total = points.reduce((a, p) => a + p[1], 0);
    expect(total).toBe(sum);
    // 100,000 rows in fewer than 500 points of 2ᵏ rows: k = 8 (2⁸ · 391 = 100,096), and more than half of the room is used
    expect(series.stride).toBe(256);
    expect(series.visible).toBe(391);
    const rowsIn = (i: number) => (i < 390 ? 256 : 100_000 - 390 * 256);
    const weightOf = (p: number[], i: number) => (weighted ? p[1] : rowsIn(i));
    expect(points.reduce((a, p, i) => a + p[2] * weightOf(p, i), 0) / mean).toBeCloseTo(1, 9);
    expect(points[390].slice(0, 1).concat(points[390].slice(3))).toEqual([99_999, -99_999, 99_999]);
  });
});

test("before the room is full every row is a point of its own", () => {
  const series = empty(4, false);
  series.add([1, 2, 3, 4, 5]);
  series.add([6, 7, 8, 9, 10]);
  expect(pointsOf(series)).toEqual([
    [1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10],
  ]);
});

test("neighbours joined by hand: weights 1 and 3", () => {
  const series = empty(2, true);
  series.add([10, 1, 8, 5, 5]);
  series.add([20, 3, 4, 6, 6]);
  // last 20, sum 4, mean (8·1 + 4·3)/4 = 5, min 5, max 6
  expect(pointsOf(series)).toEqual([[20, 4, 5, 5, 6]]);
  expect(series.stride).toBe(2);
});

test("the point in the making is visible", () => {
  const series = empty(2, false);
  for (let n = 0; n < 3; n++) series.add([n, 1, n, n, n]);
  // rows 0 and 1 are joined; row 2 waits for its neighbour
  expect([series.length, series.visible]).toEqual([1, 2]);
  expect(pointsOf(series)[1]).toEqual([2, 1, 2, 2, 2]);
});

test("the latest of what is not a number stays so until a number follows", () => {
  const series = new Series(["last"], new Float64Array(5));
  series.add([Number.NaN]);
  expect(series.rows[0]).toBeNaN();
  for (let n = 0; n < 3; n++) series.add([7]);
  expect([...series.rows.subarray(0, series.visible)]).toEqual([7, 7]);
});

test("starts afresh", () => {
  const series = empty(2, false);
  for (let n = 0; n < 9; n++) series.add([n, 1, n, n, n]);
  series.clear();
  expect([series.length, series.visible, series.stride]).toEqual([0, 0, 1]);
  series.add([1, 1, 1, 1, 1]);
  expect(pointsOf(series)).toEqual([[1, 1, 1, 1, 1]]);
});

test("an odd or missing room is refused", () => {
  for (const points of [0, 1, 3, 5])
    expect(() => new Series(["last"], new Float64Array(points + 1))).toThrow("an even number of points");
});
