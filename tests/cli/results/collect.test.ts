/** `npm run results`: seeds are trained, and those that are there are not trained again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Trained } from "../../../src/cli/node/train.ts";
import { collect, openResults, seedResultOf, sharingOf } from "../../../src/cli/results/collect.ts";
import { parsePair } from "../../../src/cli/results.ts";
import { decodeRun } from "../../../src/ui/address/url.ts";
import { parseResults, type Results, type SeedResult } from "../../../src/ui/results/results.ts";

const folder = mkdtempSync(join(tmpdir(), "cartpool-collect-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "a2c.CartPole-v1.json");
const pair = { algo: "a2c", env: "CartPole-v1" } as const;
const written = () => parseResults(JSON.parse(readFileSync(path, "utf8")));
const never = new Promise<string>(() => {});

function opened(envSteps: number): Results {
  const of = openResults(pair, envSteps, folder);
  if (!of.ok) throw new Error(of.problem);
  return of.results;
}

async function trained(seeds: number): Promise<SeedResult[]> {
  const told: SeedResult[] = [];
  await collect(opened(32_000), seeds, sharingOf(pair), never, (of) => told.push(of), folder);
  return told;
}

test("what is missing is trained, from seed 11 on, with every hyperparameter said", async () => {
  const first = await trained(2);
  expect(first.map(({ seed }) => seed).sort()).toEqual([11, 12]);
  const [second] = await trained(3);
  expect(second.seed).toBe(13);
  expect(await trained(3)).toEqual([]);
  const results = written();
  expect(results?.seeds.map(({ seed }) => seed)).toEqual([11, 12, 13]);
  expect(results).toMatchObject({ ...pair, envSteps: 32_000, threshold: 475, threads: "one" });
  for (const { envSteps, seconds, final, curve, solvedAt } of results?.seeds ?? []) {
    expect(envSteps).toBe(32_000);
    expect(seconds).toBeGreaterThan(0);
    expect(final?.mean).toBeGreaterThan(9);
    expect(solvedAt).toBeNull();
    expect(curve.filter((mean) => mean !== null)).toHaveLength(2); // every 200 updates of 80 steps
  }
  const { config, problems } = decodeRun(`${results?.query}&seed=11`);
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    ...pair,
    values: { seed: 11, engine: "simd", until: [{ when: "steps", count: 32_000 }] },
  });
}, 120_000);

test("runs of another query are not mixed with these", () => {
  expect(openResults(pair, 16_000, folder)).toEqual({
    ok: false,
    problem: `${path} holds other runs, with until steps:32000 rather than steps:16000; --again begins anew`,
  });
  writeFileSync(path, "[]");
  expect(openResults(pair, 32_000, folder)).toMatchObject({ ok: false });
});

test("a run that failed is kept, with why", () => {
  const report = { solvedAt: null, envSteps: 80, seconds: 1, evaluations: [], query: "" };
  const policy = { update: 1, parameters: new Float32Array(1) };
  const failed = { report, policy, reached: false, problem: "the loss is not a number" } as unknown as Trained;
  const fresh = openResults(pair, 32_000, join(folder, "none"));
  if (!fresh.ok) throw new Error(fresh.problem);
  const of = seedResultOf(11, failed, fresh.results);
  expect(of).toMatchObject({ solvedAt: null, final: null, problem: "the loss is not a number" });
});

test("two runs at a time where the cores allow", () => {
  expect(sharingOf(pair, 1)).toEqual({ oneThread: true, jobs: 1 });
  expect(sharingOf(pair, 2)).toEqual({ oneThread: true, jobs: 2 });
  expect(sharingOf({ ...pair, algo: "a3c" }, 2)).toEqual({ oneThread: false, jobs: 1 });
  expect(sharingOf({ ...pair, algo: "a3c" }, 16)).toEqual({ oneThread: false, jobs: 2 });
});

test("a pair is an algorithm and an environment", () => {
  expect(parsePair("a3c:CartPole-v0")).toEqual({ algo: "a3c", env: "CartPole-v0" });
  expect(() => parsePair("a3c")).toThrow(/"" is none of/);
  expect(() => parsePair("dqm:CartPole-v1")).toThrow(/"dqm" is none of a2c/);
  expect(() => parsePair("a2c:constructor")).toThrow(/none of CartPole/);
});
