import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { head, readResults, rowOf } from "../../../src/cli/results/table.ts";
import { fileOf } from "../../../src/ui/results/results.ts";
import { fixture } from "../../ui/results/fixture.ts";

test("a row says what the runs came to", () => {
  const row = rowOf(fixture);
  expect(row).toHaveLength(head.length);
  const [pair, seeds, steps, seconds, solved, greedy, published] = row;
  expect(pair).toBe("A2C, CartPole-v1 (475)");
  expect(seeds).toBe("4, 500 k steps each");
  // the middle half of 100, 110, 120 and 500 thousand
  expect(steps).toMatch(/^≥ 115 \[1\d\d, \d{3}\]$/);
  expect(seconds).toMatch(/^≥ 1\.15 \[1(\.\d+)?, \d(\.\d+)?\], one core$/);
  expect(solved).toBe("3 of 4");
  // the middle half of 100, 480, 490 and 500
  expect(greedy).toMatch(/^485\.0 \[\d{3}\.\d, 500\.0\]$/);
  expect(published).toContain("500 at 500 k ([RL Zoo A2C](https://");
});

test("a failed run and a task without a threshold are said to be that", () => {
  const [first, ...others] = fixture.seeds;
  const failed = { ...first, solvedAt: null, final: null, problem: "the loss is not a number" };
  const row = rowOf({ ...fixture, env: "Pendulum-v1", threshold: null, seeds: [failed, ...others] });
  expect(row.slice(2, 5)).toEqual(["–", "–", "–"]);
  expect(row[5]).toMatch(/, 1 failed$/);
  expect(row[6]).toContain("−163 at 1000 k");
});

test("all files of a folder are read, and one that holds no results is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-results-"));
  try {
    expect(readResults(join(folder, "none"))).toEqual([]);
    writeFileSync(join(folder, "b.json"), fileOf({ ...fixture, algo: "a3c" }));
    writeFileSync(join(folder, "a.json"), fileOf(fixture));
    expect(readResults(folder).map(({ algo }) => algo)).toEqual(["a2c", "a3c"]);
    writeFileSync(join(folder, "c.json"), "{}");
    expect(() => readResults(folder)).toThrow(/c\.json holds no results/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
