import { expect, test } from "vitest";
import { latestRuns, type Outcome, parseProgress } from "../../../src/ui/lessons/progress.ts";

const outcome: Outcome = {
  run: "r1",
  label: "A2C",
  seed: 1,
  solved: true,
  envSteps: 102_560,
  updates: 1282,
  seconds: 0.6,
  meanReturn100: 476.2,
  staleness: 0,
  parametersHash: "5b90236d",
};

test("what was guessed and how runs ended comes back as it was stored", () => {
  const kept = { guesses: { bits: 1 }, outcomes: { bits: [outcome, { ...outcome, run: "r2", meanReturn100: null }] } };
  expect(parseProgress(JSON.stringify(kept))).toEqual(kept);
});

test("what is broken or foreign is left out, lesson by lesson", () => {
  for (const text of [null, "", "{", "null", "[]", "7", '{"guesses":3,"outcomes":"x"}'])
    expect(parseProgress(text)).toEqual({ guesses: {}, outcomes: {} });
  const mixed = {
    guesses: { bits: 1, entropy: 9, lambda: "0", unknown: 1 },
    outcomes: { bits: [outcome], gpu: [{ ...outcome, seconds: "long" }], lambda: Array(50).fill(outcome) },
  };
  expect(parseProgress(JSON.stringify(mixed))).toEqual({ guesses: { bits: 1 }, outcomes: { bits: [outcome] } });
});

test("of every label the latest run is shown", () => {
  const runs = [outcome, { ...outcome, run: "r2", label: "A3C" }, { ...outcome, run: "r3" }];
  expect(latestRuns(runs)).toEqual(["r3", "r2"]);
});
