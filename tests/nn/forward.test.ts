import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Forward } from "../../src/nn/forward.ts";
import { network, parameterTensors } from "../../src/nn/tfjs/engine.ts";
import { forward } from "./plain.ts";
import { anySizes, normals, specOf } from "./specs.ts";
import { tf } from "./tf.ts";

const drawn = fc.record({
  sizes: anySizes,
  rows: fc.integer({ min: 1, max: 7 }),
  seed: fc.nat(),
});

describe("the acting forward pass", () => {
  test("a network worked by hand", () => {
    const spec = specOf({ inputs: 2, actions: 2, widths: [2], activation: "relu" });
    const acting = new Forward(spec, 1);
    // W = [[1, −1], [2, 1]], b = [0.5, −1]; logits W = [[1, 2], [3, 4]], b = [0, 1]; value W = [2, 5], b = 0.25
    const parameters = Float32Array.from([1, -1, 2, 1, 0.5, -1, 1, 2, 3, 4, 0, 1, 2, 5, 0.25]);
    acting.run(parameters, Float32Array.from([1, 2]), 1);
    // h = relu([1·1 + 2·2 + 0.5, 1·(−1) + 2·1 − 1]) = [5.5, 0]
    expect([...acting.outputs]).toEqual([5.5, 12, 11.25]); // 5.5·1, 5.5·2 + 1; 5.5·2 + 0.25
  });

  test("agrees with TensorFlow.js and with plain arithmetic on drawn networks", () => {
    fc.assert(
      fc.property(drawn, ({ sizes, rows, seed }) => {
        const spec = specOf(sizes);
        const parameters = normals(seed, spec.size, 0.7);
        const observation = normals(seed + 1, rows * spec.inputs);
        const acting = new Forward(spec, rows + 2); // more room than rows
        acting.run(parameters, observation, rows);
        const oracle = tf.tidy(() => {
          const net = network(tf, spec, parameterTensors(tf, spec, parameters));
          const { logits, value } = net(tf.tensor2d(observation, [rows, spec.inputs]));
          return { logits: logits.dataSync(), value: value.dataSync() };
        });
        const A = sizes.actions;
        oracle.logits.forEach((z, i) => {
          const mine = acting.outputs[Math.floor(i / A) * (A + 1) + (i % A)];
          expect(Math.abs(mine - z)).toBeLessThan(1e-5 * (1 + Math.abs(z)));
        });
        oracle.value.forEach((v, n) => {
          expect(Math.abs(acting.outputs[n * (A + 1) + A] - v)).toBeLessThan(1e-5 * (1 + Math.abs(v)));
        });
        for (let n = 0; n < rows; n++) {
          const row = [...observation.subarray(n * spec.inputs, (n + 1) * spec.inputs)];
          const { logits, value } = forward(sizes, parameters, row);
          [...logits, value].forEach((z, k) => {
            expect(acting.outputs[n * (A + 1) + k]).toBeCloseTo(z, 9);
          });
        }
      }),
    );
  });

  test("a row is independent of the rows beside it, bit for bit", () => {
    fc.assert(
      fc.property(drawn, ({ sizes, rows, seed }) => {
        const spec = specOf(sizes);
        const parameters = normals(seed, spec.size);
        const observation = normals(seed + 1, rows * spec.inputs);
        const together = new Forward(spec, rows);
        const alone = new Forward(spec, 1);
        together.run(parameters, observation, rows);
        for (let n = 0; n < rows; n++) {
          alone.run(parameters, observation.slice(n * spec.inputs, (n + 1) * spec.inputs), 1);
          expect([...together.outputs.subarray(n * spec.width, (n + 1) * spec.width)]).toEqual([...alone.outputs]);
        }
      }),
    );
  });
});

test("the tensors of TensorFlow.js do not share memory with the parameters", () => {
  const spec = specOf({ inputs: 2, actions: 2, widths: [], activation: "tanh" });
  const parameters = new Float32Array(spec.size).fill(1);
  const tensors = parameterTensors(tf, spec, parameters);
  parameters.fill(7);
  for (const tensor of tensors) expect(new Set(tensor.dataSync())).toEqual(new Set([1]));
  tf.dispose(tensors);
});
