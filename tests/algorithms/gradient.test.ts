import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmId, algorithms } from "../../src/algorithms/index.ts";
import { defaultsOf } from "../../src/core/params.ts";
import type { Batch } from "../../src/nn/engine.ts";
import { tfjsEngine } from "../../src/nn/tfjs/engine.ts";
import { type Costs, gradientOf, lossOf, type Sizes } from "../nn/plain.ts";
import { anySizes, normals, specOf } from "../nn/specs.ts";
import { tf } from "../nn/tf.ts";

interface Case {
  sizes: Sizes;
  parameters: Float32Array;
  batch: Batch;
  hp: Costs;
}

/** Drawn parameters, experience and costs. A scale of 2 pushes the policy's logits tens apart. */
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    sizes: anySizes,
    rows: fc.constantFrom(1, 2, 3, 5, 7, 13),
    seed: fc.nat(),
    scale: fc.constantFrom(0.1, 0.7, 2),
    valueCost: fc.constantFrom(0, 0.25, 0.5, 3),
    entropyCost: fc.constantFrom(0, 0.01, 0.5),
  })
  .map(({ sizes, rows, seed, scale, valueCost, entropyCost }) => ({
    sizes,
    parameters: normals(seed, specOf(sizes).size, scale),
    batch: {
      rows,
      observation: normals(seed + 1, rows * sizes.inputs),
      action: Float32Array.from(normals(seed + 2, rows), (x) => Math.floor(Math.abs(x) * 1000) % sizes.actions),
      advantage: normals(seed + 3, rows, 2),
      returns: normals(seed + 4, rows, 5),
    },
    hp: { valueCost, entropyCost },
  }));

function engineResult(algo: AlgorithmId, { sizes, parameters, batch, hp }: Case) {
  const spec = specOf(sizes);
  const engine = tfjsEngine(tf, "cpu", spec, algorithms[algo].losses.categorical);
  const gradient = new Float32Array(spec.size).fill(Number.NaN);
  const stats = new Float32Array(4).fill(Number.NaN);
  engine.differentiate(parameters, batch, { ...defaultsOf(algorithms[algo].params), ...hp }, gradient, stats);
  engine.dispose();
  return { gradient, stats };
}

/** ∂loss/∂θ_i ≈ (L(θ + h e_i) − L(θ − h e_i)) / 2h, in float64. */
function centralDifference({ sizes, parameters, batch, hp }: Case, i: number): number {
  const h = 1e-5;
  const theta = Float64Array.from(parameters);
  theta[i] = parameters[i] + h;
  const above = lossOf(sizes, theta, batch, hp).loss;
  theta[i] = parameters[i] - h;
  return (above - lossOf(sizes, theta, batch, hp).loss) / (2 * h);
}

/** A relu has no derivative at its corner: a difference that straddles it tells nothing. */
const smooth = (of: Case): Case => ({ ...of, sizes: { ...of.sizes, activation: "tanh" } });

const greatest = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);

/** Every loss once, under the first algorithm that has it. */
const losses = (Object.keys(algorithms) as AlgorithmId[]).filter(
  (id, i, ids) =>
    ids.findIndex((other) => algorithms[other].losses.categorical === algorithms[id].losses.categorical) === i,
);

describe.each(losses)("the loss of %s", (algo) => {
  test("the gradient of the learner's engine agrees with central differences of the loss", () => {
    fc.assert(
      fc.property(anyCase.map(smooth), (of) => {
        const { gradient } = engineResult(algo, of);
        const scale = 1 + greatest(gradient);
        for (let i = 0; i < gradient.length; i++)
          expect(Math.abs(gradient[i] - centralDifference(of, i)), `parameter ${i}`).toBeLessThan(2e-5 * scale);
      }),
      { numRuns: 40 },
    );
  });

  test("the gradient agrees with the chain rule in plain arithmetic, relu included", () => {
    fc.assert(
      fc.property(anyCase, (of) => {
        const { gradient } = engineResult(algo, of);
        const expected = gradientOf(of.sizes, of.parameters, of.batch, of.hp);
        const scale = 1 + greatest(expected);
        gradient.forEach((g, i) => {
          expect(Math.abs(g - expected[i]), `parameter ${i}`).toBeLessThan(2e-5 * scale);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("the parts of the loss are the formula's", () => {
    fc.assert(
      fc.property(anyCase, (of) => {
        const { stats } = engineResult(algo, of);
        const parts = lossOf(of.sizes, of.parameters, of.batch, of.hp);
        [parts.loss, parts.policyLoss, parts.valueLoss, parts.entropy].forEach((part, i) => {
          expect(Math.abs(stats[i] - part)).toBeLessThan(1e-5 * (1 + Math.abs(part)));
        });
      }),
      { numRuns: 60 },
    );
  });

  test("one row worked by hand: two equal logits, A = 2, R − V = 3", () => {
    // No hidden layer, all parameters zero: π = (½, ½), V = 0, observation 1.
    const of: Case = {
      sizes: { inputs: 1, widths: [], actions: 2, activation: "tanh" },
      parameters: new Float32Array(6),
      batch: {
        rows: 1,
        observation: Float32Array.of(1),
        action: Float32Array.of(1),
        advantage: Float32Array.of(2),
        returns: Float32Array.of(3),
      },
      hp: { valueCost: 0.5, entropyCost: 0.1 },
    };
    const { gradient, stats } = engineResult(algo, of);
    // policy 2 ln 2    value ½·9    entropy ln 2    loss 2 ln 2 + ½·4.5 − 0.1 ln 2
    expect(stats[0]).toBeCloseTo(1.9 * Math.LN2 + 2.25, 5);
    expect(stats[1]).toBeCloseTo(2 * Math.LN2, 5);
    expect(stats[2]).toBeCloseTo(4.5, 5);
    expect(stats[3]).toBeCloseTo(Math.LN2, 5);
    // ∂/∂z = A (π − taken) = 2 (½, −½) (entropy is at its maximum: no slope)    ∂/∂V = ½ (0 − 3)
    [1, -1, 1, -1, -1.5, -1.5].forEach((g, i) => {
      expect(gradient[i]).toBeCloseTo(g, 5);
    });
  });

  test("logits hundreds apart give finite numbers, and the right ones", () => {
    const sizes: Sizes = { inputs: 1, widths: [], actions: 3, activation: "tanh" };
    for (const [high, middle, low] of [
      [300, 0, -300],
      [5000, -20, -5000],
    ]) {
      const of: Case = {
        sizes,
        parameters: Float32Array.of(high, middle, low, 0, 0, 0, 0, 0),
        batch: {
          rows: 2,
          observation: Float32Array.of(1, 1),
          action: Float32Array.of(2, 0),
          advantage: Float32Array.of(1, -1),
          returns: Float32Array.of(0, 0),
        },
        hp: { valueCost: 0.5, entropyCost: 0.5 },
      };
      const { gradient, stats } = engineResult(algo, of);
      // log π = (0, middle − high, low − high); row 0 pays for its unlikely action, row 1 for none; π = (1, 0, 0)
      expect(stats[1] / ((high - low) / 2)).toBeCloseTo(1, 5);
      expect(stats[3]).toBeCloseTo(0, 5);
      // mean of 1·((1, 0, 0) − (0, 0, 1)) and −1·((1, 0, 0) − (1, 0, 0))
      [0.5, 0, -0.5].forEach((g, i) => {
        expect(gradient[i]).toBeCloseTo(g, 5);
      });
      for (const g of gradient) expect(Number.isFinite(g)).toBe(true);
    }
  });

  test("nothing of a call stays on the backend", () => {
    const of = fc.sample(anyCase, { numRuns: 1, seed: 1 })[0];
    engineResult(algo, of);
    const before = tf.memory().numTensors;
    engineResult(algo, of);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("rows beyond the batch are not read", () => {
    const of = fc.sample(anyCase, { numRuns: 1, seed: 2 })[0];
    const padded = (a: Float32Array) =>
      Float32Array.from([...a, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    const { batch } = of;
    const longer: Batch = {
      rows: batch.rows,
      observation: padded(batch.observation),
      action: Float32Array.from([...batch.action, 0]),
      advantage: padded(batch.advantage),
      returns: padded(batch.returns),
    };
    expect(engineResult(algo, { ...of, batch: longer })).toEqual(engineResult(algo, of));
  });
});

test("the chain rule in plain arithmetic agrees with central differences", () => {
  fc.assert(
    fc.property(anyCase.map(smooth), (of) => {
      const gradient = gradientOf(of.sizes, of.parameters, of.batch, of.hp);
      const scale = 1 + greatest(gradient);
      gradient.forEach((g, i) => {
        expect(Math.abs(g - centralDifference(of, i))).toBeLessThan(1e-6 * scale);
      });
    }),
    { numRuns: 40 },
  );
});
