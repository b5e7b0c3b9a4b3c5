/** The acting forward pass in plain TypeScript: no allocation, the same bits in every browser. One instance a thread. */
import { tanh } from "../core/math.ts";
import type { Layer, NetworkSpec } from "./spec.ts";

export class Forward {
  /** Logits of the last call. [rows, A] */
  readonly logits: Float64Array;
  /** Values of the last call. [rows] */
  readonly value: Float64Array;
  private readonly activations: readonly Float64Array[];
  private readonly isTanh: boolean;

  /** @param rows the greatest number of observations of a call */
  constructor(
    readonly spec: NetworkSpec,
    readonly rows: number,
  ) {
    this.logits = new Float64Array(rows * spec.actions);
    this.value = new Float64Array(rows);
    this.activations = spec.hidden.map((layer) => new Float64Array(rows * layer.outputs));
    this.isTanh = spec.activation === "tanh";
  }

  /** Fills `logits` and `value`. parameters: [spec.size]; observation: [rows, inputs] */
  run(parameters: Float32Array, observation: Float32Array, rows: number): void {
    const { spec, activations } = this;
    let trunk: Float64Array | null = null;
    for (let l = 0; l < spec.hidden.length; l++) {
      const layer = spec.hidden[l];
      const out = activations[l];
      if (trunk === null) first(layer, parameters, observation, out, rows);
      else dense(layer, parameters, trunk, out, rows);
      const n = rows * layer.outputs;
      if (this.isTanh) for (let i = 0; i < n; i++) out[i] = tanh(out[i]);
      else for (let i = 0; i < n; i++) out[i] = out[i] > 0 ? out[i] : 0;
      trunk = out;
    }
    if (trunk === null) {
      first(spec.logits, parameters, observation, this.logits, rows);
      first(spec.value, parameters, observation, this.value, rows);
    } else {
      dense(spec.logits, parameters, trunk, this.logits, rows);
      dense(spec.value, parameters, trunk, this.value, rows);
    }
  }
}

/** y = x W + b, row by row; the inner loop streams along a row of W. */
function dense(layer: Layer, parameters: Float32Array, x: Float64Array, y: Float64Array, rows: number): void {
  const { inputs, outputs, weight, bias } = layer;
  for (let r = 0; r < rows; r++) {
    const out = r * outputs;
    for (let j = 0; j < outputs; j++) y[out + j] = parameters[bias + j];
    for (let i = 0; i < inputs; i++) {
      const xi = x[r * inputs + i];
      const row = weight + i * outputs;
      for (let j = 0; j < outputs; j++) y[out + j] += xi * parameters[row + j];
    }
  }
}

/** The same for float32 inputs; apart from `dense`, because a function that meets two array types runs at half speed. */
function first(layer: Layer, parameters: Float32Array, x: Float32Array, y: Float64Array, rows: number): void {
  const { inputs, outputs, weight, bias } = layer;
  for (let r = 0; r < rows; r++) {
    const out = r * outputs;
    for (let j = 0; j < outputs; j++) y[out + j] = parameters[bias + j];
    for (let i = 0; i < inputs; i++) {
      const xi = x[r * inputs + i];
      const row = weight + i * outputs;
      for (let j = 0; j < outputs; j++) y[out + j] += xi * parameters[row + j];
    }
  }
}
