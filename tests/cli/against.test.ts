import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { timeRatio } from "../../src/bench/pairs.ts";
import { benchWorker, type Comparison, compare, printed, weather } from "../../src/cli/against.ts";

const comparison = (of: Comparison["of"], times: number): Comparison => {
  const pairs = Array.from({ length: 31 }, (_, i) => ({ old: 1000 + i, new: (1000 + i) / times }));
  return { of, network: "L2", pairs, time: timeRatio(pairs) };
};

test("the console shows the time of the new build for each of the old one's, and says which is slower", () => {
  const lines = printed([comparison("acting", 0.957), comparison("whole loop", 1.25)]).split("\n");
  const find = (...words: string[]) => lines.filter((line) => words.every((word) => line.includes(word)));
  expect(find("acting", "L2", "0.957", "0.957 … 0.957", "31")).toHaveLength(1);
  expect(find("whole loop", "L2", "1.250")).toHaveLength(1);
  expect(find("Slower: whole loop L2 (")).toHaveLength(1);
  expect(printed([comparison("learning", 1.01)])).toContain("No interval lies above 1.02.");
});

test("a machine that had much else to do is told of", () => {
  expect(weather(0.4, 2.1, 2)).toBe("Load of the machine, 2 threads: 0.4 before, 2.1 after.");
  expect(weather(18, 21, 2)).toContain("18.0 before, 21.0 after. It had much else to do");
});

test("a folder must hold a built page with a benchmark, and there must be enough pairs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-against-"));
  try {
    expect(() => benchWorker(folder)).toThrow(
      `${folder} holds no built page with a benchmark: run npx vite build there`,
    );
    await expect(compare(folder, 31)).rejects.toThrow("holds no built page");
    await expect(compare(folder, 5)).rejects.toThrow("--pairs must be a whole number from 6 on, not 5");
    await expect(compare(folder, Number.NaN)).rejects.toThrow("not NaN");
    mkdirSync(join(folder, "dist/assets"), { recursive: true });
    writeFileSync(join(folder, "dist/assets/bench-B1.js"), "");
    expect(() => benchWorker(folder)).toThrow("holds no built page");
    writeFileSync(join(folder, "dist/assets/bench.worker-B2.js"), "");
    expect(benchWorker(folder)).toBe("assets/bench.worker-B2.js");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
