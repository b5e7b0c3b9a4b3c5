import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Activity, activities } from "../../../src/runtime/shared/lane.ts";
import { fittingSpan } from "../../../src/ui/systems/lanes.ts";
import {
  bottleneck,
  type LaneRates,
  type Manner,
  ratesBetween,
  type SystemRates,
  type SystemTotals,
  splitOf,
} from "../../../src/ui/systems/rates.ts";

type Shares = Partial<Record<Activity, number>>;
const shares = (of: Shares) => Object.fromEntries(activities.map((a) => [a, of[a] ?? 0])) as LaneRates["shares"];
const lane = (name: string, of: Shares, waitedFor = 0, rests = false): LaneRates => ({
  name,
  role: name.startsWith("actor") ? "actor" : (name as "learner"),
  shares: shares(of),
  unrollsPerSecond: 0,
  waitedFor,
  rests,
});
const rates = (lanes: LaneRates[]): SystemRates => ({
  seconds: 1,
  lanes,
  unrollsPerSecond: 0,
  updatesPerSecond: 0,
  stepsPerSecond: 0,
});

const lockstep: Manner = { synchrony: "lockstep", gate: undefined, paused: false };

describe("the bottleneck in words", () => {
  const idle = { wait: 0.6, act: 0.4 };
  test.each([
    [
      "a straggler",
      [
        lane("actor 1", idle, 0.03),
        lane("actor 2", idle, 0.02),
        lane("actor 3", { delay: 0.8, act: 0.2 }, 0.41),
        lane("learner", { wait: 0.6, apply: 0.4 }),
      ],
      "The learner waits for actor 3, 41 % of the time. Actor 3 is held up on purpose.",
    ],
    [
      "the learner",
      [
        lane("actor 1", { wait: 0.7, act: 0.3 }),
        lane("actor 2", { wait: 0.56, act: 0.44 }),
        lane("learner", { differentiate: 0.95, wait: 0.05 }),
      ],
      "The actors wait for the learner, 63 % of the time.",
    ],
    [
      "the evaluator",
      [
        lane("actor 1", { wait: 0.9, act: 0.1 }),
        lane("actor 2", { wait: 0.9, act: 0.1 }),
        lane("learner", { wait: 0.9, apply: 0.1 }),
        lane("evaluator", { evaluate: 1 }, 0.8),
      ],
      "The learner waits for the evaluator, 80 % of the time: evaluate less often.",
    ],
    [
      "nobody",
      [
        lane("actor 1", { act: 0.9, wait: 0.1 }, 0.3),
        lane("actor 2", { act: 0.88, wait: 0.12 }, 0.35),
        lane("learner", { wait: 0.9, apply: 0.1 }),
      ],
      "The actors are busy 89 % of the time: acting is what takes longest.",
    ],
    [
      "the eye",
      [
        lane("actor 1", { pace: 0.9, act: 0.1 }),
        lane("actor 2", { pace: 0.9, act: 0.1 }),
        lane("learner", { wait: 1 }),
      ],
      "Held back for the eye: choose full speed to see who waits for whom.",
    ],
  ] as [string, LaneRates[], string][])("%s", (_, lanes, words) => {
    expect(bottleneck(rates(lanes), lockstep)).toBe(words);
  });

  test("an actor that rests is nobody's bottleneck", () => {
    const lanes = [
      lane("actor 1", { act: 1 }, 0.9),
      lane("actor 2", { wait: 1 }, 0, true),
      lane("learner", { wait: 0.9, apply: 0.1 }),
    ];
    expect(bottleneck(rates(lanes), lockstep)).toBe(
      "The actors are busy 100 % of the time: acting is what takes longest.",
    );
  });
});

describe("what is said of asynchronous actors", () => {
  const apart: Manner = { synchrony: "asynchronous", gate: "off", paused: false };
  const lanes = [
    lane("actor 1", { delay: 0.9, act: 0.1 }, 0.05),
    lane("actor 2", { wait: 0.9, act: 0.1 }, 0.7),
    lane("actor 3", { wait: 0.9, act: 0.1 }, 0.05),
    lane("learner", { wait: 0.8, apply: 0.2 }),
  ];
  test("nobody waits for another actor", () => {
    expect(bottleneck(rates(lanes), apart)).toBe(
      "No actor waits for another: 60 % of the time they wait for the learner, busy 20 % itself. Actor 1 is held up on purpose.",
    );
  });
  test("but behind a gate that waits", () => {
    expect(bottleneck(rates(lanes), { ...apart, gate: "wait" })).toBe(
      "The actors wait 60 % of the time: the gate lets nobody run ahead of the slowest. Actor 1 is held up on purpose.",
    );
  });
});

describe("a run that stands still", () => {
  const paused: Manner = { ...lockstep, paused: true };
  test("says so, and what was before", () => {
    const lanes = [lane("actor 1", { act: 1 }), lane("learner", { wait: 0.9, apply: 0.1 })];
    expect(bottleneck(rates(lanes), paused)).toBe(
      "Paused. Last seen: the actors are busy 100 % of the time: acting is what takes longest.",
    );
  });
  test("says nothing of who waits where it never ran", () => {
    expect(bottleneck(null, paused)).toBe("Paused.");
    expect(bottleneck(null, lockstep)).toBe("");
  });
});

describe("the split of a thread's time", () => {
  test("counts held up and paced as neither work nor waiting", () => {
    expect(splitOf(shares({ act: 0.1, wait: 0.02, delay: 0.68, pace: 0.2 }))).toEqual({
      works: 10,
      waits: 2,
      held: 88,
    });
    expect(splitOf(shares({}))).toBeNull();
  });
  test("adds up to 100 for all shares, none negative", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (act, wait, delay, pace) => {
        const split = splitOf(shares({ act, wait, delay, pace }));
        if (!split) return;
        expect(split.works + split.waits + split.held).toBe(100);
        expect(Math.min(split.works, split.waits, split.held)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(split.works - (100 * act) / (act + wait + delay + pace))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test("rates are differences over the time between two readings", () => {
  const totals = (
    at: number,
    updates: number,
    act: number,
    wait: number,
    unrolls: number,
    waitedFor: number,
  ): SystemTotals => ({
    at,
    updates,
    dropped: 0,
    lanes: [{ name: "actor 1", role: "actor", spent: shares({ act, wait }), unrolls, waitedFor }],
  });
  const of = { active: 1, stepsPerUnroll: 20 };
  const seen = ratesBetween(totals(1000, 10, 5, 5, 100, 1), totals(1500, 60, 305, 205, 350, 201), of);
  expect(seen.updatesPerSecond).toBe(100);
  expect(seen.unrollsPerSecond).toBe(500);
  expect(seen.stepsPerSecond).toBe(10_000);
  expect(seen.lanes[0].shares.act).toBeCloseTo(0.6, 12);
  expect(seen.lanes[0].shares.wait).toBeCloseTo(0.4, 12);
  expect(seen.lanes[0].waitedFor).toBeCloseTo(0.4, 12);
  expect(ratesBetween(totals(0, 0, 0, 0, 0, 0), totals(1, 0, 0, 0, 0, 0), { ...of, active: 0 }).lanes[0].rests).toBe(
    true,
  );
});

test("a thread that has begun between two readings counts from nothing, and no other is taken for it", () => {
  const lane = (name: string, role: LaneRates["role"], act: number, unrolls = 0) => ({
    name,
    role,
    spent: shares({ act }),
    unrolls,
    waitedFor: 0,
  });
  const at = (ms: number, lanes: SystemTotals["lanes"]): SystemTotals => ({ at: ms, updates: 0, dropped: 0, lanes });
  const seen = ratesBetween(
    at(0, [lane("actor 1", "actor", 100, 10), lane("learner", "learner", 5000)]),
    at(500, [lane("actor 1", "actor", 600, 60), lane("actor 2", "actor", 300, 30), lane("learner", "learner", 5200)]),
    { active: 2, stepsPerUnroll: 1 },
  );
  expect(seen.lanes.map(({ name }) => name)).toEqual(["actor 1", "actor 2", "learner"]);
  expect(seen.lanes.map(({ unrollsPerSecond }) => unrollsPerSecond)).toEqual([100, 60, 0]);
  expect(seen.lanes.map(({ shares }) => shares.act)).toEqual([1, 1, 1]);
});

test("about a dozen rounds fit the span that is chosen", () => {
  expect(fittingSpan(5000)).toBe(5);
  expect(fittingSpan(200)).toBe(50);
  expect(fittingSpan(25)).toBe(500);
  expect(fittingSpan(5)).toBe(3000);
  expect(fittingSpan(0)).toBe(3000);
});
