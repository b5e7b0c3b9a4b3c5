import { describe, expect, test } from "vitest";
import type { LaneView } from "../../../src/runtime/seen/system.ts";
import type { Activity } from "../../../src/runtime/shared/lane.ts";
import { arrowsOf } from "../../../src/ui/systems/Flow.tsx";
import { coveredSpan, drawLanes, duration, stretchOf } from "../../../src/ui/systems/lanes.ts";

test("a duration has a unit that fits it, and never reads as nothing", () => {
  expect(duration(1500)).toBe("1.5 s");
  expect(duration(20)).toBe("20 ms");
  expect(duration(0.1)).toBe("0.1 ms");
  expect(duration(0.0999)).toBe("100 µs");
  expect(duration(0.0099)).toBe("9.9 µs");
  expect(duration(0)).toBe("< 5 µs"); // the clock's step
});

test("a stage fills the picture that it is shown in", () => {
  const span = (from: number, to: number) => ({ lane: 0, activity: "act" as const, from, to });
  expect(stretchOf([span(100, 104), span(102, 120)])).toEqual({ from: 100, to: 123, zero: 100 });
  expect(stretchOf([span(7, 7)]).to).toBeGreaterThan(7);
});

describe("what travels", () => {
  const sizes = { unroll: 4000, gradient: 2060, parameters: 2060 };
  const plan = { gradients: "actors", apply: "learner", values: { evalEvery: 200 } } as Parameters<typeof arrowsOf>[0];
  const rates = { unrollsPerSecond: 1000, updatesPerSecond: 250 };
  test("is unrolls × bytes up, parameters down, and a snapshot aside now and then", () => {
    const { up, down, aside } = arrowsOf(plan, sizes, rates);
    expect(up).toEqual({ what: "gradients", rate: "1.00\u202fk/s · 2.1\u202fMB/s" });
    expect(down.rate).toBe(up.rate);
    expect(aside).toEqual({ what: "every 200th version", rate: "1.3/s · 2.6\u202fkB/s" });
    expect(arrowsOf({ ...plan, gradients: "learner" }, sizes, rates).up).toEqual({
      what: "trajectories",
      rate: "1.00\u202fk/s · 4.0\u202fMB/s",
    });
  });
  test("is not known before the run has gone on for a while", () => {
    const nothing = { unrollsPerSecond: Number.NaN, updatesPerSecond: Number.NaN };
    expect(arrowsOf(plan, sizes, nothing).up.rate).toBe("–");
  });
});

describe("what a lane has no record of", () => {
  type Row = readonly [Activity, number, number];
  const lane = (...rows: readonly Row[]) =>
    ({
      name: "actor 1",
      activity: "wait",
      since: rows.at(-1)?.[2] ?? 0,
      read: (_: number, visit: (...row: Row) => void) => {
        for (const row of rows) visit(...row);
        return rows.length;
      },
    }) as unknown as LaneView;

  test("is not in a span that is chosen for all", () => {
    const begun = lane(["starting", 9900, 9950], ["act", 9950, 9990]); // young, and all of it is known
    const slow = lane(["pace", 7900, 8000], ["act", 8000, 8010]);
    const fast = lane(["apply", 9992, 9993], ["publish", 9993, 9994]);
    expect(coveredSpan([begun], 10_000, 50)).toBe(3000);
    expect(coveredSpan([begun, slow], 10_000, 3000)).toBe(500);
    expect(coveredSpan([begun, slow, fast], 10_000, 3000)).toBe(5);
    expect(coveredSpan([lane(["act", 9999, 10_000])], 10_000, 3000)).toBe(5); // no shorter one can be chosen
    // 60 ms are known: enough to stay at 50, too little to go there.
    expect([50, 5].map((before) => coveredSpan([lane(["act", 9940, 9941])], 10_000, before))).toEqual([50, 5]);
  });

  test("is drawn apart from waiting, and named", () => {
    const filled: { colour: string; x: number; width: number }[] = [];
    const words: string[] = [];
    const target = {
      fillStyle: "",
      fillRect: (x: number, _: number, width: number) => filled.push({ colour: target.fillStyle, x, width }),
      fillText: (text: string) => words.push(text),
    };
    const context = new Proxy(target, { get: (of, key) => of[key as "fillRect"] ?? (() => {}) });
    const drawing = { width: 400, ratio: 1, lit: null, named: false, colours: { lane: "lane", text: "text" } };
    const draw = (from: number) =>
      drawLanes(context as unknown as CanvasRenderingContext2D, [lane(["act", 40, 50])], {
        ...drawing,
        stretch: { from, to: 100 + from, zero: 100 + from },
      });
    draw(0);
    expect(filled).toContainEqual({ colour: "lane", x: 160, width: 240 });
    expect(words).toContain("not recorded");
    words.length = 0;
    draw(40);
    expect(filled).toContainEqual({ colour: "lane", x: 0, width: 400 });
    expect(words).not.toContain("not recorded");
  });
});
