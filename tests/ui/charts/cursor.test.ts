import fc from "fast-check";
import { expect, test } from "vitest";
import { pointAt, useCursor, valueAt } from "../../../src/ui/charts/cursor.ts";
import { overlaid, overlayKey, returnRows } from "../../../src/ui/charts/series.ts";

interface Row {
  x: number;
  y?: number;
}
const read = (rows: readonly Row[], x: number) =>
  valueAt(
    rows,
    x,
    (r) => r.x,
    (r) => r.y,
  );

test("a curve is read between its points as it is drawn, and nowhere else", () => {
  const rows: Row[] = [{ x: 0 }, { x: 2, y: 10 }, { x: 3 }, { x: 4, y: Number.NaN }, { x: 6, y: 30 }, { x: 9 }];
  expect([0, 2, 3, 5, 6, 7].map((x) => read(rows, x))).toEqual([null, 10, 15, 25, 30, null]);
  expect(read([], 1)).toBeNull();
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2 }),
      fc.double({ min: 0, max: 1000, noNaN: true }),
      (xs, x) => {
        const line = xs.sort((a, b) => a - b).map((at): Row => ({ x: at, y: 3 * at + 1 }));
        const y = read(line, x);
        if (x < line[0].x || x > line[line.length - 1].x) expect(y).toBeNull();
        else expect(y).toBeCloseTo(3 * x + 1, 6);
      },
    ),
  );
});

test("every run of a race is read at every row, where the others have their points too", () => {
  const curve = (offset: number) =>
    Array.from({ length: 50 }, (_, i) => {
      const at = 10 * i + offset;
      return { envSteps: at, updates: at, seconds: at, episodes: 1, mean: at, min: at, max: at, mean100: at };
    });
  const overlays = [3, 7].map((offset) => ({
    id: `${offset}`,
    label: `${offset}`,
    style: { colour: "", dash: undefined },
    points: curve(offset),
  }));
  const span = { envSteps: 500, x: 500 };
  const rows = overlaid(returnRows(curve(0), [], "updates", 0, span), overlays, "updates", 0, span);
  for (const { x } of rows.filter((row) => row.x >= 7 && row.x <= 490)) {
    const at = (of: (row: (typeof rows)[number]) => number | undefined) => valueAt(rows, x, (r) => r.x, of);
    expect([at((r) => r.smooth), at((r) => r[overlayKey(0)]), at((r) => r[overlayKey(1)])]).toEqual(
      [0, 1, 2].map(() => expect.closeTo(x, 9)),
    );
  }
});

test("one chart is pointed at, and only that one ends it", () => {
  pointAt("return", 5);
  pointAt("Loss", null);
  expect(useCursor.getState()).toEqual({ x: 5, chart: "return" });
  pointAt("Loss", 7);
  pointAt("return", null);
  expect(useCursor.getState()).toEqual({ x: 7, chart: "Loss" });
  pointAt("Loss", null);
  expect(useCursor.getState().x).toBeNull();
});
