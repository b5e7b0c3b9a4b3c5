import { describe, expect, it } from "vitest";
import {
  type Arguments,
  parseArguments,
  problemsBefore,
  progressLine,
  result,
  splitAddress,
} from "../../src/cli/headless.ts";
import type { Report } from "../../src/ui/state/report.ts";

const parsed = (...args: string[]): Arguments => {
  const outcome = parseArguments(args);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.value;
};
const refused = (...args: string[]): string => {
  const outcome = parseArguments(args);
  return outcome.ok ? "" : outcome.problem;
};

const report: Report = {
  status: "running",
  stopReason: null,
  query: "algo=a2c&until=solved",
  backend: "tfjs-wasm",
  backendReason: "no WebGPU",
  solved: false,
  targetReached: false,
  envSteps: 212_345,
  updates: 1_327,
  episodes: 2_001,
  sleptSeconds: 0,
  seconds: 3.4,
  stepsPerSecond: 71_234,
  meanReturn100: null,
  evaluation: null,
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

describe("parseArguments", () => {
  it("reads the options", () => {
    expect(
      parsed("algo=a3c&until=steps:5", "--json", "out.json", "--timeout", "90", "--software-gpu", "--browser-arg=--x"),
    ).toEqual({
      query: "algo=a3c&until=steps:5",
      hash: "",
      json: "out.json",
      timeout: 90,
      softwareGpu: true,
      browserArgs: ["--x"],
    });
    expect(parsed("algo=a2c")).toMatchObject({ json: null, timeout: 600, softwareGpu: false, browserArgs: [] });
  });

  it("takes the empty query, which is the default run", () => {
    expect(parsed("").query).toBe("until=solved");
  });

  it("says what is wrong", () => {
    expect(refused()).toContain("one run query");
    expect(refused("a=1", "b=2")).toContain("not 2");
    expect(refused("a=1", "--timeout", "soon")).toContain('"soon"');
    expect(refused("a=1", "--timeout", "0")).toContain("--timeout");
    expect(refused("a=1", "--jsn", "x")).toContain("--jsn");
  });
});

describe("splitAddress", () => {
  it.each([
    ["until=steps:5&seed=7", "until=steps:5&seed=7", ""],
    ["?seed=7", "seed=7&until=solved", ""],
    ["https://example.org/?seed=7#curve", "seed=7&until=solved", "curve"],
    ["https://example.org/", "until=solved", ""],
    ["seed=7&until=never", "seed=7&until=never", ""],
    ["https://example.org/?seed=7&fbclid=x&utm_source=y", "seed=7&until=solved", ""],
    ["seed=7&amp;until=steps:5&amp;gclid=x", "seed=7&until=steps:5", ""],
  ])("%s", (text, query, hash) => {
    expect(splitAddress(text)).toEqual({ query, hash });
  });
});

describe("problemsBefore", () => {
  it("refuses a pace that waits for somebody", () => {
    expect(problemsBefore({ query: "pace=step&until=solved", json: null })).toEqual([
      expect.stringMatching(/^pace must be full/),
    ]);
    expect(problemsBefore({ query: "pace=watchable&until=solved", json: null })).toEqual([]);
  });
  it("names everything that is wrong, the file for the result too", () => {
    expect(problemsBefore({ query: "lr=7&pace=Step", json: "/" })).toEqual([
      expect.stringMatching(/^lr must be/),
      expect.stringMatching(/^pace must be/),
      expect.stringMatching(/^--json: "\/" cannot be written/),
    ]);
  });
  it("does not mind what trackers append", () => {
    const { query } = splitAddress("https://example.org/?seed=7&amp;fbclid=x&utm_source=y&_gl=z");
    expect(problemsBefore({ query, json: null })).toEqual([]);
  });
});

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
      "query backend solved envSteps updates seconds stepsPerSecond meanReturn100 evaluation staleness curve parametersHash".split(
        " ",
      ),
    );
    expect(result(report, "the page crashed").problem).toBe("the page crashed");
  });
});
