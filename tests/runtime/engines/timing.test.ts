import fc from "fast-check";
import { expect, test } from "vitest";
import { Budget, FIRST_ROWS, timeWork } from "../../../src/runtime/engines/timing.ts";

/** A clock that stands still but for work: `fixed` milliseconds a time and `each` a row. */
function machine(limit: number) {
  const of = { now: 0, fixed: 0, each: 0, most: 0 };
  const work = (rows: number) => {
    of.most = Math.max(of.most, rows);
    of.now += of.fixed + of.each * rows;
  };
  return { of, work, budget: new Budget(limit, () => of.now) };
}

const costs = fc.record({
  fixed: fc.double({ min: 0, max: 5, noNaN: true }),
  each: fc.double({ min: 0, max: 0.5, noNaN: true }),
});

test("two candidates that share a limit keep it, whatever their updates cost, and their estimates are right", async () => {
  await fc.assert(
    fc.asyncProperty(costs, costs, fc.integer({ min: 1, max: 70_000 }), async (one, other, rows) => {
      const { of, work, budget } = machine(300);
      for (const [cost, share] of [
        [one, 150],
        [other, null],
      ] as const) {
        Object.assign(of, cost, { most: 0 });
        const { milliseconds, isEstimate } = await timeWork(work, rows, budget, share ?? budget.left);
        const truth = cost.fixed + cost.each * rows;
        expect(isEstimate).toBe(of.most < rows);
        if (!isEstimate || of.most > FIRST_ROWS) expect(milliseconds).toBeCloseTo(truth, 6);
        else expect(milliseconds).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
      }
      expect(of.now).toBeLessThanOrEqual(300);
      expect(budget.left).toBeCloseTo(300 - of.now, 6);
    }),
    { numRuns: 200 },
  );
});

test("a few rows are not extrapolated, and one slow sample does not count", async () => {
  const { of, budget } = machine(60);
  let calls = 0;
  const time = await timeWork(
    () => {
      of.now += ++calls === 1 ? 10 : 1;
    },
    20,
    budget,
  );
  expect(time).toEqual({ milliseconds: 1, isEstimate: false });
  expect(calls).toBeGreaterThan(20);
});
