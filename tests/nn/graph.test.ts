import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../../src/core/rng.ts";
import {
  checkOutputs,
  type Declared,
  layerOf,
  type NetworkSpec,
  networkSpec,
  outputOf,
  outputWidths,
} from "../../src/nn/graph.ts";
import { initialise } from "../../src/nn/initialise.ts";
import { sizeOf } from "./plain.ts";
import { anySizes, dense, specOf } from "./specs.ts";

const denseOf = (spec: NetworkSpec) => spec.layers.map(({ name }) => layerOf(spec, name, "dense"));

test("places the layers of 4 → 3 → (2 + 1) as counted by hand", () => {
  const spec = specOf({ inputs: 4, actions: 2, widths: [3], activation: "tanh" });
  // hidden: W 4·3 = 12 at 0, b 3 at 12    logits: W 3·2 = 6 at 15, b 2 at 21    value: W 3·1 = 3 at 23, b 1 at 26
  expect(denseOf(spec).map(({ name, weight, bias }) => [name, weight, bias])).toEqual([
    ["hidden1", 0, 12],
    ["logits", 15, 21],
    ["value", 23, 26],
  ]);
  expect(spec.size).toBe(27);
});

test("the network of the findings, 4 → 64 → 64 → (2 + 1), has 4,675 parameters", () => {
  // 4·64 + 64 + 64·64 + 64 + 64·2 + 2 + 64 + 1
  expect(specOf({ inputs: 4, actions: 2, widths: [64, 64], activation: "tanh" }).size).toBe(4675);
});

test("without hidden layers both heads read the observation", () => {
  const spec = specOf({ inputs: 4, actions: 2, widths: [], activation: "relu" });
  expect(denseOf(spec).map(({ name, inputs }) => [name, inputs])).toEqual([
    ["logits", 4],
    ["value", 4],
  ]);
  expect(spec.size).toBe(4 * 2 + 2 + 4 + 1);
});

test.each<[string, readonly Declared[], readonly string[]]>([
  ['no layer "b" before those that read it', [dense("a", "b"), dense("b", "observation")], ["a"]],
  ['two layers of the network are called "a"', [dense("a", "observation"), dense("a", "observation")], ["a"]],
  ['two layers of the network are called "observation"', [dense("observation", "observation")], ["observation"]],
  ['nobody reads the layer "b"', [dense("a", "observation"), dense("b", "observation")], ["a"]],
  ['no layer "c" before', [dense("a", "observation")], ["c"]],
  ['"observation" cannot be an output', [dense("a", "observation")], ["a", "observation"]],
  ['"a" cannot be an output, or not twice', [dense("a", "observation")], ["a", "a"]],
])("a graph that is none is refused: %s", (reason, layers, outputs) => {
  expect(() => networkSpec(2, layers, outputs)).toThrow(reason);
});

test("what is asked of a network and is not in it is refused by its name", () => {
  const spec = networkSpec(2, [dense("a", "observation")], ["a"]);
  expect(() => outputOf(spec, "value")).toThrow('the network has no output "value", but a');
  expect(() => layerOf(spec, "a", "free")).toThrow('the network has no free layer "a"');
  expect(() => checkOutputs(outputWidths(spec), { outputs: ["value"] })).toThrow(
    "the loss reads the outputs value, and the network has a",
  );
});

test("layers lie end to end without gaps", () => {
  fc.assert(
    fc.property(anySizes, (sizes) => {
      const spec = specOf(sizes);
      let at = 0;
      for (const { inputs, outputs, weight, bias } of denseOf(spec)) {
        expect(weight).toBe(at);
        expect(bias).toBe(at + inputs * outputs);
        at = bias + outputs;
      }
      expect(spec.size).toBe(at);
      expect(spec.size).toBe(sizeOf(sizes));
    }),
  );
});

describe("initialise", () => {
  /** The shorter side's Gram matrix: WᵀW where W is tall, WWᵀ where it is wide. */
  function gram(weights: Float32Array, inputs: number, outputs: number): number[][] {
    const wide = outputs >= inputs;
    const [count, length] = wide ? [inputs, outputs] : [outputs, inputs];
    const at = (vector: number, k: number) => (wide ? weights[vector * outputs + k] : weights[k * outputs + vector]);
    return Array.from({ length: count }, (_, a) =>
      Array.from({ length: count }, (_, b) => {
        let sum = 0;
        for (let k = 0; k < length; k++) sum += at(a, k) * at(b, k);
        return sum;
      }),
    );
  }

  test("draws orthogonal weights of gain √2 in the trunk, 0.01 for the logits, 1 for the value, and zero biases", () => {
    const sizes = fc.record({ ...anySizesRecord, seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }) });
    fc.assert(
      fc.property(sizes, ({ seed, inputs, actions, widths }) => {
        const spec = specOf({ inputs: inputs, actions: actions, widths: widths, activation: "tanh" });
        const parameters = new Float32Array(spec.size).fill(Number.NaN);
        initialise(spec, new Rng().seed(seed), parameters);
        const gains = [...widths.map(() => Math.SQRT2), 0.01, 1];
        denseOf(spec).forEach(({ inputs, outputs, weight, bias }, l) => {
          gram(parameters.subarray(weight, bias), inputs, outputs).forEach((row, a) => {
            row.forEach((x, b) => {
              expect(Math.abs(x - (a === b ? gains[l] ** 2 : 0))).toBeLessThan(1e-5 * gains[l] ** 2);
            });
          });
          expect([...parameters.subarray(bias, bias + outputs)]).toEqual(Array(outputs).fill(0));
        });
      }),
      { numRuns: 50 },
    );
  });

  const anySizesRecord = {
    inputs: fc.integer({ min: 1, max: 20 }),
    actions: fc.integer({ min: 1, max: 6 }),
    widths: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
  };

  test("the same stream gives the same bits, another gives others", () => {
    const spec = specOf({ inputs: 4, actions: 2, widths: [8], activation: "tanh" });
    const draw = (seed: number) => {
      const parameters = new Float32Array(spec.size);
      initialise(spec, new Rng().seed(seed), parameters);
      return [...parameters];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});
