import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fold, Series } from "../../../src/core/series.ts";
import type { EvaluationPoint, ReturnPoint, UpdatePoint } from "../../../src/runtime/seen/view.ts";
import {
  type Axis,
  bucketWidth,
  type CurvePoint,
  niceTicks,
  type OverlaidRow,
  overlaid,
  paddedDomain,
  returnRows,
  smooth,
  spanOf,
  thinEvaluations,
  thinReturns,
  thinUpdates,
} from "../../../src/ui/charts/series.ts";
import { packRun, type SharedRun, unpackRun } from "../../../src/ui/share/shared.ts";

const points = (n: number): ReturnPoint[] =>
  Array.from({ length: n }, (_, i) => ({
    envSteps: 100 * (i + 1),
    updates: i + 1,
    seconds: (i + 1) / 10,
    episodes: 1 + (i % 3),
    mean: i,
    min: i - 5,
    max: i + 7,
    mean100: i,
  }));

const evaluation = (updates: number): EvaluationPoint => ({
  envSteps: updates * 100,
  updates,
  seconds: updates,
  episodes: 10,
  mean: 50,
  std: 1,
  min: 40,
  max: 60,
});

describe("thinning", () => {
  test("keeps extremes, episodes and the end; means are weighted by episodes", () => {
    const all = points(1000);
    const thin = thinReturns(all, bucketWidth(100_000, 90));
    expect(thin.length).toBeGreaterThan(45);
    const sum = (list: readonly ReturnPoint[], of: (p: ReturnPoint) => number) => list.reduce((s, p) => s + of(p), 0);
    expect(thin.length).toBeLessThanOrEqual(90);
    expect(thin.at(-1)?.envSteps).toBe(100_000);
    expect(sum(thin, (p) => p.episodes)).toBe(sum(all, (p) => p.episodes));
    expect(sum(thin, (p) => p.mean * p.episodes)).toBeCloseTo(
      sum(all, (p) => p.mean * p.episodes),
      4,
    );
    expect(Math.min(...thin.map((p) => p.min))).toBe(-5);
    expect(Math.max(...thin.map((p) => p.max))).toBe(1006);
  });

  test("of updates keeps a single spike wherever it is, at its true height, and the ends", () => {
    const n = 500;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: n - 2 }), fc.constantFrom("gradientNorm", "loss"), (at, key) => {
        const all = Array.from({ length: n }, (_, i) => {
          const noise = Math.sin(12.9898 * i) / 10;
          return { updates: i, gradientNorm: 1 + noise, loss: noise, [key]: i === at ? 90 : noise };
        }) as unknown as UpdatePoint[];
        const thin = thinUpdates(all, 110, ["loss", "gradientNorm"]);
        expect(thin.length).toBeLessThanOrEqual(110);
        expect([thin[0], thin.at(-1)]).toEqual([all[0], all[n - 1]]);
        expect(thin).toContain(all[at]);
        for (let i = 1; i < thin.length; i++) expect(thin[i].updates).toBeGreaterThan(thin[i - 1].updates);
      }),
    );
    const few = points(9) as unknown as UpdatePoint[];
    expect(thinUpdates(few, 110, ["loss"])).toEqual(few);
  });

  test("a chart never has more than 320 rows, in the order of x", () => {
    const rows = returnRows(
      points(5000),
      Array.from({ length: 3000 }, (_, i) => evaluation(i + 1)),
      "envSteps",
      0.05,
      { envSteps: 500_000, x: 500_000 },
    );
    expect(rows.length).toBeLessThanOrEqual(320);
    for (let i = 1; i < rows.length; i++) expect(rows[i].x).toBeGreaterThanOrEqual(rows[i - 1].x);
    expect(rows.filter((row) => row.evaluation === 50).length).toBeGreaterThanOrEqual(16);
  });

  test("of evaluations keeps every lapse and every best; a dot gives way only to a worse or a better one beside it", () => {
    const end = 3000 * 100;
    const values = fc.array(
      fc.integer({ min: 0, max: 50 }).map((y) => y * 10),
      { minLength: 300, maxLength: 300 },
    );
    fc.assert(
      fc.property(values, (means) => {
        const all = means.map((mean, i) => ({ ...evaluation(10 * (i + 1)), mean }));
        const width = bucketWidth(end, 32);
        const bucket = (p: EvaluationPoint) => Math.floor(p.envSteps / width);
        let before: EvaluationPoint[] = [];
        for (let n = 1; n <= all.length; n++) {
          const shown = thinEvaluations(all.slice(0, n), width);
          expect(shown.length).toBeLessThanOrEqual(64);
          for (const gone of before.filter((p) => !shown.includes(p))) {
            const beside = all
              .slice(0, n)
              .filter((p) => bucket(p) === bucket(gone))
              .map((p) => p.mean);
            expect(bucket(gone)).toBe(bucket(all[n - 1]));
            expect(Math.min(...beside) < gone.mean && gone.mean < Math.max(...beside)).toBe(true);
          }
          before = shown;
        }
        expect(Math.min(...before.map((p) => p.mean))).toBe(Math.min(...means));
        expect(Math.max(...before.map((p) => p.mean))).toBe(Math.max(...means));
      }),
      { numRuns: 10 },
    );
    const steady = Array.from({ length: 300 }, (_, i) => ({ ...evaluation(i + 1), mean: i === 123 ? 20 : 500 }));
    const rows = (n: number) =>
      returnRows([], steady.slice(0, n), "envSteps", 0, { envSteps: 100 * n, x: 100 * n }).map(({ x, evaluation }) => [
        x,
        evaluation,
      ]);
    expect(rows(300)).toContainEqual([12_400, 20]);
    for (let n = 257; n < 300; n++) expect(rows(n + 1)).toEqual(expect.arrayContaining(rows(n)));
  });
});

describe("smoothing", () => {
  const x = Array.from({ length: 100 }, (_, i) => i + 1);

  test("0 changes nothing, a constant stays constant, values stay within their range", () => {
    const y = x.map((i) => Math.sin(i) * 100);
    expect(smooth(x, y, 0, 100)).toEqual(y);
    const constant = x.map(() => 42);
    for (const value of smooth(x, constant, 0.1, 100)) expect(value).toBeCloseTo(42, 9);
    for (const value of smooth(x, y, 0.1, 100)) expect(Math.abs(value)).toBeLessThanOrEqual(100);
  });

  test("looks the same when every other point is left out", () => {
    const half = x.filter((i) => i % 2 === 0);
    const last = (x: number[]) => smooth(x, x, 0.1, 100).at(-1) ?? 0;
    expect(Math.abs(last(half) - last(x))).toBeLessThan(1);
  });

  test("has the memory of the visible width, and what comes later changes nothing", () => {
    const y = x.map((i) => (i % 7) ** 2);
    expect(smooth(x, y, 0.1, 200)).toEqual(smooth(x, y, 0.2, 100));
    expect(smooth(x.slice(0, 60), y.slice(0, 60), 0.1, 100)).toEqual(smooth(x, y, 0.1, 100).slice(0, 60));
  });

  test("no points, one point, equal x", () => {
    expect(smooth([], [], 0.1, 0)).toEqual([]);
    expect(smooth([3], [5], 0.1, 3)).toEqual([5]);
    expect(smooth([0, 0, 0], [1, 2, 3], 0.1, 0)).toEqual([1, 2, 3]);
  });
});

describe("curves of the same returns", () => {
  const style = { colour: "#000", dash: undefined };
  const columns: Fold[] = ["last", "last", "last", "sum", "mean", "min", "max", "last"];
  /** So many episodes, gathered as a run gathers them: steps rise and fall by turns. */
  function run(episodes: number): ReturnPoint[] {
    const series = new Series(columns, new Float64Array(500 * columns.length), 3);
    let steps = 0;
    for (let k = 0; k < episodes; k++) {
      const length = 9 + Math.round(240 * (1 + Math.sin(k / 400))) + ((k * 7919) % 13);
      steps += length;
      series.add([steps, Math.ceil(steps / 80), Math.round(steps / 100) / 1000, 1, length, length, length, length]);
    }
    return Array.from({ length: series.length }, (_, i) => {
      const [envSteps, updates, seconds, episodes, mean, min, max, mean100] = series.rows.slice(8 * i, 8 * i + 8);
      return { envSteps, updates, seconds, episodes, mean, min, max, mean100 };
    });
  }
  const both = (live: ReturnPoint[], points: readonly CurvePoint[], axis: Axis) => {
    const span = spanOf(axis, live, points);
    return overlaid(
      returnRows(live, [], axis, 0.02, span),
      [{ id: "a", label: "a", style, points }],
      axis,
      0.02,
      span,
    ).filter((row) => row.smooth !== undefined);
  };
  const apart = ({ smooth, overlay0 }: OverlaidRow) => Math.abs((smooth ?? 0) - (overlay0 ?? Number.NaN));
  const whole = run(6000);

  test.each(["envSteps", "updates", "seconds"] as const)("live, kept and shared are one line over %s", async (axis) => {
    const kept = both(whole, whole, axis);
    expect(kept.length).toBeGreaterThan(120);
    for (const row of kept) expect(apart(row)).toBeLessThan(1e-6);
    const sharedRun: SharedRun = {
      configuration: 1,
      envSteps: whole.at(-1)?.envSteps ?? 0,
      updates: 1,
      seconds: 1,
      parametersHash: "00000001",
      returnsHash: "00000002",
      edits: [],
      missing: 0,
      curve: whole,
    };
    const { curve } = await unpackRun(await packRun(sharedRun));
    const limit = axis === "seconds" ? 3 : 1; // a tick of wall time is a part of a pixel, and so is what it moves
    const shared = both(whole, curve, axis).filter((row) => row.overlay0 !== undefined);
    expect(shared.length).toBeGreaterThan(120);
    for (const row of shared) expect(apart(row)).toBeLessThan(limit);
    // Raced against: the last point of the shorter one is still in the making.
    for (const episodes of [1200, 3000, 4500]) {
      const rows = both(run(episodes), curve, axis).slice(0, -1);
      expect(rows.length).toBeGreaterThan(5);
      for (const row of rows)
        if (row.overlay0 !== undefined) expect(apart(row)).toBeLessThan(episodes < 2000 ? 40 : limit);
    }
    const rows = both(run(12_000), curve, axis)
      .filter((row) => row.overlay0 !== undefined)
      .slice(0, -1);
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) expect(apart(row)).toBeLessThan(limit);
  });
});

test("a domain holds its values and what it must include; ticks lie inside", () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(numbers, (values) => {
      const [low, high] = paddedDomain(values, [0]);
      expect(high).toBeGreaterThan(low);
      for (const value of [...values, 0]) {
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }
      for (const tick of niceTicks(low, high, 5)) expect(tick).toBeLessThanOrEqual(high * (1 + 1e-9) + 1e-9);
      expect(niceTicks(low, high, 5).length).toBeLessThanOrEqual(12);
    }),
  );
  expect(paddedDomain([NaN, Infinity])).toEqual([-0.03, 1.03]);
  expect(niceTicks(0, 500, 6)).toEqual([0, 100, 200, 300, 400, 500]);
});
