/** Output gradients as they stand in the algorithms' files: held to tfjs autodiff of the loss, and by the SIMD kernels. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { algorithms } from "../../src/algorithms/index.ts";
import { f32, layout, viewsOf } from "../../src/core/layout.ts";
import { defaultsOf } from "../../src/core/params.ts";
import { outputWidths } from "../../src/nn/graph.ts";
import { loadKernels } from "../../src/nn/simd/kernels.ts";
import { workspaceLayout } from "../../src/nn/simd/network.ts";
import { padded } from "../../src/nn/simd/packing.ts";
import { RowFunction } from "../../src/nn/simd/rows.ts";
import { sharedMemory } from "../../src/runtime/memory/memory.ts";
import { builds } from "./simd/arena.ts";
import { normals, specOf } from "./specs.ts";
import { tf } from "./tf.ts";

/** One of the algorithms with each loss. */
const losses = [...new Map(Object.values(algorithms).map((of) => [of.outputGradient.id, of])).values()];

interface Drawn {
  rows: number;
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

/** Outputs and fields of the rows of a batch. */
function draw({ rows, actions, seed, scale }: Drawn) {
  return {
    logits: normals(seed, rows * actions, scale),
    value: normals(seed + 1, rows, 5),
    action: Float32Array.from(normals(seed + 2, rows), (x) => Math.floor(Math.abs(x) * 1000) % actions),
    advantage: normals(seed + 3, rows, 2),
    returns: normals(seed + 4, rows, 5),
  };
}

/** Mean loss with its statistics and its gradient in the outputs, by the row function as it stands. */
function plain({ outputGradient }: (typeof losses)[number], of: Drawn) {
  const { rows, actions, hp } = of;
  const batch = draw(of);
  const stats = outputGradient.stats.map(() => 0);
  const d: number[][] = [];
  for (let r = 0; r < rows; r++) {
    const own = { logits: new Float64Array(actions).fill(Number.NaN), value: new Float64Array(1).fill(Number.NaN) };
    const stat = Object.fromEntries(outputGradient.stats.map((name) => [name, 0]));
    outputGradient.row(
      { logits: batch.logits.subarray(r * actions, (r + 1) * actions), value: batch.value.subarray(r, r + 1) },
      own,
      { action: batch.action[r], advantage: batch.advantage[r], returns: batch.returns[r] },
      hp,
      stat,
    );
    d.push([...own.logits, ...own.value].map((x) => x / rows));
    outputGradient.stats.forEach((name, i) => {
      stats[i] += stat[name] / rows;
    });
  }
  return { d, stats };
}

/** The same by TensorFlow.js from the loss alone. */
function autodiff({ loss, params }: (typeof losses)[number], of: Drawn) {
  const { rows, actions, hp } = of;
  const batch = draw(of);
  return tf.tidy(() => {
    const logits = tf.tensor2d(batch.logits, [rows, actions]);
    const value = tf.tensor2d(batch.value, [rows, 1]);
    const tensors = {
      observation: tf.zeros([rows, 1]) as Tensor2D,
      action: tf.tensor1d(batch.action, "int32"),
      advantage: tf.tensor1d(batch.advantage),
      returns: tf.tensor1d(batch.returns),
    };
    let stats: number[] = [];
    const { grads } = tf.valueAndGrads((z: Tensor, v: Tensor) => {
      const net = () => ({ logits: z as Tensor2D, value: v as Tensor2D });
      const parts = loss(tf, net, tensors, { ...defaultsOf(params), ...hp } as never);
      stats = Object.values(parts).map((part) => part.dataSync()[0]);
      return parts.loss;
    })([logits, value]);
    const [dz, dv] = grads.map((g) => g.dataSync());
    return {
      d: Array.from({ length: rows }, (_, r) => [...dz.subarray(r * actions, (r + 1) * actions), dv[r]]),
      stats,
    };
  });
}

const close = (actual: readonly number[], expected: readonly number[], tolerance: number) =>
  expected.forEach((x, i) => {
    expect(Math.abs(actual[i] - x), `${i}: ${actual[i]} for ${x}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(x)));
  });

describe.each(losses.map((of) => [of.outputGradient.id, of] as const))("%s", (_, of) => {
  test("the row function is the gradient of the loss that TensorFlow.js finds", () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const mine = plain(of, draw);
        const theirs = autodiff(of, draw);
        mine.d.forEach((row, r) => {
          close(row, theirs.d[r], 2e-5);
        });
        close(mine.stats, theirs.stats, 2e-5);
      }),
    );
  });

  test.each(builds)("the printed kernel computes it, build %s, and writes nothing else", (build) => {
    fc.assert(
      fc.property(drawn, (draw_) => {
        const { rows, actions, hp } = draw_;
        const spec = specOf({ inputs: 1, widths: [], actions, activation: "tanh" });
        const stride = padded(actions + 1);
        const of_ = layout({
          workspace: workspaceLayout(spec, 4, of.outputGradient),
          gap: f32(4),
          outputs: f32(rows, stride),
          d: f32(rows, stride),
          gap1: f32(4),
          action: f32(rows),
          advantage: f32(rows),
          returns: f32(rows),
          gap2: f32(4),
        });
        const memory = sharedMemory(of_.bytes);
        const views = viewsOf(of_, memory.buffer);
        const gaps = [views.gap, views.gap1, views.gap2];
        for (const gap of [...gaps, views.d, views.outputs]) gap.fill(Number.NaN);
        const batch = draw(draw_);
        for (let r = 0; r < rows; r++) {
          views.outputs.set(batch.logits.subarray(r * actions, (r + 1) * actions), r * stride);
          views.outputs[r * stride + actions] = batch.value[r];
        }
        views.action.set(batch.action);
        views.advantage.set(batch.advantage);
        views.returns.set(batch.returns);
        const row = new RowFunction(loadKernels(memory, build), spec, of.outputGradient, views.workspace, stride);
        const fields = [views.action, views.advantage, views.returns].map((array) => array.byteOffset);
        row.begin(rows, hp);
        row.differentiate({ observation: 0, fields }, 0, rows, views.outputs.byteOffset, views.d.byteOffset);
        const expected = plain(of, draw_);
        for (let r = 0; r < rows; r++) {
          const own = [...views.d.subarray(r * stride, (r + 1) * stride)];
          close(own.slice(0, actions + 1), expected.d[r], 1e-5);
          expect(own.slice(actions + 1).every((x) => x === 0)).toBe(true);
        }
        close(
          [...views.workspace.stats].map((sum) => sum / rows),
          expected.stats,
          1e-5,
        );
        expect(gaps.every((gap) => gap.every(Number.isNaN))).toBe(true);
      }),
    );
  });

  test("the declared outputs are the network's, in its order", () => {
    const spec = specOf({ inputs: 1, widths: [], actions: 3, activation: "tanh" });
    expect(of.outputGradient.outputs).toEqual(Object.keys(outputWidths(spec)));
  });
});
