import { expect, test } from "vitest";
import { type EndToEnd, ratiosOf } from "../../src/bench/bench.ts";
import { type Case, casesOf, multiplyAdds, type Result, summary } from "../../src/bench/cases.ts";

const at = (of: Partial<Case>, perSecond: number): Result => ({
  name: "act",
  engine: "simd",
  network: "L2",
  batch: 64,
  unit: "steps",
  ...of,
  perSecond,
  spread: 0,
});
const loop = (actors: number, stepsPerSecond: number): EndToEnd => ({
  network: "L2",
  actors,
  stepsPerSecond,
  spread: 0,
});

test("ratios are of like with like, and null where something was not measured", () => {
  const results = [
    at({}, 600),
    at({ engine: "tfjs-wasm" }, 100),
    at({ engine: "tfjs-wasm", network: "L1" }, 1),
    at({ engine: "plain-js" }, 150),
    at({ name: "learn", batch: 80, engine: "webgpu" }, 50),
    at({ name: "learn", batch: 80, engine: "tfjs-webgpu" }, 5),
    at({ name: "encode", batch: 80, engine: "webgpu" }, 80),
    at({ name: "encode", batch: 80, engine: "tfjs-webgpu" }, 2),
    at({ name: "peak", batch: 1 }, 1e6),
  ];
  const { forward, backward } = multiplyAdds([64, 64], 4, 2);
  const ratios = ratiosOf(results, [loop(1, 10), loop(2, 18)]);
  expect(ratios).toMatchObject({
    actSimdVsTfjsWasm: 6,
    actSimdVsPlainJs: 4,
    learnSimdVsPlainJs: null,
    webgpuFusedVsOpByOp: 10,
    encodeFusedVsOpByOp: 40,
    scaling2Vs1: 1.8,
  });
  expect(ratios.shareOfPeak).toBeCloseTo((18 * (forward + backward)) / 2e6, 12);
  expect(Object.values(ratiosOf([], [])).every((x) => x === null)).toBe(true);
});

test("multiply-adds of a sample: every product forward, twice backward but for the gradient of what is observed", () => {
  expect(multiplyAdds([64], 4, 2)).toEqual({ forward: 4 * 64 + 64 * 3, backward: 2 * (4 * 64 + 64 * 3) - 4 * 64 });
});

test("a summary is the median and how far the quarters are apart", () => {
  expect(summary(at({}, 0), [5, 1, 3, 2, 4])).toMatchObject({ perSecond: 3, spread: (4 - 2) / 3 });
});

test("every engine of a ratio is among the cases, quick or not", () => {
  for (const quick of [true, false]) {
    const named = new Set(casesOf(quick).map(({ name, engine }) => `${name} ${engine}`));
    for (const wanted of [
      "act tfjs-wasm",
      "act plain-js",
      "learn plain-js",
      "encode webgpu",
      "encode tfjs-webgpu",
      "peak simd",
    ])
      expect(named).toContain(wanted);
  }
});
