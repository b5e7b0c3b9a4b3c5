import { describe, expect, it } from "vitest";
import { add, parseSteps, playwrightCounts, summary, vitestCounts } from "../../src/cli/test.ts";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});
const vitest = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [file("passed", "passed")],
};
const playwright = (expected: number, unexpected: number, flaky: number, skipped: number) => ({
  stats: { expected, unexpected, flaky, skipped },
});

describe("summary", () => {
  it("is the last line", () => {
    expect(summary({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
    expect(summary({ passed: 1, failed: 2, skipped: 3 })).toBe("1 passed, 2 failed, 3 skipped");
  });

  it("adds up", () => {
    expect(add({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
      passed: 11,
      failed: 22,
      skipped: 33,
    });
  });
});

describe("vitestCounts", () => {
  it("counts tests", () => {
    expect(vitestCounts({ ...vitest, numPendingTests: 1, numTodoTests: 1 }, 0)).toEqual({
      passed: 5,
      failed: 0,
      skipped: 2,
    });
    expect(
      vitestCounts({ ...vitest, numFailedTests: 2, testResults: [file("failed", "failed", "failed")] }, 1).failed,
    ).toBe(2);
  });

  it("counts a file that cannot be loaded as a failure", () => {
    expect(vitestCounts({ ...vitest, testResults: [file("passed", "passed"), file("failed")] }, 1).failed).toBe(1);
  });

  it("counts a crash as a failure", () => {
    expect(vitestCounts(null, null).failed).toBe(1);
    expect(vitestCounts(vitest, 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });
});

describe("playwrightCounts", () => {
  it("counts tests", () => {
    expect(playwrightCounts(playwright(4, 1, 1, 2), 1)).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it("counts a crash, or no tests at all, as a failure", () => {
    expect(playwrightCounts(null, 1).failed).toBe(1);
    expect(playwrightCounts(playwright(0, 0, 0, 0), 1).failed).toBe(1);
  });
});

describe("parseSteps", () => {
  it("runs everything by default", () => {
    expect(parseSteps([])).toEqual({ chosen: ["types", "lint", "unit", "e2e"], rest: [] });
  });

  it("hands what follows to the last step", () => {
    expect(parseSteps(["e2e", "-g", "unit"])).toEqual({ chosen: ["e2e"], rest: ["-g", "unit"] });
    expect(parseSteps(["-g", "isolation"]).rest).toEqual(["-g", "isolation"]);
  });
});
