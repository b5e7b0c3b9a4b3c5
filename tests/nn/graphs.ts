/**
 * Drawn graphs of layers, and what they say in plain float64 arithmetic, written from the definitions and from nothing in src
 * but types: what the engines are measured against. Gradients are central differences, with the inputs of state-dependent
 * exploration held fast, because none goes into them.
 */
import fc from "fast-check";
import { type Declared, type Layer, type NetworkSpec, networkSpec, OBSERVATION } from "../../src/nn/graph.ts";

const anyWidth = fc.integer({ min: 1, max: 6 });

const anyLayer = fc.record({
  kind: fc.constantFrom("dense", "dense", "dense", "free", "normalise", "sde"),
  outputs: anyWidth,
  activation: fc.constantFrom("tanh", "relu", null),
  from: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  isOutput: fc.boolean(),
});

/** Layers that read any before them; some are read by several. */
export const anyGraph: fc.Arbitrary<NetworkSpec> = fc
  .record({ inputs: anyWidth, layers: fc.array(anyLayer, { minLength: 1, maxLength: 6 }), last: fc.nat() })
  .map(({ inputs, layers, last }) => {
    const names = [OBSERVATION];
    const declared = layers.map(({ kind, outputs, activation, from }, i): Declared => {
      const name = `${kind}${i + 1}`;
      const read = from.map((n) => names[n % names.length]);
      names.push(name);
      if (kind === "dense") return { kind, name, from: read, outputs, gain: 1, activation: activation as null };
      if (kind === "free") return { kind, name, outputs, initial: 0 };
      return kind === "sde"
        ? { kind, name, from: [read[0]], outputs, initial: -1 }
        : { kind: "normalise", name, from: [read[0]] };
    });
    const shown = declared.filter((_, i) => layers[i].isOutput || i === last % layers.length).map(({ name }) => name);
    const read = new Set(shown);
    for (const layer of declared.toReversed())
      if (read.has(layer.name) && "from" in layer) for (const name of layer.from) read.add(name);
    return networkSpec(
      inputs,
      declared.filter(({ name }) => read.has(name)),
      shown,
    );
  })
  .filter(({ learnt }) => learnt.length > 0);

/** Numbers of every layer of one row, by name. */
type Row = Map<string, number[]>;

function layerOf(layer: Layer, theta: ArrayLike<number>, x: number[]): number[] {
  const { inputs, outputs } = layer;
  const each = <T>(n: number, of: (j: number) => T) => Array.from({ length: n }, (_, j) => of(j));
  const weights = (at: number, j: number) => each(inputs, (i) => theta[at + i * outputs + j]);
  switch (layer.kind) {
    case "dense": {
      const sums = each(outputs, (j) =>
        weights(layer.weight, j).reduce((sum, w, i) => sum + w * x[i], theta[layer.bias + j]),
      );
      if (layer.activation === null) return sums;
      return sums.map((z) => (layer.activation === "tanh" ? Math.tanh(z) : Math.max(0, z)));
    }
    case "free":
      return each(outputs, (j) => theta[layer.bias + j]);
    case "normalise":
      return x.map((xi, i) => {
        const z = (xi - theta[layer.mean + i]) / Math.sqrt(theta[layer.variance + i] + 1e-8);
        return Math.max(-10, Math.min(10, z));
      });
    case "sde":
      return each(outputs, (j) => {
        const variance = weights(layer.weight, j).reduce((sum, w, i) => sum + (x[i] * Math.exp(w)) ** 2, 0);
        return Math.log(Math.sqrt(variance + 1e-6));
      });
  }
}

/** @param held what layers of state-dependent exploration read, in place of what is computed */
function rowOf(spec: NetworkSpec, theta: ArrayLike<number>, observation: number[], held?: Row): Row {
  const values: Row = new Map([[OBSERVATION, observation]]);
  for (const layer of spec.layers) {
    const x = layer.from.flatMap((name) => (layer.kind === "sde" && held?.get(name)) || (values.get(name) as number[]));
    values.set(layer.name, layerOf(layer, theta, x));
  }
  return values;
}

const outputsOf = (spec: NetworkSpec, values: Row): number[] =>
  spec.outputs.flatMap(({ name }) => values.get(name) as number[]);

const observationOf = (spec: NetworkSpec, observations: Float32Array, r: number) => [
  ...observations.subarray(r * spec.inputs, (r + 1) * spec.inputs),
];

/** All outputs, a row after another. */
export const graphOutputs = (spec: NetworkSpec, theta: ArrayLike<number>, observations: Float32Array): number[] =>
  Array.from({ length: observations.length / spec.inputs }, (_, r) =>
    outputsOf(spec, rowOf(spec, theta, observationOf(spec, observations, r))),
  ).flat();

/** ∂/∂θ Σ c · outputs, of the numbers that learn. coefficients: [rows, spec.width] */
export function graphGradient(
  spec: NetworkSpec,
  theta: Float32Array,
  observations: Float32Array,
  coefficients: Float32Array,
): Float64Array {
  const rows = observations.length / spec.inputs;
  const moved = Float64Array.from(theta);
  const observed = Array.from({ length: rows }, (_, r) => observationOf(spec, observations, r));
  const held = observed.map((observation) => rowOf(spec, theta, observation));
  const sum = () =>
    observed.reduce((total, observation, r) => {
      const outputs = outputsOf(spec, rowOf(spec, moved, observation, held[r]));
      return outputs.reduce((all, y, k) => all + coefficients[r * spec.width + k] * y, total);
    }, 0);
  const h = 1e-5;
  return Float64Array.from({ length: spec.learnt.length }, (_, p) => {
    moved[p] = theta[p] + h;
    const above = sum();
    moved[p] = theta[p] - h;
    const below = sum();
    moved[p] = theta[p];
    return (above - below) / (2 * h);
  });
}

/** Drawn parameters: variances are positive, logarithms of σ around −1. */
export function drawnParameters(spec: NetworkSpec, normals: Float32Array): Float32Array {
  const theta = normals.slice();
  for (const layer of spec.layers) {
    const { inputs, outputs } = layer;
    if (layer.kind === "normalise")
      for (let i = 0; i < inputs; i++) theta[layer.variance + i] = 0.03 + theta[layer.variance + i] ** 2;
    if (layer.kind === "sde")
      for (let i = 0; i < inputs * outputs; i++) theta[layer.weight + i] = 0.5 * theta[layer.weight + i] - 1;
  }
  return theta;
}
