/** Optimizers and clipping by their properties; tests/cli/golden.test.ts holds them to reference values. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adam,
  clipByGlobalNorm,
  globalNorm,
  type Moments,
  type OptimizerValues,
  rmsprop,
} from "../../src/nn/optimizers.ts";
import { normals } from "./specs.ts";
import { tf } from "./tf.ts";

const moments = (size: number): Moments => ({
  first: new Float32Array(size),
  second: new Float32Array(size),
  steps: new Int32Array(1),
});

describe("against TensorFlow.js over many steps", () => {
  const size = 7;
  const steps = 60;

  /** The parameters after every step, by tf's optimizer and by ours, from the same gradients. */
  function bothRuns(
    theirs: ReturnType<typeof tf.train.adam> | ReturnType<typeof tf.train.rmsprop>,
    ours: typeof adam,
    hp: OptimizerValues,
    seed: number,
    scale: number,
  ): void {
    const theta = normals(seed, size);
    const of = moments(size);
    const variable = tf.variable(tf.tensor1d(theta.slice()));
    for (let step = 1; step <= steps; step++) {
      const g = normals(seed + step, size, scale);
      if (step % 7 === 0) g.fill(0);
      ours(theta, g, of, hp);
      tf.tidy(() => theirs.applyGradients([{ name: variable.name, tensor: tf.tensor1d(g) }]));
      variable.dataSync().forEach((x, i) => {
        expect(Math.abs(theta[i] - x)).toBeLessThan(2e-5 * (1 + Math.abs(x)));
      });
    }
    variable.dispose();
    theirs.dispose();
  }

  const cases = fc.record({
    seed: fc.nat(),
    scale: fc.constantFrom(1e-4, 1, 30),
    lr: fc.double({ min: 1e-4, max: 0.02, noNaN: true }),
    decay: fc.constantFrom(0, 0.9, 0.99),
    beta1: fc.constantFrom(0, 0.5, 0.9),
    beta2: fc.constantFrom(0.9, 0.99, 0.999),
    epsilon: fc.constantFrom(1e-5, 1e-3, 0.1),
  });

  test("Adam", () => {
    fc.assert(
      fc.property(cases, ({ seed, scale, ...hp }) => {
        bothRuns(tf.train.adam(hp.lr, hp.beta1, hp.beta2, hp.epsilon), adam, hp, seed, scale);
      }),
      { numRuns: 15 },
    );
  });

  test("RMSProp, not centred and without momentum", () => {
    fc.assert(
      fc.property(cases, ({ seed, scale, ...hp }) => {
        bothRuns(tf.train.rmsprop(hp.lr, hp.decay, 0, hp.epsilon, false), rmsprop, hp, seed, scale);
      }),
      { numRuns: 15 },
    );
  });
});

describe("clipping by global norm", () => {
  test("min(1, c / ‖g‖) g, direction kept", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, limit) => {
        const g = normals(seed, 11, 3);
        const before = [...g];
        const norm = Math.hypot(...before);
        expect(clipByGlobalNorm(g, limit)).toBeCloseTo(norm, 9);
        const scale = Math.min(1, limit / norm);
        g.forEach((x, i) => {
          expect(x).toBeCloseTo(before[i] * scale, 4);
        });
        expect(globalNorm(g)).toBeLessThanOrEqual(limit * (1 + 1e-6));
      }),
    );
  });

  test("what is not a number is not hidden", () => {
    expect(clipByGlobalNorm(Float32Array.of(1, Number.NaN), 1)).toBeNaN();
    expect(clipByGlobalNorm(Float32Array.of(1, Number.POSITIVE_INFINITY), 1)).toBe(Number.POSITIVE_INFINITY);
  });
});

test("steps are counted as long as they matter, and no count becomes negative", () => {
  const moments = { first: new Float32Array(1), second: new Float32Array(1), steps: Int32Array.of(2 ** 30 - 2) };
  const theta = Float32Array.of(1);
  const rates = { lr: 0.01, decay: 0.99, beta1: 0.9, beta2: 0.99999, epsilon: 1e-5 };
  for (let k = 0; k < 5; k++) adam(theta, Float32Array.of(1), moments, rates);
  expect(moments.steps[0]).toBe(2 ** 30);
  expect(theta[0]).toBeLessThan(1);
  expect(theta[0]).toBeGreaterThan(-100); // no bias is corrected any more: 1 / √((1 − β₂) k) each
});
