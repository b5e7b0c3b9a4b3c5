/** Initial values of a network. */
import type { Rng } from "../core/rng.ts";
import type { DenseLayer, NetworkSpec } from "./graph.ts";

/**
 * Draws orthogonal weights and zero biases (Saxe et al. 2014, arXiv:1312.6120); free parameters begin as declared, statistics at
 * mean 0 and variance 1. parameters: [spec.size]
 */
export function initialise(spec: NetworkSpec, rng: Rng, parameters: Float32Array): void {
  parameters.fill(0);
  for (const layer of spec.layers) {
    const { inputs, outputs } = layer;
    if (layer.kind === "dense") orthogonal(layer, rng, parameters);
    else if (layer.kind === "free") parameters.fill(layer.initial, layer.bias, layer.bias + outputs);
    else if (layer.kind === "sde") parameters.fill(layer.initial, layer.weight, layer.weight + inputs * outputs);
  }
  resetStatistics(spec, parameters);
}

/** Mean 0 and variance 1. */
export function resetStatistics({ tracked }: NetworkSpec, parameters: Float32Array): void {
  for (const { mean, variance, width } of tracked) {
    parameters.fill(0, mean, mean + width);
    parameters.fill(1, variance, variance + width);
  }
}

/**
 * A matrix whose shorter side is orthonormal, times the gain: Gram–Schmidt, twice for accuracy, on normal vectors. Only
 * + − × ÷ √ are used beside the generator, so the bits are the same everywhere.
 */
function orthogonal(layer: DenseLayer, rng: Rng, parameters: Float32Array): void {
  const { inputs, outputs, weight, gain } = layer;
  const wide = outputs >= inputs;
  const [count, length] = wide ? [inputs, outputs] : [outputs, inputs];
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const v = Float64Array.from({ length }, () => rng.normal());
    for (const pass of [0, 1]) {
      for (const u of basis) addScaled(v, u, -dot(v, u));
      const norm = Math.sqrt(dot(v, v));
      if (pass === 0 && norm < 1e-6) break; // a degenerate draw: try again
      for (let i = 0; i < length; i++) v[i] /= norm;
      if (pass === 1) basis.push(v);
    }
  }
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++) parameters[weight + i * outputs + j] = gain * (wide ? basis[i][j] : basis[j][i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(a: Float64Array, b: Float64Array, by: number): void {
  for (let i = 0; i < a.length; i++) a[i] += by * b[i];
}
