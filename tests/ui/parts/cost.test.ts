/** What the page says a run will cost, before it is started. */
import { expect, test } from "vitest";
import type { EngineChoice } from "../../../src/nn/engine.ts";
import { defaultConfig, needsOf, withValues } from "../../../src/runtime/plan/config.ts";
import { costInWords, costOf } from "../../../src/ui/parts/cost.ts";
import { duration } from "../../../src/ui/parts/format.ts";

const largest = withValues(defaultConfig("a3c"), {
  apply: "actors",
  actors: 32,
  envs: 256,
  unroll: 256,
  hidden: [512, 512, 512, 512],
});

const found = (milliseconds: number | null): EngineChoice => ({
  engine: "simd",
  label: "SIMD",
  reason: "",
  adapter: null,
  trials: [
    {
      engine: "webgpu",
      label: "",
      milliseconds: 3,
      isEstimate: false,
      dispatches: 0,
      uploadBytes: 0,
      readBytes: 0,
      note: null,
    },
    {
      engine: "simd",
      label: "",
      milliseconds,
      isEstimate: true,
      dispatches: 0,
      uploadBytes: 0,
      readBytes: 0,
      note: null,
    },
  ],
});

test("a run like the defaults costs nothing worth a word", () => {
  const config = defaultConfig();
  expect(costInWords(costOf(config, null, null))).toEqual([]);
  expect(costInWords(costOf(config, found(0.2), needsOf(config)))).toEqual([]);
});

test("the largest run costs memory and time, as it was measured on its engine", () => {
  expect(costInWords(costOf(largest, null, null))).toEqual(["1.4\u202fGiB of memory"]);
  expect(costInWords(costOf(largest, found(1_500_000), needsOf(largest)))).toEqual([
    "1.4\u202fGiB of memory",
    "≈ 25\u202fmin an update",
  ]);
  expect(costOf(largest, found(null), needsOf(largest)).update).toBeNull();
});

test("what was measured for another configuration says nothing, and a live value makes no other one", () => {
  const other = withValues(largest, { hidden: [8] });
  expect(costOf(other, found(1_500_000), needsOf(largest)).update).toBeNull();
  const faster = withValues(largest, { lr: 0.02, pace: "step", until: [{ when: "solved" }] });
  expect(costOf(faster, found(1_500_000), needsOf(largest)).update).toBe(1500);
});

test("a configuration that cannot be started has no cost", () => {
  const illegal = withValues(largest, { engine: "tfjs-cpu" });
  expect(costOf(illegal, null, null)).toEqual({ memory: null, update: null });
});

test.each([
  [1.04, "1\u202fs"],
  [59, "59\u202fs"],
  [75, "1.3\u202fmin"],
  [1500, "25\u202fmin"],
  [4500, "1.3\u202fh"],
  [200_000, "2.3\u202fd"],
])("%d seconds are about %s", (seconds, words) => expect(duration(seconds)).toBe(words));
