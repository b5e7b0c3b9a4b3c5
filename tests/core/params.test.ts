/** The laws of hyperparameters: text and slots give a legal value back, anything else is refused and named. */
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type AnyValues,
  choice,
  defaultIn,
  defaultsOf,
  integer,
  limit,
  liveKeys,
  type Param,
  problemsOf,
  readSlots,
  real,
  sameValue,
  type Until,
  until,
  type Values,
  widths,
  writeSlots,
} from "../../src/core/params.ts";
import { legalValue, legalValues } from "./legal.ts";

const about = { label: "Name", help: "Help.", group: "run" } as const;
const rate = real({ ...about, default: 0.5, min: 0, max: 1 });
const cap = limit({ ...about, default: 0.5, min: 0.01, max: 100, scale: "log" });
const signed = real({ ...about, default: 1, min: -1e300, max: 1e300, scale: "linear" });
const small = real({ ...about, default: 1e-7, min: 1e-300, max: 1e-5, scale: "log" });
const count = integer({ ...about, default: 4, min: 1, max: 32 });
const anyWhole = integer({ ...about, default: 0, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const rule = choice(["rmsprop", "adam", "sgd"], { ...about, default: "adam" });
const hidden = widths({ ...about, default: [64], maxLayers: 4, maxWidth: 512 });
const stop = until({ ...about, default: [] });

const stopLists: fc.Arbitrary<Until> = fc
  .record(
    {
      solved: fc.constant({ when: "solved" as const }),
      steps: fc.integer({ min: 1, max: 1e12 }).map((count) => ({ when: "steps" as const, count })),
      updates: fc.integer({ min: 1, max: 1e12 }).map((count) => ({ when: "updates" as const, count })),
      seconds: fc.double({ min: 5e-324, max: 1e12, noNaN: true }).map((count) => ({ when: "seconds" as const, count })),
    },
    { requiredKeys: [] },
  )
  .chain((conditions) => fc.shuffledSubarray(Object.values(conditions)));

// biome-ignore lint/suspicious/noExplicitAny: parameters of every type
const kinds: { name: string; param: Param<any>; legal: fc.Arbitrary<unknown>; slotted: boolean }[] = [
  { name: "real", param: rate, legal: legalValue(rate), slotted: true },
  { name: "limit", param: cap, legal: legalValue(cap), slotted: true },
  { name: "real of wide range", param: signed, legal: legalValue(signed), slotted: true },
  { name: "small real", param: small, legal: legalValue(small), slotted: true },
  { name: "integer", param: count, legal: legalValue(count), slotted: true },
  { name: "integer of wide range", param: anyWhole, legal: legalValue(anyWhole), slotted: true },
  { name: "choice", param: rule, legal: legalValue(rule), slotted: true },
  {
    name: "widths",
    param: hidden,
    legal: fc.array(fc.integer({ min: 1, max: 512 }), { maxLength: 4 }),
    slotted: false,
  },
  { name: "until", param: stop, legal: stopLists, slotted: false },
];

/** What no numeral is, however it is spelled. */
const noNumeral = ["", " ", "0x1", "0b1", "1_0", "1e", "e1", ".", ",", "+", "--1", "- 1", "1.2.3", "1,2,3", "2m", "k"];
const noFinite = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "null", "undefined", "true", "[object Object]"];
const noText = [null, undefined, true, {}, [], [0.5], Symbol("s"), () => 1, 1n, new Date(0), "0.5", "", NaN];

describe.each(kinds)("$name", ({ param, legal, slotted }) => {
  it("gives every legal value back from its text", () => {
    fc.assert(
      fc.property(legal, (value) => {
        expect(param.check(value)).toBeNull();
        const text = param.format(value);
        expect(param.parse(text)).toEqual({ ok: true, value });
        expect(encodeURIComponent(text).length).toBeLessThan(200);
      }),
      { numRuns: 500 },
    );
  });

  it(slotted ? "gives every legal value back from its slot" : "has no slot, and cannot be live", () => {
    if (slotted) {
      const slot = new Float64Array(1);
      fc.assert(
        fc.property(legal, (value) => {
          slot[0] = param.toSlot(value);
          expect(param.fromSlot(slot[0])).toEqual(value);
        }),
      );
    } else {
      expect(() => param.toSlot(param.default)).toThrow(param.kind);
      expect(() => param.fromSlot(0)).toThrow(param.kind);
    }
  });

  it("tells legal values apart by sameValue", () => {
    fc.assert(
      fc.property(legal, legal, (a, b) => {
        expect(sameValue(param, a, b)).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(sameValue(param, a, structuredClone(a))).toBe(true);
      }),
    );
  });

  it("parses any text to a legal value or a sentence that says what is legal", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.stringMatching(/^[-+.,:e0-9a-z]*$/)), (text) => {
        const parsed = param.parse(text);
        if (parsed.ok) {
          expect(param.check(parsed.value)).toBeNull();
          expect(param.parse(param.format(parsed.value))).toEqual(parsed);
        } else {
          const unclear = `must be ${param.legal}; `;
          if (!parsed.problem.startsWith(unclear))
            expect(parsed.problem).toBe(`must be ${param.legal}, not "${text.slice(0, 60)}"`);
          else expect(parsed.problem).toMatch(/^[\s\S]*; "[\s\S]*" is \S+ or \S+: write which$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("answers at once to text of any length", () => {
    const started = performance.now();
    for (const long of ["1".repeat(200_000), `${"1,".repeat(100_000)}x`, `steps:${"9".repeat(200_000)}x`]) {
      for (const text of [long, `${long}x`, `${long}e`]) {
        const parsed = param.parse(text);
        expect(parsed.ok).toBe(false);
        if (!parsed.ok) expect(parsed.problem.length).toBeLessThan(300);
      }
    }
    expect(performance.now() - started).toBeLessThan(10_000); // in time that grows with the length's square, minutes
  });

  it("has a legal default, and words for what is legal", () => {
    expect(param.check(param.default)).toBeNull();
    expect(param.legal).not.toBe("");
    expect(param.live).toBe(false);
  });
});

describe("a limit", () => {
  it.each(["off", "OFF", " Off\n", "ｏｆｆ"])("of %j is none", (text) => {
    expect(cap.parse(text)).toEqual({ ok: true, value: Number.POSITIVE_INFINITY });
  });

  it("is a number otherwise, and written as one", () => {
    expect(cap.parse("0,5")).toEqual({ ok: true, value: 0.5 });
    expect(cap.format(0.5)).toBe("0.5");
    expect(cap.format(Number.POSITIVE_INFINITY)).toBe("off");
    for (const text of ["0", "101", "-1", "of", "off,1", "none"])
      expect(cap.parse(text)).toEqual({
        ok: false,
        problem: `must be a number from 0.01 to 100, or "off", not "${text}"`,
      });
    for (const value of [0, 101, Number.NaN, Number.NEGATIVE_INFINITY, "off"]) expect(cap.check(value)).not.toBeNull();
  });

  it("may be none by default", () => {
    expect(limit({ ...about, default: Number.POSITIVE_INFINITY, min: 1, max: 2 }).default).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(() => limit({ ...about, default: 3, min: 1, max: 2 })).toThrow(
      'must be a number from 1 to 2, or "off", not 3',
    );
  });
});

describe("numbers", () => {
  it.each([...noNumeral, ...noFinite])("are not written %j", (text) => {
    for (const param of [rate, cap, count, signed]) {
      expect(param.parse(text)).toEqual({ ok: false, problem: `must be ${param.legal}, not "${text}"` });
    }
  });

  it("may be written in every decimal way", () => {
    for (const text of ["0.25", ".25", "+0.25", "25e-2", "2.5E-1", "0.2500", "00.25"]) {
      expect(rate.parse(text)).toEqual({ ok: true, value: 0.25 });
    }
    expect(count.parse("1e1")).toEqual({ ok: true, value: 10 });
    expect(count.parse("5.")).toEqual({ ok: true, value: 5 });
  });

  it("may be written as people write them, and are refused with both readings where there are two", () => {
    expect(rate.parse(" ０，５ ")).toEqual({ ok: true, value: 0.5 });
    expect(anyWhole.parse("−20k")).toEqual({ ok: true, value: -20_000 });
    expect(rate.parse("0,003")).toEqual({ ok: true, value: 0.003 });
    for (const param of [count, anyWhole, signed])
      expect(param.parse("20,000 ")).toEqual({
        ok: false,
        problem: `must be ${param.legal}; "20,000" is 20 or 20000: write which`,
      });
  });

  it("are refused outside their range, never clamped", () => {
    const outside = fc.double({ noNaN: true }).filter((x) => x < 0 || x > 1);
    fc.assert(
      fc.property(outside, (x) => {
        expect(rate.check(x)).toBe(`must be a number from 0 to 1, not ${x}`);
        expect(rate.parse(String(x)).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 33 })), (n) => {
        expect(count.check(n)).toBe(`must be a whole number from 1 to 32, not ${Object.is(n, -0) ? "-0" : n}`);
      }),
    );
    expect(rate.parse("1.0000000000000002").ok).toBe(false);
    expect(rate.parse("-5e-324").ok).toBe(false);
  });

  it("are refused when they are no values of the kind", () => {
    for (const value of [...noText, Infinity, -Infinity]) {
      for (const param of [rate, count]) expect(param.check(value)).toContain(`must be ${param.legal}, not `);
    }
    for (const value of [1.5, 2 ** 53, -1]) expect(count.check(value)).not.toBeNull();
    const huge = integer({ ...about, default: 0, min: 0, max: 2 ** 60 });
    expect(huge.check(2 ** 53 - 1)).toBeNull();
    expect(huge.check(2 ** 53)).not.toBeNull(); // 2 ** 53 + 1 would read the same
  });

  it("have one zero", () => {
    const whole = integer({ ...about, default: 0, min: -1, max: 1 });
    for (const param of [rate, whole]) {
      expect(param.check(0)).toBeNull();
      expect(param.check(-0)).toBe(`must be ${param.legal}, not -0`);
      expect(param.parse("-0").ok).toBe(false);
    }
  });
});

describe("choices", () => {
  it.each(["Adam", " adam", "ADAM\n", "ａｄａｍ"])("include %j", (text) => {
    expect(rule.parse(text)).toEqual({ ok: true, value: "adam" });
  });

  it.each(["", "ada m", "adam,sgd", "0", "toString", "constructor"])("do not include %j", (text) => {
    expect(rule.parse(text)).toEqual({ ok: false, problem: `must be one of rmsprop, adam, sgd, not "${text}"` });
  });

  it("are words", () => {
    for (const value of [...noText, 0, 1]) expect(rule.check(value)).not.toBeNull();
    expectTypeOf(rule.default).toEqualTypeOf<"rmsprop" | "adam" | "sgd">();
  });
});

describe("widths", () => {
  it.each(["64, 32", " 64 ,32", "６４，３２", "64、32", "6.4e1,32"])("may be written %j", (text) =>
    expect(hidden.parse(text)).toEqual({ ok: true, value: [64, 32] }),
  );

  it.each(["", "0", "64,0", "513", "-1", "1.5", "64,", ",64", "64,,64", "64 64", "0,5", "20,000", "1,1,1,1,1", "no"])(
    "are not %j",
    (text) => expect(hidden.parse(text)).toEqual({ ok: false, problem: `must be ${hidden.legal}, not "${text}"` }),
  );

  it("are lists of whole numbers, short and bounded", () => {
    const illegal = [
      [0],
      [513],
      [1.5],
      [NaN],
      [-0],
      ["64"],
      [[64]],
      [1, 2, 3, 4, 5],
      Array(100_000).fill(1),
      { length: 0 },
    ];
    for (const value of [...illegal, null, undefined, 64, "64", "none"]) {
      expect(hidden.check(value)).toContain(`must be ${hidden.legal}, not `);
    }
    expect(hidden.check(Array(100_000).fill(1))?.length).toBeLessThan(300);
    for (const none of ["none", "None "]) expect(hidden.parse(none)).toEqual({ ok: true, value: [] });
  });
});

describe("stop conditions", () => {
  it.each([
    "",
    "never,solved",
    "solved,",
    "solved,solved",
    "steps",
    "steps:",
    "steps:0",
    "steps:-1",
    "steps:1.5",
    "steps:1e13",
    "steps:1e999",
    "updates:NaN",
    "updates:0x10",
    "seconds:0",
    "seconds:Infinity",
    "seconds:-0",
    "minutes:5",
    "steps:1,steps:2",
    "solved:1",
    "steps:1,5",
    "steps 5",
    "5",
  ])("are not %j", (text) => {
    expect(stop.parse(text)).toEqual({ ok: false, problem: `must be ${stop.legal}, not "${text}"` });
  });

  it("are read in every spelling", () => {
    const read = (text: string) => {
      const parsed = stop.parse(text);
      return parsed.ok ? parsed.value : parsed.problem;
    };
    for (const never of ["never", "Never", " never "]) expect(read(never)).toEqual([]);
    for (const text of ["solved, steps: 20k", "Solved ,STEPS : 20 000", "solved; steps：２ｅ４"])
      expect(read(text)).toEqual([{ when: "solved" }, { when: "steps", count: 20_000 }]);
    expect(read("seconds:0,5, solved")).toEqual([{ when: "seconds", count: 0.5 }, { when: "solved" }]);
    expect(read("solved,steps:20,000")).toBe(`must be ${stop.legal}; "20,000" is 20 or 20000: write which`);
    expect(read("solved,steps:500000")).toEqual([{ when: "solved" }, { when: "steps", count: 500_000 }]);
    expect(read("steps:5e5")).toEqual([{ when: "steps", count: 500_000 }]);
    expect(read("seconds:0.5,updates:7")).toEqual([
      { when: "seconds", count: 0.5 },
      { when: "updates", count: 7 },
    ]);
  });

  it("are checked as values", () => {
    const illegal = [
      [null],
      ["solved"],
      [{}],
      [{ when: "steps" }],
      [{ when: "steps", count: "5" }],
      [{ when: "steps", count: 0.5 }],
      [{ when: "seconds", count: Infinity }],
      [{ when: "never" }],
      [{ when: "solved" }, { when: "solved" }],
      Array(100_000).fill({ when: "solved" }),
    ];
    for (const value of [...illegal, null, "solved", { when: "solved" }, 5]) expect(stop.check(value)).not.toBeNull();
  });
});

describe("declarations", () => {
  it("refuse a default that is not legal, by its label", () => {
    expect(() => real({ ...about, label: "Learning rate", default: 2, min: 0, max: 1 })).toThrow(
      'default of "Learning rate" must be a number from 0 to 1, not 2',
    );
    expect(() => widths({ ...about, default: [0], maxLayers: 1, maxWidth: 1 })).toThrow("Name");
  });

  it("refuse to be live without a slot", () => {
    expect(() => widths({ ...about, default: [64], maxLayers: 1, maxWidth: 64, live: true })).toThrow("cannot be live");
    expect(() => until({ ...about, default: [], live: true })).toThrow("cannot be live");
  });

  it("give the control its bounds", () => {
    expect(rate.control).toEqual({ type: "slider", min: 0, max: 1, step: 0.005, scale: "linear" });
    expect(count.control).toEqual({ type: "slider", min: 1, max: 32, step: 1, scale: "linear" });
    expect(rule.control).toEqual({ type: "select", options: ["rmsprop", "adam", "sgd"] });
    expect(hidden.control).toEqual({ type: "text" });
  });
});

describe("a set", () => {
  const live = { ...about, live: true };
  const set = {
    rate: real({ ...live, default: 0.5, min: 0, max: 1 }),
    hidden,
    rule: choice(["rmsprop", "adam"], { ...live, default: "adam" }),
    pace: choice(["full", "step"], { ...live, immediate: true, default: "full" }),
    count: integer({ ...live, default: 4, min: 1, max: 32 }),
    seed: integer({ ...about, default: 1, min: 0, max: 9 }),
  };

  it("has the types of its values", () => {
    expectTypeOf<Values<typeof set>["rule"]>().toEqualTypeOf<"rmsprop" | "adam">();
    expectTypeOf<Values<typeof set>["rate"]>().toEqualTypeOf<number>();
    expectTypeOf<Values<typeof set>["hidden"]>().toEqualTypeOf<readonly number[]>();
  });

  it("has legal defaults", () => {
    const defaults = defaultsOf(set);
    expect(defaults).toEqual({ rate: 0.5, hidden: [64], rule: "adam", pace: "full", count: 4, seed: 1 });
    expect(problemsOf(set, defaults)).toEqual([]);
  });

  it("has other defaults in links of earlier versions", () => {
    const param = choice(["off", "slow", "fast"], { ...about, default: "fast", earlier: { 2: "off", 4: "slow" } });
    const defaults = [1, 2, 3, 4, 5, 99].map((version) => defaultIn(param, version));
    expect(defaults).toEqual(["off", "off", "slow", "slow", "fast", "fast"]);
    expect(defaultIn(count, 1)).toBe(4);
    expect(() => integer({ ...about, default: 4, earlier: { 1: 40 }, min: 1, max: 32 })).toThrow(/not 40/);
  });

  it("names every illegal and every missing value, and ignores none", () => {
    const { rule: _, ...values } = { ...defaultsOf(set), rate: 2, count: 1.5 };
    expect(problemsOf(set, values)).toEqual([
      "rate must be a number from 0 to 1, not 2",
      "rule must be one of rmsprop, adam, not undefined",
      "count must be a whole number from 1 to 32, not 1.5",
    ]);
  });

  it("gives slots to live values only, in order of declaration, and none to immediate ones", () => {
    expect(liveKeys(set)).toEqual(["rate", "rule", "count"]);
  });

  it("gives live values back from shared slots, and leaves the others alone", () => {
    fc.assert(
      fc.property(legalValues(set), legalValues(set), (source, target) => {
        const memory = new Float64Array(new SharedArrayBuffer(5 * 8)).fill(NaN);
        writeSlots(set, source as AnyValues, memory.subarray(1, 4));
        const values: AnyValues = { ...target };
        readSlots(set, memory.subarray(1, 4), values);
        expect(values).toEqual({ ...target, rate: source.rate, rule: source.rule, count: source.count });
        expect([memory[0], memory[4]]).toEqual([NaN, NaN]);
      }),
    );
  });
});
