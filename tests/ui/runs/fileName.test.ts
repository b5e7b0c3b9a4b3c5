import fc from "fast-check";
import { expect, test } from "vitest";
import { fileName, runFileName } from "../../../src/ui/runs/fileName.ts";

test.each([
  ["学習 一", "cartpool-学習-一.csv"],
  ["تجربة", "cartpool-تجربة.csv"],
  ["обучение №1", "cartpool-обучение-1.csv"],
  ["कार्टपोल", "cartpool-कार्टपोल.csv"],
  ["e\u0301tude α 0.01", "cartpool-étude-α-0.01.csv"],
  ["A2C · seed 3", "cartpool-A2C-seed-3.csv"],
  ["../../etc/passwd", "cartpool-etc-passwd.csv"],
  ["CON", "cartpool-CON.csv"],
  ['a:b*c?d"e<f>g|h\\i\0j', "cartpool-a-b-c-d-e-f-g-h-i-j.csv"],
  ["...", "cartpool-run.csv"],
  ["👩‍🔬", "cartpool-run.csv"],
  ["", "cartpool-run.csv"],
])("%j is called %s", (label, name) => expect(fileName(label, "csv")).toBe(name));

test("any name is one that every file system takes, and keeps its letters", () => {
  const label = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ unit: fc.constantFrom("a", "Z", "é", "я", "学", "क्", "ت", " ", ".", "/", "-", "👩"), maxLength: 80 }),
    fc.constantFrom("学", "क्", "\u{20000}", ".", " ", "nul").chain((c) => fc.constant(c.repeat(80))),
  );
  fc.assert(
    fc.property(label, fc.boolean(), (text, alone) => {
      const run = { id: "1a2b3c4d-0000", name: text };
      const name = runFileName(run, alone ? [run] : [run, { ...run, id: "other" }], "weights.bin");
      expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(143);
      expect(name).toMatch(/^cartpool-[\p{L}\p{M}\p{N}._-]+\.weights\.bin$/u);
      expect(name).not.toMatch(/[. ]$|\.\.weights/);
      const letters = text.normalize("NFC").match(/[\p{L}\p{N}]/gu) ?? [];
      if (text.length < 20) for (const letter of letters) expect(name.includes(letter)).toBe(true);
    }),
  );
});

test("two runs do not get the same name", () => {
  const called = (...names: string[]) => {
    const runs = names.map((name, i) => ({ id: `${i}aaaaaaa-1`, name }));
    return runs.map((run) => runFileName(run, runs, "json"));
  };
  expect(called("a", "b")).toEqual(["cartpool-a.json", "cartpool-b.json"]);
  expect(called("a b", "a-b", "A b", "", "…")).toEqual([
    "cartpool-a-b-0aaaaaaa.json",
    "cartpool-a-b-1aaaaaaa.json",
    "cartpool-A-b-2aaaaaaa.json",
    "cartpool-3aaaaaaa.json",
    "cartpool-4aaaaaaa.json",
  ]);
  const long = called(...["一", "二"].map((end) => "学".repeat(50) + end));
  expect(new Set(long).size).toBe(2);
});
