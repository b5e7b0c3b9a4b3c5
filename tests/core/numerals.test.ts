import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plain, readingsOf } from "../../src/core/numerals.ts";

describe("a number", () => {
  test.each([
    ["0,5", 0.5],
    [",5", 0.5],
    ["0,003", 0.003],
    ["1234,567", 1234.567],
    ["1,5e-3", 0.0015],
    ["1.000", 1],
    ["1000.", 1000],
    ["020000", 20_000],
    ["2e4", 20_000],
    ["20k", 20_000],
    ["0,1 k", 100],
    ["2.5\u202fM", 2_500_000],
    ["1e5", 100_000],
    ["1E−5", 1e-5],
    ["20 000", 20_000],
    ["20\u00a0000,5", 20_000.5],
    ["20\u202f000", 20_000],
    ["1'234’567", 1_234_567],
    ["20'000", 20_000],
    ["1_000_000", 1_000_000],
    ["1,234,567", 1_234_567],
    ["1,234.5", 1234.5],
    ["1.234.567", 1_234_567],
    ["1.234,5", 1234.5],
    ["２００００", 20_000],
    ["０．５", 0.5],
    ["−3", -3],
    ["–3", -3],
    ["－３", -3],
    ["+3", 3],
    ["١٢٫٥", 12.5],
    ["۱۲۳", 123],
    ["४२", 42],
    ["\u200b7\ufeff", 7],
    ["\n7\t", 7],
  ])("%j", (text, value) => expect(readingsOf(text)).toEqual([value]));

  test.each([
    ["20,000", [20, 20_000]],
    ["-1,500", [-1.5, -1500]],
    ["２０，０００", [20, 20_000]],
    ["1,500k", [1500, 1_500_000]],
    ["999,999e2", [99_999.9, 99_999_900]],
  ])("%j is one of two", (text, values) => expect(readingsOf(text)).toEqual(values));

  test.each([
    ..."0x1|0b1|1_0|1e|e1|.|,|+|--1|- 1|1.2.3|1,2,3|2m|2G|k|5,|1 0|20 00|1 000 00|01 000|20,00,000|1e5.5|1e1e1|Infinity|NaN".split(
      "|",
    ),
    "",
    " ",
    "½",
    "10²",
    "五",
    "7%",
    `${"1".repeat(500)},5`,
  ])("%j is none", (text) => expect(readingsOf(text)).toEqual([]));

  test("that a program writes is the one that a program reads", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
        fc.nat(30),
        (x, digits) => {
          for (const text of [String(x), x.toExponential(digits % 20), x.toFixed(digits % 20)])
            expect(readingsOf(text)).toEqual([Number(text)]);
        },
      ),
    );
  });

  test("is the same with a decimal comma, in digits of any script, with marks between thousands and with a prefix", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(0xff10, 0x660, 0x966, 0x1d7ce), (n, zero) => {
        const inScript = (text: string) => text.replace(/\d/g, (d) => String.fromCodePoint(zero + Number(d)));
        expect(readingsOf(inScript(String(n)))).toEqual([n]);
        expect(readingsOf(inScript(`${n},25`).replace("-", "−"))).toEqual([Number(`${n}.25`)]);
        for (const mark of [" ", "'", "_", "\u202f"])
          expect(readingsOf(n.toLocaleString("en").replaceAll(",", mark))).toEqual([n]);
        expect(readingsOf(`${n}k`)).toEqual([Number(`${n}e3`)]);
      }),
    );
  });

  test("is found or refused in any text, at once", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[-+.,' _kMe0-9]*$/)), (text) => {
        const readings = readingsOf(text);
        expect(readings.length).toBeLessThanOrEqual(2);
        expect(readings.some(Number.isNaN)).toBe(false);
        expect(plain(plain(text))).toBe(plain(text));
      }),
      { numRuns: 500 },
    );
  });
});
