import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withTables } from "../../src/cli/docs.ts";

test("the tables in README are those of the declarations (npm run docs writes them)", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(withTables(readme)).toBe(readme);
});

test("a README without a place for a table is refused", () => {
  expect(() => withTables("nothing here")).toThrow(/hyperparameters/);
});
