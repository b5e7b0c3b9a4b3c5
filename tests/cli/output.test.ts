import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { outputProblem, writeJson } from "../../src/cli/output.ts";
import { capture, root } from "../../src/cli/process.ts";

const folder = mkdtempSync(join(tmpdir(), "cartpool-output-"));
afterAll(() => rmSync(folder, { recursive: true }));
const old = join(folder, "old.json");
writeFileSync(old, "what it held");

const headless = join(root, "src/cli/headless.ts");

describe("a file that cannot be written", () => {
  it.each([
    ["a folder", folder],
    ["in a folder that is not there", join(folder, "none", "x.json")],
    ["in a file", join(old, "x.json")],
    ["without a name", ""],
    ["with too long a name", join(folder, `${"x".repeat(300)}.json`)],
  ])("is refused: %s", (_, file) => {
    expect(outputProblem(file)).toContain(`--json: "${file}" cannot be written`);
  });

  it("prints what it would hold", () => {
    const [log, error] = [vi.spyOn(console, "log"), vi.spyOn(console, "error")].map((spy) => spy.mockReturnValue());
    expect(writeJson(folder, { solved: true })).toBe(false);
    expect(JSON.parse(log.mock.calls[0][0])).toEqual({ solved: true });
    expect(error.mock.calls[0][0]).toContain("cannot be written");
    vi.restoreAllMocks();
  });

  it.each(["headless", "bench", "crossover"])(
    "ends %s before it begins",
    (script) => {
      const query = script === "headless" ? ["seed=7"] : [];
      const args = ["--import", "tsx", join(root, `src/cli/${script}.ts`), ...query, "--json", folder];
      const { code, output } = capture(process.execPath, args, 60);
      expect(output).toContain("cannot be written");
      expect(output.trim().split("\n")).toHaveLength(1);
      expect(code).toBe(2);
    },
    60_000,
  );
});

it("a run that would wait for somebody is refused before it begins", () => {
  const { code, output } = capture(process.execPath, ["--import", "tsx", headless, "pace=step&fbclid=x"], 60);
  expect(output).toMatch(/^pace must be full or watchable here[^\n]*\n$/);
  expect(code).toBe(2);
}, 60_000);

it("a file that can be written is as it was", () => {
  expect(outputProblem(old)).toBeNull();
  expect(outputProblem(join(folder, "new.json"))).toBeNull();
  expect(readdirSync(folder)).toEqual(["old.json"]);
  expect(readFileSync(old, "utf8")).toBe("what it held");
  expect(writeJson(old, [1])).toBe(true);
  expect(JSON.parse(readFileSync(old, "utf8"))).toEqual([1]);
});
