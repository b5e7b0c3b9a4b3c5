/** Output gradients as they stand in the algorithms' files: held to tfjs autodiff of the loss, and by the SIMD kernels. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { algorithms } from "../../src/algorithms/index.ts";
import { f32, f64, i32, layout, viewsOf } from "../../src/core/layout.ts";
import { LOG_SIGMA_LEAST, LOG_SIGMA_MOST } from "../../src/nn/acting/gaussian.ts";
import { fieldWidth } from "../../src/nn/gradient.ts";
import type { Learns } from "../../src/nn/loss.ts";
import { loadKernels } from "../../src/nn/simd/kernels.ts";
import { padded } from "../../src/nn/simd/packing.ts";
import { RowFunction, rowScratch } from "../../src/nn/simd/rows.ts";
import { sharedMemory } from "../../src/runtime/memory/memory.ts";
import { builds } from "./simd/arena.ts";
import { normals } from "./specs.ts";
import { tf } from "./tf.ts";

/** Every loss once. */
const losses = new Map<string, Learns>(
  Object.values(algorithms)
    .flatMap(({ losses }) => Object.values(losses))
    .map((of) => [of.outputGradient.id, of]),
);

interface Drawn {
  rows: number;
  /** Logits, or numbers of an action. */
  actions: number;
  seed: number;
  scale: number;
  hp: { valueCost: number; entropyCost: number };
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  actions: fc.integer({ min: 2, max: 9 }),
  seed: fc.nat(),
  scale: fc.constantFrom(0.1, 1, 10),
  hp: fc.record({ valueCost: fc.constantFrom(0, 0.5, 3), entropyCost: fc.constantFrom(0, 0.01, 0.5) }),
});

type Arrays = Readonly<Record<string, Float32Array>>;
interface Batch {
  readonly outputs: Arrays;
  readonly fields: Arrays;
}

const estimates = ({ rows, seed }: Drawn) => ({
  advantage: normals(seed + 3, rows, 2),
  returns: normals(seed + 4, rows, 5),
});

/** For every loss: outputs and fields of the rows of a batch, and which outputs are a number a row and not a list. */
const draws: Record<string, (of: Drawn) => Batch> = {
  actorCritic(of) {
    const { rows, actions, seed, scale } = of;
    return {
      outputs: { logits: normals(seed, rows * actions, scale), value: normals(seed + 1, rows, 5) },
      fields: {
        action: Float32Array.from(normals(seed + 2, rows), (x) => Math.floor(Math.abs(x) * 1000) % actions),
        ...estimates(of),
      },
    };
  },
  gaussianActorCritic(of) {
    const { rows, actions, seed, scale } = of;
    const mean = normals(seed, rows * actions, scale);
    const logSigma = normals(seed + 5, rows * actions, scale);
    const action = normals(seed + 2, rows * actions).map(
      (x, i) => mean[i] + x * Math.exp(Math.min(Math.max(logSigma[i], LOG_SIGMA_LEAST), LOG_SIGMA_MOST)),
    );
    return { outputs: { mean, logSigma, value: normals(seed + 1, rows, 5) }, fields: { action, ...estimates(of) } };
  },
};

/** The row's part of an array of so many rows. */
const rowOf = (array: Float32Array, r: number, rows: number) =>
  array.subarray((r * array.length) / rows, ((r + 1) * array.length) / rows);

/** Mean loss with its statistics and its gradient in the outputs, by the row function as it stands. */
function plain({ outputGradient: of }: Learns, { outputs, fields }: Batch, rows: number, hp: Drawn["hp"]) {
  const stats = of.stats.map(() => 0);
  const d: number[][] = [];
  const entries = <T>(of: Arrays, map: (array: Float32Array, name: string) => T) =>
    Object.fromEntries(Object.entries(of).map(([name, array]) => [name, map(array, name)]));
  for (let r = 0; r < rows; r++) {
    const z = entries(outputs, (array) => rowOf(array, r, rows));
    const own = entries(z, ({ length }) => new Float64Array(length).fill(Number.NaN));
    const x = entries(fields, (array, name) => (of.fields[name as "action"] === 1 ? array[r] : rowOf(array, r, rows)));
    const stat = Object.fromEntries(of.stats.map((name) => [name, 0]));
    of.row(z, own, x as never, hp, stat);
    d.push(of.outputs.flatMap((name) => [...own[name]].map((x) => x / rows)));
    of.stats.forEach((name, i) => {
      stats[i] += stat[name] / rows;
    });
  }
  return { d, stats };
}

/** The same by TensorFlow.js from the loss alone. */
function autodiff({ loss, outputGradient: of }: Learns, { outputs, fields }: Batch, rows: number, hp: Drawn["hp"]) {
  return tf.tidy(() => {
    const matrix = (array: Float32Array): Tensor => tf.tensor2d(array, [rows, array.length / rows]);
    const batch = Object.fromEntries(
      Object.entries(fields).map(([name, array]) => [
        name,
        of.fields[name as "action"] === 1 ? tf.tensor1d(array) : matrix(array),
      ]),
    );
    let stats: number[] = [];
    const { grads } = tf.valueAndGrads((...z: Tensor[]) => {
      const net = () => Object.fromEntries(of.outputs.map((name, i) => [name, z[i] as Tensor2D]));
      const parts = loss(tf, net, { observation: tf.zeros([rows, 1]) as Tensor2D, ...batch } as never, hp);
      stats = Object.values(parts).map((part) => part.dataSync()[0]);
      return parts.loss;
    })(of.outputs.map((name) => matrix(outputs[name])));
    const each = grads.map((g) => g.dataSync() as Float32Array);
    return { d: Array.from({ length: rows }, (_, r) => each.flatMap((g) => [...rowOf(g, r, rows)])), stats };
  });
}

const close = (actual: readonly number[], expected: readonly number[], tolerance: number) =>
  expected.forEach((x, i) => {
    expect(Math.abs(actual[i] - x), `${i}: ${actual[i]} for ${x}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(x)));
  });

test("there is a draw for every loss", () => {
  expect(Object.keys(draws).sort()).toEqual([...losses.keys()].sort());
});

describe.each([...losses])("%s", (id, of) => {
  const gradient = of.outputGradient;

  test("the row function is the gradient of the loss that TensorFlow.js finds", () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const batch = draws[id](draw);
        const mine = plain(of, batch, draw.rows, draw.hp);
        const theirs = autodiff(of, batch, draw.rows, draw.hp);
        mine.d.forEach((row, r) => {
          close(row, theirs.d[r], 2e-5);
        });
        close(mine.stats, theirs.stats, 2e-5);
      }),
    );
  });

  test.each(builds)("the printed kernel computes it, build %s, and writes nothing else", (build) => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const { rows, hp } = draw;
        const { outputs, fields } = draws[id](draw);
        const widths = Object.fromEntries(gradient.outputs.map((name) => [name, outputs[name].length / rows]));
        const width = Object.values(widths).reduce((a, b) => a + b);
        const stride = padded(width);
        const of_ = layout({
          call: i32(gradient.outputs.length + Object.keys(gradient.fields).length),
          hp: f32(gradient.hp.length),
          gap: f32(4),
          rowScratch: f32(rowScratch(widths, gradient, stride)),
          gap1: f32(4),
          stats: f64(gradient.stats.length),
          outputs: f32(rows, stride),
          d: f32(rows, stride),
          gap2: f32(4),
          fields: layout(
            Object.fromEntries(
              Object.entries(gradient.fields).map(([name, of]) => [name, f32(rows, fieldWidth(of, widths))]),
            ),
          ),
          gap3: f32(4),
        });
        const memory = sharedMemory(of_.bytes);
        const views = viewsOf(of_, memory.buffer);
        const gaps = [views.gap, views.gap1, views.gap2, views.gap3];
        for (const gap of [...gaps, views.d, views.outputs, views.rowScratch]) gap.fill(Number.NaN);
        for (let r = 0; r < rows; r++)
          views.outputs.set(
            gradient.outputs.flatMap((name) => [...rowOf(outputs[name], r, rows)]),
            r * stride,
          );
        for (const [name, array] of Object.entries(views.fields)) array.set(fields[name]);
        const row = new RowFunction(loadKernels(memory, build), widths, gradient, views, stride);
        const addresses = Object.values(views.fields).map((array) => array.byteOffset);
        row.begin(rows, hp);
        row.differentiate({ observation: 0, fields: addresses }, 0, rows, views.outputs.byteOffset, views.d.byteOffset);
        const expected = plain(of, { outputs, fields }, rows, hp);
        for (let r = 0; r < rows; r++) {
          const own = [...views.d.subarray(r * stride, (r + 1) * stride)];
          close(own.slice(0, width), expected.d[r], 1e-5);
          expect(own.slice(width).every((x) => x === 0)).toBe(true);
        }
        close(
          [...views.stats].map((sum) => sum / rows),
          expected.stats,
          1e-5,
        );
        expect(gaps.every((gap) => gap.every(Number.isNaN))).toBe(true);
      }),
    );
  });
});
