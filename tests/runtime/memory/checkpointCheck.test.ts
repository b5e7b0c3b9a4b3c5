/** What the bytes of a checkpoint may say. */

import { describe, expect, test } from "vitest";
import { Extremes } from "../../../src/core/extremes.ts";
import { viewsOf } from "../../../src/core/layout.ts";
import { checkpointBytes } from "../../../src/runtime/memory/checkpoint.ts";
import { checkpointFault } from "../../../src/runtime/memory/checkpointCheck.ts";
import { type CheckpointViews, memoryLayout, SERIES_POINTS } from "../../../src/runtime/memory/memory.ts";
import { recordCounts } from "../../../src/runtime/plan/columns.ts";
import type { RunPlan } from "../../../src/runtime/plan/plan.ts";
import { resumeSeries } from "../../../src/runtime/shared/board.ts";
import { runUntil, simdStage } from "../simd.ts";
import { smallConfig, stage } from "../stage.ts";

const HEAD = 16;

/** A checkpoint with something else in its data. */
function changed(plan: RunPlan, whole: Uint8Array, change: (data: CheckpointViews) => void): Uint8Array {
  const bytes = whole.slice(HEAD);
  change(viewsOf(memoryLayout(plan).nodes.checkpoint.nodes.data, bytes.buffer));
  const next = whole.slice();
  next.set(bytes, HEAD);
  return next;
}

describe("a checkpoint that a run has written is one to go on from", () => {
  test.each([
    ["a2c", { seed: 3, lr: 0.02, evalEvery: 5 }],
    ["a2c", { seed: 4, optimizer: "rmsprop", evalEvery: 1, schedule: "linear", horizon: 1000, actors: 1, envs: 1 }],
    ["a2c", { seed: 5, evalEvery: 1_000_000 }], // no evaluation yet
    ["a3c", { seed: 6, evalEvery: 3, gate: "drop", maxStaleness: 0 }],
  ] as const)("%s %o, whenever it is", async (algo, values) => {
    const of = stage(smallConfig(algo, values));
    for (const update of [0, 1, 2, 7, 40, 200, 700]) {
      await runUntil(of, () => of.learner.record.updates >= update);
      of.learner.save();
      expect(checkpointFault(of.plan, checkpointBytes(of.plan, of.memory.header.hash.buffer))).toBeNull();
    }
  });
  test("where the actors apply", async () => {
    const of = simdStage(smallConfig("a3c", { apply: "actors", engine: "simd", hidden: [8] }));
    await runUntil(of, () => of.learner.record.updates === 60);
    of.learner.save();
    expect(checkpointFault(of.plan, checkpointBytes(of.plan, of.wasm.buffer))).toBeNull();
  });
});

describe("a checkpoint is refused by name", async () => {
  const of = stage(smallConfig("a2c", { lr: 0.02, evalEvery: 2 }));
  await runUntil(of, () => of.learner.record.updates === 60);
  of.learner.save();
  const { plan } = of;
  const whole = checkpointBytes(plan, of.memory.header.hash.buffer);
  const count = (name: (typeof recordCounts)[number], x: number) => (data: CheckpointViews) => {
    data.counts[recordCounts.indexOf(name)] = x;
  };
  const live = (key: string, x: number) => (data: CheckpointViews) => {
    data.live[plan.live.indexOf(key)] = x;
  };

  test.each([
    ["a curve of 2³¹ − 1 points", (d) => d.returns.length.fill(2 ** 31 - 1), /its reward curve: 2147483647 points/],
    ["a curve of −1 points", (d) => d.updates.length.fill(-1), /its curve of updates: -1 points/],
    ["evaluations beyond their room", (d) => d.evaluations.length.fill(501), /its curve of evaluations: 501 points/],
    ["buckets without a width", (d) => d.updates.width.fill(0), /buckets of 0/],
    ["buckets of no power of two", (d) => d.updates.width.fill(3), /buckets of 3/],
    ["an x that is no number", (d) => d.returns.rows.fill(Number.NaN, 0, 1), /NaN as envSteps/],
    ["an x beyond the run", (d) => d.evaluations.rows.fill(1e15, 0, 1), /a point at 1000000000000000 env-steps/],
    ["points that go back", (d) => d.updates.rows.fill(0, 13, 14), /out of order/],
    ["a mean that is no number", (d) => d.returns.rows.fill(Number.POSITIVE_INFINITY, 4, 5), /Infinity as mean/],
    ["a billion actors", live("actors", 1e9), /its live values: actors must be a whole number from 1 to 32/],
    ["more actors than there is room for", live("actors", 9), /: 9 actors, where there is room for 8/],
    ["an integrator that is none", live("integrator", 7), /integrator must be one of/],
    ["a discount of NaN", live("gamma", Number.NaN), /gamma must be a number from 0 to 1, not NaN/],
    ["half an update", count("updates", 0.5), /its totals: 0.5 is no count/],
    ["more versions than updates", count("versions", 1e6), /its totals: 1000000 versions of \d+ updates/],
    ["fewer env-steps than none", count("envSteps", -1), /its totals/],
    ["a sum that does not add up", count("windowSum", 1e9), /its totals: they do not add up/],
    ["a success that never was", count("solvedEnvSteps", 1), /a success that never was/],
    ["a hash that is none", count("returnsHash", 1e12), /is no hash/],
    ["parameters that are no numbers", (d) => d.parameters.fill(Number.NaN, 3, 4), /its parameters/],
    ["moments that are no numbers", (d) => d.first.fill(Number.POSITIVE_INFINITY), /its first moments/],
    ["squares below 0", (d) => d.second.fill(-1, 0, 1), /its second moments/],
    ["steps below 0", (d) => d.optimizerSteps.fill(-5), /optimizer steps/],
    ["time below 0", (d) => d.seconds.fill(-1), /its running time/],
    ["a staleness below 0", (d) => d.staleness.fill(-1, 0, 1), /histogram of staleness/],
    ["an actor that has half begun", (d) => d.begun.fill(2, 0, 1), /its list of actors/],
    ["a state that is no number", (d) => d.actors[1].state.fill(Number.NaN, 2, 3), /one of its actors: NaN/],
    ["a state that cannot be observed", (d) => d.actors[0].state.fill(1e300, 1, 2), /cannot be observed/],
    ["an episode beyond its step limit", (d) => d.actors[0].episodeSteps.fill(500, 0, 1), /step of an episode/],
    ["a random stream of zeros", (d) => d.actors[2].streams.fill(0, 4, 8), /random stream of zeros/],
  ] as [string, (data: CheckpointViews) => void, RegExp][])("%s", (_, change, words) => {
    const problem = checkpointFault(plan, changed(plan, whole, change));
    expect(problem).toMatch(/^this checkpoint is damaged \(.+: .+\)$/);
    expect(problem).toMatch(words);
  });

  test("and not for what it never reads", () => {
    const rest = changed(plan, whole, (data) => {
      data.returns.rows.fill(Number.NaN, data.returns.length[0] * 8);
      data.actors[7].state.fill(Number.NaN);
    });
    expect(checkpointFault(plan, rest)).toBeNull();
  });
});

test("a curve that nobody had begun begins when the run goes on", () => {
  const of = stage(smallConfig("a2c", { evalEvery: 1_000_000 }));
  of.learner.save();
  const { evaluations } = of.memory.checkpoint.data;
  expect([evaluations.length[0], evaluations.width[0]]).toEqual([0, 0]);
  const series = new Extremes(8, new Float64Array(SERIES_POINTS * 8), 4);
  resumeSeries(series, evaluations);
  for (let i = 0; i <= SERIES_POINTS; i++) series.add([i, i, 0, 10, i % 7, 0, 0, 0]);
  expect(series.length).toBeGreaterThan(SERIES_POINTS / 4);
});
