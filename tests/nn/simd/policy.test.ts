import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { f32, layout, u32, viewsOf } from "../../../src/core/layout.ts";
import { Rng } from "../../../src/core/rng.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { type Policy, plainPolicy } from "../../../src/nn/policy.ts";
import { type Build, loadKernels } from "../../../src/nn/simd/kernels.ts";
import { workspaceLayout } from "../../../src/nn/simd/network.ts";
import { simdPolicy } from "../../../src/nn/simd/policy.ts";
import { sharedMemory } from "../../../src/runtime/memory/memory.ts";
import { logSoftmax, type Sizes } from "../plain.ts";
import { anySizes, normals, specOf } from "../specs.ts";
import { builds } from "./arena.ts";

/** Both policies on the same parameters. Row r's streams are equal, and lie as an actor has them: the second of two. */
function acting(sizes: Sizes, rows: number, seed: number, build: Build = "reproducible", scale = 0.7) {
  const spec = specOf(sizes);
  const of = layout({
    parameters: f32(spec.size),
    streams: u32(rows, 2, 4),
    workspace: workspaceLayout(spec, rows, null),
  });
  const memory = sharedMemory(of.bytes);
  const { parameters, streams, workspace } = viewsOf(of, memory.buffer);
  parameters.set(normals(seed, spec.size, scale));
  for (let s = 0; s < 2 * rows; s++) new Rng(streams.subarray(4 * s, 4 * s + 4)).seed(seed, s);
  const twin = streams.slice();
  const place = { first: 4, apart: 8 };
  const policy = simdPolicy(loadKernels(memory, build), spec, workspace, rows, { words: streams, ...place });
  const plain = plainPolicy(spec, rows, { words: twin, ...place });
  policy.load(parameters);
  plain.load(parameters);
  return { spec, policy, plain, streams, twin };
}

const observe = (policy: Policy, observation: Float32Array) => policy.observation.set(observation);
const rowOf = ({ outputs, stride }: Policy, row: number, actions: number) =>
  [...outputs.subarray(row * stride, row * stride + actions + 1)] as number[];

const drawn = { sizes: anySizes, rows: fc.integer({ min: 1, max: 11 }), seed: fc.nat() };

describe.each(builds)("the SIMD policy, %s", (build) => {
  test("says and draws what the plain policy does, and leaves the same streams", () => {
    let sampled = 0;
    let different = 0;
    fc.assert(
      fc.property(fc.record(drawn), ({ sizes, rows, seed }) => {
        const { policy, plain, streams, twin } = acting(sizes, rows, seed, build);
        for (let step = 0; step < 4; step++) {
          const observation = normals(seed + step, rows * sizes.inputs);
          for (const each of [policy, plain]) {
            observe(each, observation);
            each.run(rows);
            each.sample(rows);
          }
          for (let r = 0; r < rows; r++) {
            const expected = rowOf(plain, r, sizes.actions);
            rowOf(policy, r, sizes.actions).forEach((z, a) => {
              expect(Math.abs(z - expected[a])).toBeLessThan(1e-5 * (1 + Math.abs(expected[a])));
            });
            sampled++;
            if (policy.actions[r] !== plain.actions[r]) different++;
          }
        }
        expect([...streams]).toEqual([...twin]);
      }),
    );
    // The same uniform number falls into another stretch only within rounding of its end.
    expect(different / sampled).toBeLessThan(1e-3);
  });

  test("a row's outputs and action do not depend on the rows beside it, in tiles of four or left over, bit for bit", () => {
    fc.assert(
      fc.property(fc.record(drawn), fc.nat(), ({ sizes, rows, seed }, shift) => {
        const { inputs, actions } = sizes;
        const observation = normals(seed + 1, rows * inputs);
        const one = acting(sizes, rows, seed, build);
        observe(one.policy, observation);
        one.policy.run(rows);
        one.policy.sample(rows);

        // The same rows in another order, each with its own stream; rows of a tile become rows left over.
        const from = (r: number) => (r + shift) % rows;
        const other = acting(sizes, rows, seed, build);
        const streams = other.streams.slice();
        for (let r = 0; r < rows; r++) {
          other.policy.observation.set(observation.subarray(from(r) * inputs, (from(r) + 1) * inputs), r * inputs);
          other.streams.set(streams.subarray(8 * from(r), 8 * from(r) + 8), 8 * r);
        }
        other.policy.run(rows);
        other.policy.sample(rows);
        for (let r = 0; r < rows; r++) {
          expect(rowOf(other.policy, r, actions)).toEqual(rowOf(one.policy, from(r), actions));
          expect(other.policy.actions[r]).toBe(one.policy.actions[from(r)]);
          expect([...other.streams.subarray(8 * r, 8 * r + 8)]).toEqual([
            ...one.streams.subarray(8 * from(r), 8 * from(r) + 8),
          ]);
        }
      }),
    );
  });

  test("a draw advances a row's own stream by one number, and nothing else", () => {
    const { policy, streams } = acting({ inputs: 3, widths: [5], actions: 4, activation: "relu" }, 7, 3, build);
    const twin = streams.slice();
    policy.run(7);
    expect([...streams]).toEqual([...twin]); // running draws nothing
    policy.actions.fill(-1);
    policy.sample(5);
    for (let r = 0; r < 5; r++) new Rng(twin.subarray(8 * r + 4, 8 * r + 8)).next();
    expect([...streams]).toEqual([...twin]);
    expect([...policy.actions.subarray(5)]).toEqual([-1, -1]);
    for (const action of policy.actions.subarray(0, 5)) expect([0, 1, 2, 3]).toContain(action);
  });

  test.each([
    [[0, 0]],
    [[0, 1.5]],
    [[4, -4]],
    [[0, -80]],
    [[300, -300]],
    [[0, 0.5, -0.5]],
    [[2, 0, -1, 0.5, 1]],
    [[-5, -5, -5, -1000, -5]],
    [[900, 899, 898, 897, 880, 0]],
  ])("actions come as often as softmax(%o) says", (logits) => {
    const actions = logits.length;
    const rows = 50;
    const draws = 600;
    const spec = specOf({ inputs: 1, actions: actions, widths: [], activation: "tanh" });
    const { policy } = acting({ inputs: 1, widths: [], actions, activation: "tanh" }, rows, 7, build);
    const parameters = new Float32Array(policy.observation.buffer, 0, spec.size); // the first array of the memory
    parameters.fill(0);
    parameters.set(logits, layerOf(spec, "logits", "dense").bias);
    policy.load(parameters);
    policy.run(rows);
    const counts = logits.map(() => 0);
    for (let d = 0; d < draws; d++) {
      policy.sample(rows);
      for (const action of policy.actions) counts[action]++;
    }
    const n = rows * draws;
    logSoftmax(logits).forEach((logP, a) => {
      const p = Math.exp(logP);
      if (p < 1e-12) expect(counts[a]).toBe(0);
      else expect(Math.abs(counts[a] - n * p), `action ${a}`).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)) + 1e-6);
    });
  });

  test("logits that are not numbers still give an action and advance the stream", () => {
    const { policy, streams } = acting({ inputs: 1, widths: [], actions: 3, activation: "tanh" }, 5, 2, build);
    const before = streams.slice();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      policy.outputs.fill(bad);
      policy.sample(5);
      for (const action of policy.actions) expect([0, 1, 2]).toContain(action);
    }
    expect([...streams]).not.toEqual([...before]);
  });
});
