import { describe, expect, it } from "vitest";
import {
  type Arguments,
  parseArguments,
  parseSeeds,
  problemsBefore,
  splitAddress,
} from "../../../src/cli/headless/arguments.ts";

const parsed = (...args: string[]): Arguments => {
  const outcome = parseArguments(args);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.value;
};
const refused = (...args: string[]): string => {
  const outcome = parseArguments(args);
  return outcome.ok ? "" : outcome.problem;
};

describe("parseArguments", () => {
  it("reads the options", () => {
    expect(
      parsed("algo=a3c&until=steps:5", "--json", "out.json", "--timeout", "90", "--software-gpu", "--browser-arg=--x"),
    ).toEqual({
      runs: [{ query: "algo=a3c&until=steps:5", hash: "" }],
      node: false,
      jobs: 1,
      oneThread: false,
      evaluate: 0,
      files: {},
      json: "out.json",
      timeout: 90,
      softwareGpu: true,
      browserArgs: ["--x"],
    });
    expect(parsed("algo=a2c")).toMatchObject({ json: null, timeout: 600, softwareGpu: false, browserArgs: [] });
  });

  it("takes the empty query, which is the default run", () => {
    expect(parsed("").runs).toEqual([{ query: "until=solved", hash: "" }]);
  });

  it("takes several runs in Node, each with each seed", () => {
    const { runs, node } = parsed("lr=0.01", "lr=0.02#run=x", "--node", "--seeds", "11-12");
    expect(node).toBe(true);
    expect(runs).toEqual([
      { query: "lr=0.01&until=solved&seed=11", hash: "" },
      { query: "lr=0.01&until=solved&seed=12", hash: "" },
      { query: "lr=0.02&until=solved&seed=11", hash: "run=x" },
      { query: "lr=0.02&until=solved&seed=12", hash: "run=x" },
    ]);
  });

  it("reads what is to become of the policy", () => {
    expect(parsed("", "--evaluate", "100", "--weights", "p.safetensors")).toMatchObject({
      evaluate: 100,
      files: { weights: "p.safetensors" },
    });
    for (const episodes of ["0", "1.5", "many", "10001", ""])
      expect(refused("", "--evaluate", episodes)).toContain(`not "${episodes}"`);
    expect(refused("", "--node", "--seeds", "1-2", "--weights", "p")).toBe("--weights is for one run, not 2");
  });

  it("says what does not go together", () => {
    expect(refused("a=1", "--seeds", "1-2")).toContain("need --node");
    expect(refused("seed=3", "--node", "--seeds", "1-2")).toContain("given twice");
    expect(refused("a=1", "--node", "--seeds", "2-1")).toContain('"2-1"');
    expect(refused("a=1", "--node", "--jobs", "0")).toContain("--jobs");
    expect(refused("a=1", "--node", "--software-gpu")).toContain("for a browser");
    expect(refused("--node")).toContain("one run query");
  });

  it("says what is wrong", () => {
    expect(refused()).toContain("one run query");
    expect(refused("a=1", "b=2")).toContain("not 2");
    expect(refused("a=1", "--timeout", "soon")).toContain('"soon"');
    expect(refused("a=1", "--timeout", "0")).toContain("--timeout");
    expect(refused("a=1", "--jsn", "x")).toContain("--jsn");
  });
});

describe("parseSeeds", () => {
  it.each([
    ["11-14", [11, 12, 13, 14]],
    ["3, 1-2,3", [3, 1, 2, 3]],
    ["4294967295", [4294967295]],
  ])("%s", (list, seeds) => {
    expect(parseSeeds(list)).toEqual(seeds);
  });
  it.each(["", "1-", "-1", "a", "1..4", "1-1000000", "1,,2"])("refuses %s", (list) => {
    expect(parseSeeds(list)).toBeNull();
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
  const inChromium = { node: false, oneThread: false };
  const inNode = { node: true, oneThread: false };
  const problemsOf = (query: string, way = inChromium) =>
    problemsBefore({ runs: [{ query, hash: "" }], json: null, files: {}, ...way });

  it("refuses what one thread cannot do", () => {
    const way = { node: true, oneThread: true };
    expect(problemsOf("algo=a2c&engine=simd", way)).toEqual([]);
    expect(problemsOf("algo=a3c", inNode)).toEqual([]);
    expect(problemsOf("algo=a3c", way)).toEqual([expect.stringMatching(/^algo must be .* --one-thread/)]);
    expect(problemsOf("engine=tfjs-cpu", way)).toEqual([expect.stringMatching(/^engine must be .* --one-thread/)]);
  });

  it("refuses engines that need a browser where there is none", () => {
    for (const engine of ["webgpu", "tfjs-webgpu"]) {
      expect(problemsOf(`engine=${engine}`)).toEqual([]);
      expect(problemsOf(`engine=${engine}`, inNode)).toEqual([
        `engine must be auto, simd, tfjs-wasm or tfjs-cpu with --node: ${engine} needs a browser`,
      ]);
    }
    for (const engine of ["auto", "simd", "tfjs-wasm", "tfjs-cpu"])
      expect(problemsOf(`engine=${engine}`, inNode)).toEqual([]);
  });
  it("refuses a pace that waits for somebody", () => {
    expect(problemsOf("pace=step&until=solved")).toEqual([expect.stringMatching(/^pace must be full/)]);
    expect(problemsOf("pace=watchable&until=solved")).toEqual([]);
  });
  it("names everything that is wrong, the file for the result too", () => {
    expect(
      problemsBefore({
        runs: [{ query: "lr=7&pace=Step", hash: "" }],
        json: "/",
        files: { weights: "" },
        ...inChromium,
      }),
    ).toEqual([
      expect.stringMatching(/^lr must be/),
      expect.stringMatching(/^pace must be/),
      expect.stringMatching(/^--json: "\/" cannot be written/),
      expect.stringMatching(/^--weights: "" cannot be written/),
    ]);
  });
  it("does not mind what trackers append", () => {
    const { query } = splitAddress("https://example.org/?seed=7&amp;fbclid=x&utm_source=y&_gl=z");
    expect(problemsOf(query)).toEqual([]);
  });
});
