/** The plain yardstick of the benchmark computes what the engines compute. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainActing, plainEngine } from "../../src/bench/plain.ts";
import { Rng } from "../../src/core/rng.ts";
import type { Sources } from "../../src/nn/acting/acting.ts";
import { categorical } from "../../src/nn/acting/categorical.ts";
import { plainBehaviour } from "../../src/nn/policy.ts";
import { forward, plainEngine as reference } from "../nn/plain.ts";
import { anySizes, normals, specOf } from "../nn/specs.ts";

const drawn = fc.record({
  sizes: anySizes,
  rows: fc.constantFrom(1, 2, 3, 4, 7, 33, 70),
  seed: fc.nat(),
});

/** A stream of four words a row. */
function streams(seed: number, rows: number): Sources {
  const words = new Uint32Array(4 * rows);
  for (let r = 0; r < rows; r++) new Rng(words.subarray(4 * r, 4 * r + 4)).seed(seed, r);
  return { words, first: 0, apart: 4, steps: new Int32Array(rows), state: new Float32Array(0) };
}

const near = (is: ArrayLike<number>, as: ArrayLike<number>) => {
  expect(is.length).toBe(as.length);
  Array.from(as, (x, i) =>
    expect(Math.abs(is[i] - x), `${is[i]}, not ${x}, at ${i}`).toBeLessThan(1e-5 * (1 + Math.abs(x))),
  );
};

describe("plain JavaScript", () => {
  test("acts as the network does, whatever ran before", () => {
    fc.assert(
      fc.property(drawn, ({ sizes, rows, seed }) => {
        const spec = specOf(sizes);
        const policy = plainActing(spec, rows, streams(seed, rows));
        for (const count of [rows, 1, rows]) {
          const parameters = normals(seed + count, spec.size, 0.7);
          policy.load(parameters);
          policy.observation.set(normals(seed + count + 1, rows * spec.inputs));
          policy.run(count);
          for (let r = 0; r < count; r++) {
            const row = [...policy.observation.subarray(r * spec.inputs, (r + 1) * spec.inputs)];
            const { logits, value } = forward(sizes, parameters, row);
            near(policy.outputs.slice(r * policy.stride, r * policy.stride + spec.width), [...logits, value]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test("draws the actions that the policy of nn draws", () => {
    const spec = specOf({ inputs: 4, widths: [64, 64], actions: 3, activation: "tanh" });
    const rows = 64;
    const ours = plainActing(spec, rows, streams(7, rows));
    const theirs = plainBehaviour(spec, rows, categorical(spec), streams(7, rows));
    const parameters = normals(1, spec.size, 0.3);
    const drawnActions = new Set<number>();
    for (let step = 0; step < 20; step++) {
      for (const policy of [ours, theirs]) {
        policy.load(parameters);
        policy.observation.set(normals(step, rows * spec.inputs));
        policy.run(rows);
        policy.sample(rows, {});
      }
      expect([...ours.actions]).toEqual([...theirs.actions]);
      for (const action of ours.actions) drawnActions.add(action);
    }
    expect(drawnActions.size).toBe(3);
  });

  test("differentiates the loss", () => {
    fc.assert(
      fc.property(
        drawn,
        fc.constantFrom(0, 0.25, 3),
        fc.constantFrom(0, 0.01, 0.5),
        ({ sizes, rows, seed }, valueCost, entropyCost) => {
          const spec = specOf(sizes);
          const ours = plainEngine(spec);
          const theirs = reference(sizes);
          const batch = {
            rows,
            observation: normals(seed + 1, rows * spec.inputs),
            action: Float32Array.from(normals(seed + 2, rows), (x) => Math.floor(Math.abs(x) * 1000) % sizes.actions),
            advantage: normals(seed + 3, rows, 2),
            returns: normals(seed + 4, rows, 5),
          };
          // The second time finds what the first left behind.
          for (const again of [0, 1]) {
            const parameters = normals(seed + again, spec.size, 0.7);
            const [results, expected] = [ours, theirs].map((engine) => {
              const gradient = new Float32Array(spec.size).fill(Number.NaN);
              const stats = new Float32Array(4).fill(Number.NaN);
              engine.differentiate(parameters, batch, { valueCost, entropyCost }, gradient, stats);
              return { gradient, stats };
            });
            near(results.gradient, expected.gradient);
            near(results.stats, expected.stats);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
