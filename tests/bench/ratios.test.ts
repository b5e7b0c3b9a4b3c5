import { describe, expect, test } from "vitest";
import {
  actorCounts,
  type Case,
  casesOf,
  isBesideLoops,
  multiplyAdds,
  type Result,
  summary,
  threadsOf,
} from "../../src/bench/cases.ts";
import {
  type EndToEnd,
  missingTexts,
  type RatioName,
  ratioNames,
  ratiosOf,
  ratioText,
  steadyRate,
} from "../../src/bench/ratios.ts";
import { specOf } from "../nn/specs.ts";

const act: Case = { name: "act", engine: "simd", network: "L2", batch: 64, unit: "steps" };
const result = (of: Partial<Result>): Result => ({ ...act, perSecond: 1, spread: 0, ...of });
const loop = (actors: number, stepsPerSecond: number, network: EndToEnd["network"] = "L2"): EndToEnd => ({
  ...{ network, actors, stepsPerSecond, spread: 0 },
});

describe("ratios", () => {
  test("are null where a side was not measured", () => {
    expect(Object.keys(ratiosOf([], []))).toEqual(Object.keys(ratioNames));
    for (const ratio of Object.values(ratiosOf([], []))) expect(ratio).toBeNull();
    const one = ratiosOf([result({ perSecond: 5 })], [loop(1, 7)]);
    for (const ratio of Object.values(one)) expect(ratio).toBeNull();
  });

  test("compare like with like", () => {
    const learn = { name: "learn", unit: "samples" } as const;
    const ratios = ratiosOf(
      [
        result({ perSecond: 12 }),
        result({ engine: "simd-fma", perSecond: 18 }),
        result({ engine: "plain-js", perSecond: 3 }),
        result({ engine: "plain-js", network: "L1", perSecond: 1000 }),
        result({ engine: "tfjs-wasm", perSecond: 2 }),
        result({ engine: "tfjs-wasm-ops", perSecond: 6 }),
        result({ ...learn, batch: 512, perSecond: 40 }),
        result({ ...learn, batch: 2048, perSecond: 90 }),
        result({ ...learn, batch: 512, engine: "tfjs-wasm", perSecond: 5 }),
        result({ ...learn, batch: 2048, engine: "tfjs-wasm", perSecond: 9 }),
        result({ ...learn, batch: 512, engine: "plain-js", perSecond: 10 }),
        result({ ...learn, batch: 2048, engine: "plain-js", perSecond: 15 }),
        result({ ...learn, batch: 80, engine: "webgpu", perSecond: 700 }),
        result({ ...learn, batch: 80, engine: "tfjs-webgpu", perSecond: 100 }),
        result({ name: "encode", batch: 80, engine: "webgpu", perSecond: 6000 }),
        result({ name: "encode", batch: 80, engine: "tfjs-webgpu", perSecond: 150 }),
        result({ name: "peak", network: "none", batch: 1, perSecond: 32_992_000 }),
        result({ name: "peak", network: "none", batch: 2, perSecond: 49_488_000 }),
      ],
      [loop(1, 1000), loop(2, 2500), loop(2, 9999, "L1")],
    );
    // 4·64 + 64·64 + 64·3 = 4544 forward and 2 · 4544 − 4·64 = 8832 backward: 13376 a step, 2500 steps
    const { shareOfPeak, ...others } = ratios;
    expect(shareOfPeak).toBeCloseTo((2500 * 13_376) / 49_488_000, 12);
    expect(others).toEqual({
      actSimdVsTfjsWasm: 6,
      actSimdVsTfjsWasmOps: 2,
      actSimdVsPlainJs: 4,
      actFmaVsPlainJs: 6,
      learnSimdVsTfjsWasm: 8,
      learnSimdVsTfjsWasm2048: 10,
      learnSimdVsPlainJs: 4,
      learnSimdVsPlainJs2048: 6,
      learnFmaVsPlainJs: null,
      scaling2Vs1: 2.5,
      peakScaling2Vs1: 1.5,
      webgpuFusedVsOpByOp: 7,
      encodeFusedVsOpByOp: 40,
    });
  });

  test("read as times, a share as per cent, and what is missing as such", () => {
    expect(ratioText("scaling2Vs1", 1.74)).toBe("1.7 ×");
    expect(ratioText("shareOfPeak", 0.583)).toBe("58 %");
    expect(ratioText("webgpuFusedVsOpByOp", null)).toBe("not measured");
  });

  test("an engine that is missing is named once for each reason", () => {
    const missing = [80, 512].map((batch) => ({
      case: { ...act, engine: "webgpu" as const, batch },
      why: "no adapter",
    }));
    expect(missingTexts(missing)).toEqual(["webgpu was not measured: no adapter"]);
    expect(missingTexts([])).toEqual([]);
  });
});

describe("the rate of a loop", () => {
  const point = (envSteps: number, seconds: number) =>
    ({ envSteps, seconds }) as Parameters<typeof steadyRate>[0]["returns"][number];

  test("is that after the first third", () => {
    const returns = [point(1000, 1), point(2000, 2), point(8000, 3), point(20_000, 5)];
    expect(steadyRate({ envSteps: 26_000, seconds: 6, returns })).toBe(6000);
  });

  test("is that of all of it where only its end is known", () => {
    expect(steadyRate({ envSteps: 4096, seconds: 2, returns: [point(4096, 2)] })).toBe(2048);
    expect(steadyRate({ envSteps: 4096, seconds: 2, returns: [] })).toBe(2048);
  });
});

describe("a summary", () => {
  const rounds = (...rates: number[]) => rates.map((perSecond) => ({ perSecond, encodedPerSecond: null }));

  test("has the median and the distance of the quartiles", () => {
    // in order 2 4 6 8 10: median 6, quartiles 4 and 8
    expect(summary(act, rounds(10, 2, 8, 4, 6))).toEqual([{ ...act, perSecond: 6, spread: 4 / 6 }]);
    // of an even number: between the middle two, 1 2 3 4 has 2.5, quartiles 1.75 and 3.25
    expect(summary(act, rounds(4, 1, 3, 2))).toEqual([{ ...act, perSecond: 2.5, spread: 1.5 / 2.5 }]);
    expect(summary(act, rounds(5))).toEqual([{ ...act, perSecond: 5, spread: 0 }]);
  });

  test("tells the processor's part apart where a device does the rest", () => {
    const of: Case = { name: "learn", engine: "webgpu", network: "L2", batch: 80, unit: "samples" };
    const [learn, encode] = summary(of, [
      { perSecond: 1, encodedPerSecond: 30 }, // quartiles half-way between neighbours
      { perSecond: 3, encodedPerSecond: 10 },
      { perSecond: 2, encodedPerSecond: 20 },
    ]);
    expect(learn).toEqual({ ...of, perSecond: 2, spread: 0.5 });
    expect(encode).toEqual({ ...of, name: "encode", unit: "updates", perSecond: 20, spread: 0.5 });
  });
});

describe("the cases", () => {
  test.each([true, false])("hold both sides of every ratio, none twice (quick: %s)", (quick) => {
    const cases = casesOf(quick);
    const measured = cases.flatMap((of) => summary(of, [{ perSecond: 2, encodedPerSecond: 3 }]));
    const ratios = ratiosOf(measured, [loop(1, 1), loop(2, 2)]);
    for (const name of Object.keys(ratioNames) as RatioName[]) expect(ratios[name], name).not.toBeNull();
    const keys = cases.map(({ name, engine, network, batch }) => `${name} ${engine} ${network} ${batch}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("are the work of one thread, but for the peak of two", () => {
    const onTwo = casesOf(true).filter((of) => threadsOf(of) !== 1);
    expect(onTwo.map(({ name, engine, batch }) => [name, engine, batch])).toEqual([["peak", "simd", 2]]);
    const beside = casesOf(true).filter(isBesideLoops);
    expect(beside.map(({ name, batch }) => [name, batch])).toEqual([
      ["peak", 1],
      ["peak", 2],
    ]);
  });

  test("multiply-adds: every weight once forward, and again for dW and dX", () => {
    const spec = specOf({ inputs: 4, actions: 2, widths: [64, 64], activation: "tanh" });
    const weights = spec.layers.reduce((sum, layer) => sum + layer.inputs * layer.outputs, 0);
    expect(multiplyAdds([64, 64], 4, 2)).toEqual({ forward: weights, backward: 2 * weights - 4 * 64 });
    expect(multiplyAdds([], 4, 2)).toEqual({ forward: 12, backward: 12 });
  });

  test("actors: 1, 2, 4, … and as many as there are cores", () => {
    expect(actorCounts(2, false)).toEqual([1, 2]);
    expect(actorCounts(1, false)).toEqual([1, 2]);
    expect(actorCounts(6, false)).toEqual([1, 2, 4, 6]);
    expect(actorCounts(8, false)).toEqual([1, 2, 4, 8]);
    expect(actorCounts(16, true)).toEqual([1, 2]);
  });
});
