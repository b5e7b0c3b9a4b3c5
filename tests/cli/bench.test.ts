import { expect, test } from "vitest";
import type { BenchReport } from "../../src/bench/bench.ts";
import { ratioNames, ratiosOf } from "../../src/bench/ratios.ts";
import { printed } from "../../src/cli/bench.ts";

const report: BenchReport = {
  machine: { cores: 2, userAgent: "a browser" },
  results: [
    { name: "act", engine: "simd", network: "L2", batch: 64, unit: "steps", perSecond: 2_190_000, spread: 0.043 },
    { name: "act", engine: "plain-js", network: "L2", batch: 64, unit: "steps", perSecond: 438_000, spread: 0 },
    { name: "exchange", engine: "banks", network: "none", batch: 5000, unit: "copies", perSecond: 893_000, spread: 0 },
  ],
  missing: [
    {
      case: { name: "learn", engine: "webgpu", network: "L2", batch: 80, unit: "samples" },
      why: "WebGPU found no graphics adapter",
    },
  ],
  ratios: ratiosOf([], []),
  endToEnd: {
    stepsPerSecond: { L1: 5_400_000, L2: 1_950_000 },
    runs: [{ network: "L2", actors: 2, stepsPerSecond: 1_950_000, spread: 0.08 }],
  },
  solve: { seeds: 10, solved: 9, medianSeconds: 0.187, medianEnvSteps: 109_360 },
};

test("the console shows every figure, every ratio, and why one is missing", () => {
  const lines = printed({ ...report, ratios: { ...ratiosOf(report.results, []), shareOfPeak: 0.577 } }).split("\n");
  const find = (...words: string[]) => lines.filter((line) => words.every((word) => line.includes(word)));
  expect(find("act", "simd", "L2", "64", "2.19M steps/s", "± 4 %")).toHaveLength(1);
  expect(find("exchange", "banks", "–", "5,000", "893K copies/s")).toHaveLength(1);
  expect(find("train", "2 actors", "1.95M env-steps/s")).toHaveLength(1);
  expect(find("actSimdVsPlainJs", ratioNames.actSimdVsPlainJs, "5.0 ×")).toHaveLength(1);
  expect(find("shareOfPeak", "58 %")).toHaveLength(1);
  expect(find("webgpuFusedVsOpByOp", "not measured")).toHaveLength(1);
  expect(find("webgpu was not measured: WebGPU found no graphics adapter")).toHaveLength(1);
  expect(find("9 of 10 seeds", "0.19 s", "109,360 env-steps")).toHaveLength(1);
  for (const name of Object.keys(ratioNames)) expect(find(`${name} `)).toHaveLength(1);
});
