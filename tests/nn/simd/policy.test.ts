import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { f32, i32, layout, u32, viewsOf } from "../../../src/core/layout.ts";
import { Rng } from "../../../src/core/rng.ts";
import type { Acting } from "../../../src/nn/acting/acting.ts";
import { categorical } from "../../../src/nn/acting/categorical.ts";
import { gaussian } from "../../../src/nn/acting/gaussian.ts";
import { stateDependent } from "../../../src/nn/acting/sde.ts";
import type { NetworkSpec } from "../../../src/nn/graph.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { actorCriticNetwork, type Trunk, trunks } from "../../../src/nn/networks.ts";
import { type Policy, plainBehaviour } from "../../../src/nn/policy.ts";
import { type Build, loadKernels } from "../../../src/nn/simd/kernels.ts";
import { SimdNetwork, workspaceLayout } from "../../../src/nn/simd/network.ts";
import { actingLayout, simdBehaviour } from "../../../src/nn/simd/policy.ts";
import { sharedMemory } from "../../../src/runtime/memory/memory.ts";
import { logSoftmax, type Sizes } from "../plain.ts";
import { anySizes, normals, specOf } from "../specs.ts";
import { builds } from "./arena.ts";

/**
 * Both policies on the same parameters, with the same rule. Row r's streams are equal, and lie as an actor has them: the second of
 * two. kept: rows whose activations stay
 */
function ruled(
  spec: NetworkSpec,
  rule: Acting,
  rows: number,
  seed: number,
  build: Build = "reproducible",
  scale = 0.7,
  kept = rows,
) {
  const of = layout({
    parameters: f32(spec.size),
    streams: u32(rows, 2, 4),
    steps: i32(rows),
    state: f32(rows, rule.state),
    workspace: workspaceLayout(spec, rows, null, kept),
    acting: actingLayout(rule, rows),
  });
  const memory = sharedMemory(of.bytes);
  const { parameters, streams, steps, state, workspace, acting } = viewsOf(of, memory.buffer);
  parameters.set(normals(seed, spec.size, scale));
  for (let s = 0; s < 2 * rows; s++) new Rng(streams.subarray(4 * s, 4 * s + 4)).seed(seed, s);
  const twin = streams.slice();
  const twinState = state.slice();
  const place = { first: 4, apart: 8, steps };
  const kernels = loadKernels(memory, build);
  const network = new SimdNetwork(kernels, spec, workspace, kept);
  const policy = simdBehaviour(kernels, network, workspace, rule, acting, { words: streams, state, ...place });
  const plain = plainBehaviour(spec, rows, rule, { words: twin, state: twinState, ...place });
  policy.load(parameters);
  plain.load(parameters);
  return { spec, policy, plain, streams, twin, steps, state, twinState };
}

/** With logits. */
function acting(sizes: Sizes, rows: number, seed: number, build?: Build) {
  const spec = specOf(sizes);
  return ruled(spec, categorical(spec), rows, seed, build);
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
            each.sample(rows, {});
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
        one.policy.sample(rows, {});

        // The same rows in another order, each with its own stream; rows of a tile become rows left over.
        const from = (r: number) => (r + shift) % rows;
        const other = acting(sizes, rows, seed, build);
        const streams = other.streams.slice();
        for (let r = 0; r < rows; r++) {
          other.policy.observation.set(observation.subarray(from(r) * inputs, (from(r) + 1) * inputs), r * inputs);
          other.streams.set(streams.subarray(8 * from(r), 8 * from(r) + 8), 8 * r);
        }
        other.policy.run(rows);
        other.policy.sample(rows, {});
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
    policy.sample(5, {});
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
      policy.sample(rows, {});
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
      policy.sample(5, {});
      for (const action of policy.actions) expect([0, 1, 2]).toContain(action);
    }
    expect([...streams]).not.toEqual([...before]);
  });
});

const rules = {
  white: { logSigma: "free", of: (spec) => gaussian(spec, "white"), values: {} },
  ou: { logSigma: "free", of: (spec) => gaussian(spec, "ou"), values: { ouDecay: 0.8 } },
  gsde: { logSigma: "sde", of: stateDependent, values: { sdeEvery: 3 } },
} satisfies Record<string, { logSigma: "free" | "sde"; of(spec: NetworkSpec): Acting; values: Record<string, number> }>;

interface DrawnGaussian {
  inputs: number;
  hidden: number[];
  trunk: Trunk;
  size: number;
  rows: number;
  seed: number;
}

const drawnGaussian: fc.Arbitrary<DrawnGaussian> = fc.record({
  inputs: fc.integer({ min: 1, max: 5 }),
  hidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 2 }),
  trunk: fc.constantFrom(...trunks),
  size: fc.integer({ min: 1, max: 3 }),
  rows: fc.integer({ min: 1, max: 7 }),
  seed: fc.nat(),
});

const gaussianSpec = (logSigma: "free" | "sde", { size, ...of }: DrawnGaussian) =>
  actorCriticNetwork({
    ...of,
    activation: "tanh",
    policy: { mean: size, logSigma, initialLogSigma: -1 },
    normalise: false,
  });

describe.each(builds)("Gaussian rules, %s", (build) => {
  test.each(Object.keys(rules) as (keyof typeof rules)[])(
    "%s draws what the plain form draws, keeps the same state, and leaves the same streams",
    (name) => {
      const { logSigma, of, values } = rules[name];
      fc.assert(
        fc.property(drawnGaussian, (drawn) => {
          const { inputs, rows, seed } = drawn;
          const spec = gaussianSpec(logSigma, drawn);
          const both = ruled(spec, of(spec), rows, seed, build, 0.5, 3 * rows);
          const { policy, plain, streams, twin, steps, state, twinState } = both;
          for (let step = 0; step < 5; step++) {
            const observation = normals(seed + step, rows * inputs);
            for (const each of [policy, plain]) {
              observe(each, observation);
              each.run(rows, (step % 3) * rows);
              each.sample(rows, values);
            }
            policy.actions.forEach((a, i) => {
              expect(Math.abs(a - plain.actions[i])).toBeLessThan(2e-5 * (1 + Math.abs(plain.actions[i])));
            });
            state.forEach((x, i) => {
              expect(Math.abs(x - twinState[i])).toBeLessThan(1e-5);
            });
            // Every other row begins another episode at its second step.
            for (let r = 0; r < rows; r++) steps[r] = step === 1 && r % 2 === 0 ? 0 : steps[r] + 1;
          }
          expect([...streams]).toEqual([...twin]);
        }),
      );
    },
  );

  test.each(Object.keys(rules) as (keyof typeof rules)[])(
    "%s: over many episodes actions are distributed as mean and log σ say",
    (name) => {
      const { logSigma, of, values } = rules[name];
      const rows = 64;
      const size = 2;
      const drawn: DrawnGaussian = { inputs: 3, hidden: [5], trunk: "shared", size, rows, seed: 4 };
      const spec = gaussianSpec(logSigma, drawn);
      const { policy, steps } = ruled(spec, of(spec), rows, 4, build, 0.5);
      const observation = normals(9, 3);
      for (let r = 0; r < rows; r++) policy.observation.set(observation, 3 * r);
      policy.run(rows);
      const [mean, log] = ["mean", "logSigma"].map(
        (output) => spec.outputs.find((o) => o.name === output)?.column ?? -1,
      );
      const sums = [0, 1].map(() => ({ one: 0, two: 0 }));
      // Episodes of one length: their last step is looked at, which is far from the first for all of them.
      const episodes = 400;
      for (let episode = 0; episode < episodes; episode++)
        for (let step = 0; step < 4; step++) {
          steps.fill(step);
          policy.sample(rows, values);
          if (step < 3) continue;
          policy.actions.forEach((a, i) => {
            const u = (a - policy.outputs[mean + (i % size)]) / Math.exp(policy.outputs[log + (i % size)]);
            sums[i % size].one += u;
            sums[i % size].two += u * u;
          });
        }
      const n = rows * episodes;
      for (const { one, two } of sums) {
        expect(Math.abs(one)).toBeLessThan(4 * Math.sqrt(n));
        expect(Math.abs(two - n)).toBeLessThan(4 * Math.sqrt(2 * n));
      }
    },
  );

  test("ou: noise remembers ρ of itself from step to step, and nothing over the start of an episode", () => {
    const rows = 64;
    const drawn: DrawnGaussian = { inputs: 1, hidden: [], trunk: "shared", size: 1, rows, seed: 2 };
    const spec = gaussianSpec("free", drawn);
    const { policy, steps, state } = ruled(spec, gaussian(spec, "ou"), rows, 2, build, 0.5);
    const products = { within: 0, over: 0 };
    policy.run(rows);
    let n = 0;
    let before = state.slice();
    for (let step = 0; step < 800; step++) {
      const first = step % 2 === 0;
      steps.fill(first ? 0 : 1);
      policy.sample(rows, { ouDecay: 0.8 });
      if (step > 0) {
        for (let r = 0; r < rows; r++) products[first ? "over" : "within"] += before[r] * state[r];
        n += rows / 2;
      }
      before = state.slice();
    }
    expect(Math.abs(products.within - 0.8 * n)).toBeLessThan(4 * Math.sqrt(n * 1.64) + rows);
    expect(Math.abs(products.over)).toBeLessThan(4 * Math.sqrt(n));
  });

  test("gsde: the same noise in the same state until it is drawn anew", () => {
    const rows = 3;
    const drawn: DrawnGaussian = { inputs: 2, hidden: [4], trunk: "shared", size: 1, rows, seed: 2 };
    const spec = gaussianSpec("sde", drawn);
    const { policy, steps } = ruled(spec, stateDependent(spec), rows, 2, build, 0.5);
    policy.observation.set(normals(3, 2 * rows));
    policy.run(rows);
    const actions: number[][] = [];
    for (let step = 0; step < 7; step++) {
      steps.fill(step);
      policy.sample(rows, { sdeEvery: 3 });
      actions.push([...policy.actions]);
    }
    for (const [step, same] of [true, true, false, true, true, false].entries())
      for (let r = 0; r < rows; r++) expect(actions[step][r] === actions[step + 1][r], `${step}`).toBe(same);
  });
});

test("what a Gaussian rule says of its outputs", () => {
  const drawn: DrawnGaussian = { inputs: 1, hidden: [], trunk: "shared", size: 2, rows: 1, seed: 2 };
  const rule = gaussian(gaussianSpec("free", drawn), "white");
  const outputs = [9, 9, 9, 1.5, -2, 0.5, -20, 7]; // mean, log σ and value from column 3 on
  expect([...rule.mode(outputs, 3, new Float32Array(2))]).toEqual([1.5, -2]);
  expect([0, 1].map((k) => rule.leaning(outputs, 3, k))).toEqual([1.5, -2]);
  expect(rule.entropy(outputs, 3)).toBeCloseTo(2 * 1.4189385332046727 + 0.5 - 10, 12);
});

test("what a categorical rule says of its outputs", () => {
  const rule = categorical(specOf({ inputs: 1, widths: [], actions: 3, activation: "tanh" }));
  const outputs = [9, 1, 3, 3, 7, 0, 0, 1000, 7]; // two rows of logits and value from column 1 on
  expect([...rule.mode(outputs, 1, new Float32Array(1))]).toEqual([1]); // the first of equals
  const p = logSoftmax([1, 3, 3]).map(Math.exp);
  expect(rule.leanings).toBe(3);
  p.forEach((x, k) => {
    expect(rule.leaning(outputs, 1, k)).toBeCloseTo(x, 12);
  });
  expect(rule.entropy(outputs, 1)).toBeCloseTo(-p.reduce((sum, x) => sum + x * Math.log(x), 0), 12);
  const uniform = [0, 0, 0, 0];
  const kl = p.reduce((sum, x) => sum + x * Math.log(x * 3), 0);
  expect(rule.divergence(outputs, 1, uniform, 0)).toBeCloseTo(kl, 12);
  expect(rule.divergence(outputs, 1, outputs, 1)).toBeCloseTo(0, 12);
  expect(rule.entropy(outputs, 5)).toBeCloseTo(0, 12); // no logarithm of nothing
});

test("policies are never less than nothing apart", () => {
  const rules = [
    categorical(specOf({ inputs: 1, widths: [], actions: 4, activation: "tanh" })),
    gaussian(gaussianSpec("free", { inputs: 1, hidden: [], trunk: "shared", size: 2, rows: 1, seed: 1 }), "white"),
  ];
  const outputs = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(outputs, outputs, (p, q) => {
      for (const rule of rules) {
        expect(rule.divergence(p, 0, q, 0)).toBeGreaterThanOrEqual(-1e-12);
        expect(rule.divergence(p, 0, p, 0)).toBeCloseTo(0, 12);
      }
    }),
  );
});
