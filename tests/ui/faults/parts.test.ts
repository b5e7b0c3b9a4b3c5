import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const sources = readdirSync("src/ui", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));

it("every part that is fetched later goes through part(), which can be tried again, and waits in a boundary", () => {
  const others = sources.filter((name) => !name.startsWith("faults/"));
  expect(others.length).toBeGreaterThan(80);
  const used = (pattern: RegExp) => others.filter((name) => pattern.test(readFileSync(`src/ui/${name}`, "utf8")));
  expect(used(/\blazy\b.*from "react"|<Suspense/)).toEqual([]);
  const parted = used(/\bpart\(/);
  expect(parted.length).toBeGreaterThan(4);
  expect(parted.filter((name) => !readFileSync(`src/ui/${name}`, "utf8").includes("<Boundary "))).toEqual([]);
});
