import { describe, expect, it } from "vitest";
import { progressLine, result } from "../../../src/cli/headless/result.ts";
import type { Report } from "../../../src/ui/state/report.ts";

const report: Report = {
  status: "running",
  stopReason: null,
  query: "algo=a2c&until=solved",
  backend: "tfjs-wasm",
  backendReason: "no WebGPU",
  solved: false,
  solvedAt: null,
  targetReached: false,
  envSteps: 212_345,
  updates: 1_327,
  versions: 1_327,
  episodes: 2_001,
  sleptSeconds: 0,
  seconds: 3.4,
  stepsPerSecond: 71_234,
  meanReturn100: null,
  evaluation: null,
  statistics: { loss: 0.5 },
  evaluations: [],
  stalenessCounts: [],
  dropped: 0,
  lanes: [],
  staleness: { mean: 0.5, max: 3 },
  curve: [[160, 0.1, 20]],
  edits: [],
  parametersHash: "abc",
  problem: null,
  sharedMemoryBytes: 65_536,
  workerCount: 6,
};

describe("progressLine", () => {
  it("says how far the run is", () => {
    expect(progressLine(report)).toBe(
      "   3 s   212,345 steps   71.2K steps/s   1,327 updates   return –   staleness 0.50",
    );
  });

  it("names the status unless the run is going on", () => {
    expect(progressLine({ ...report, status: "paused", meanReturn100: 21.25 })).toMatch(/return 21\.[23] .* paused$/);
  });
});

describe("result", () => {
  it("holds what a script needs, and a problem only where there is one", () => {
    expect(Object.keys(result(report, null))).toEqual(
      (
        "query backend solved solvedAt envSteps updates seconds stepsPerSecond meanReturn100 evaluation evaluations " +
        "statistics staleness curve parametersHash"
      ).split(" "),
    );
    const finalEvaluation = { episodes: 100, mean: 500, std: 0 };
    expect(result(report, null, finalEvaluation).finalEvaluation).toBe(finalEvaluation);
    expect(result(report, "the page crashed").problem).toBe("the page crashed");
  });
});
