/**
 * A network by declaration: dense layers that share a trunk, then one head for the policy's logits and one for the
 * value. All parameters lie in one flat Float32Array; this file says where, and draws their initial values.
 */
import type { Rng } from "../core/rng.ts";

export const activations = ["tanh", "relu"] as const;
export type Activation = (typeof activations)[number];

/** y = x W + b. W: [inputs, outputs] row-major at `weight`, b: [outputs] at `bias`, counted in floats. */
export interface Layer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: number;
  readonly bias: number;
  /** Standard deviation that orthogonal rows are scaled to. */
  readonly gain: number;
}

export interface NetworkSpec {
  readonly inputs: number;
  readonly actions: number;
  readonly activation: Activation;
  /** The trunk, in order. */
  readonly hidden: readonly Layer[];
  readonly logits: Layer;
  readonly value: Layer;
  /** All layers, in the order of their parameters. */
  readonly layers: readonly Layer[];
  /** Number of parameters. */
  readonly size: number;
}

export function networkSpec(
  inputs: number,
  actions: number,
  widths: readonly number[],
  activation: Activation,
): NetworkSpec {
  let size = 0;
  const dense = (name: string, from: number, to: number, gain: number): Layer => {
    const weight = size;
    const bias = weight + from * to;
    size = bias + to;
    return { name, inputs: from, outputs: to, weight, bias, gain };
  };
  // gains: √2 in the trunk, 0.01 for a policy that starts almost uniform, 1 for the value   Andrychowicz et al. 2021, arXiv:2006.05990
  const hidden = widths.map((width, i) => dense(`hidden${i + 1}`, i === 0 ? inputs : widths[i - 1], width, Math.SQRT2));
  const trunk = widths.length === 0 ? inputs : widths[widths.length - 1];
  const logits = dense("logits", trunk, actions, 0.01);
  const value = dense("value", trunk, 1, 1);
  return { inputs, actions, activation, hidden, logits, value, layers: [...hidden, logits, value], size };
}

/** Names and widths of the outputs, in the order of their columns. */
export const outputWidths = ({ actions }: NetworkSpec): Readonly<Record<string, number>> => ({
  logits: actions,
  value: 1,
});

/** Draws orthogonal weights and zero biases. Saxe et al. 2014, arXiv:1312.6120. parameters: [spec.size] */
export function initialise(spec: NetworkSpec, rng: Rng, parameters: Float32Array): void {
  parameters.fill(0);
  for (const layer of spec.layers) orthogonal(layer, rng, parameters);
}

/**
 * A matrix whose shorter side is orthonormal, times the gain: Gram–Schmidt, twice for accuracy, on normal vectors. Only
 * + − × ÷ √ are used beside the generator, so the bits are the same everywhere.
 */
function orthogonal(layer: Layer, rng: Rng, parameters: Float32Array): void {
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
