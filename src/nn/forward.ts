/** The acting forward pass in plain TypeScript and float64: no allocation, the same bits in every browser. One instance a thread. */
import { exp, log, tanh } from "../core/math.ts";
import {
  type Activation,
  type DenseLayer,
  type Layer,
  type NetworkSpec,
  NORMALISE_EPSILON,
  NORMALISE_LIMIT,
  type NormaliseLayer,
  OBSERVATION,
  SDE_EPSILON,
  type SdeLayer,
} from "./graph.ts";

/** Numbers of every row: [rows, width] */
interface Values {
  readonly width: number;
  readonly numbers: Float64Array;
}

interface Step {
  readonly layer: Layer;
  readonly x: readonly Values[];
  readonly y: Values;
}

export class Forward {
  /** All outputs of the last call, in their columns. [rows, spec.width] */
  readonly outputs: Float64Array;
  private readonly observation: Float64Array;
  private readonly steps: readonly Step[];
  private readonly shown: readonly Values[];
  private readonly values: ReadonlyMap<string, Values>;

  /** @param rows the greatest number of observations of a call */
  constructor(
    readonly spec: NetworkSpec,
    readonly rows: number,
  ) {
    this.outputs = new Float64Array(rows * spec.width);
    const room = (width: number): Values => ({ width, numbers: new Float64Array(rows * width) });
    const values = new Map([[OBSERVATION, room(spec.inputs)]]);
    const valuesOf = (name: string) => values.get(name) as Values;
    this.observation = valuesOf(OBSERVATION).numbers;
    this.steps = spec.layers.map((layer) => {
      const y = room(layer.outputs);
      values.set(layer.name, y);
      return { layer, x: layer.from.map(valuesOf), y };
    });
    this.shown = spec.outputs.map(({ name }) => valuesOf(name));
    this.values = values;
  }

  /** What a layer said in the last call, or the observation. [rows, width] */
  numbersOf(name: string): Float64Array {
    const of = this.values.get(name);
    if (!of) throw new Error(`the network has no layer "${name}"`);
    return of.numbers;
  }

  /** Fills `outputs`. parameters: [spec.size]; observation: [rows, inputs] */
  run(parameters: Float32Array, observation: Float32Array, rows: number): void {
    const { spec, steps, shown, outputs } = this;
    for (let i = 0; i < rows * spec.inputs; i++) this.observation[i] = observation[i];
    for (let s = 0; s < steps.length; s++) {
      const { layer, x, y } = steps[s];
      if (layer.kind === "dense") dense(layer, parameters, x, y.numbers, rows);
      else if (layer.kind === "normalise") normalise(layer, parameters, x[0].numbers, y.numbers, rows);
      else if (layer.kind === "sde") sde(layer, parameters, x[0].numbers, y.numbers, rows);
      else for (let i = 0; i < rows * layer.outputs; i++) y.numbers[i] = parameters[layer.bias + (i % layer.outputs)];
    }
    for (let o = 0; o < shown.length; o++) {
      const { width, numbers } = shown[o];
      const { column } = spec.outputs[o];
      for (let r = 0; r < rows; r++)
        for (let j = 0; j < width; j++) outputs[r * spec.width + column + j] = numbers[r * width + j];
    }
  }
}

/** y = f(x W + b), row by row; the inner loop streams along a row of W. */
function dense(
  { outputs, weight, bias, activation }: DenseLayer,
  parameters: Float32Array,
  inputs: readonly Values[],
  y: Float64Array,
  rows: number,
): void {
  for (let r = 0; r < rows; r++) {
    const out = r * outputs;
    for (let j = 0; j < outputs; j++) y[out + j] = parameters[bias + j];
    let row = weight;
    for (let s = 0; s < inputs.length; s++) {
      const { width, numbers: x } = inputs[s];
      for (let i = 0; i < width; i++, row += outputs) {
        const xi = x[r * width + i];
        for (let j = 0; j < outputs; j++) y[out + j] += xi * parameters[row + j];
      }
    }
  }
  activate(activation, y, rows * outputs);
}

function activate(activation: Activation | null, y: Float64Array, count: number): void {
  if (activation === "tanh") for (let i = 0; i < count; i++) y[i] = tanh(y[i]);
  else if (activation === "relu") for (let i = 0; i < count; i++) y[i] = y[i] > 0 ? y[i] : 0;
}

function normalise(
  { inputs, mean, variance }: NormaliseLayer,
  parameters: Float32Array,
  x: Float64Array,
  y: Float64Array,
  rows: number,
): void {
  for (let j = 0; j < inputs; j++) {
    const scale = 1 / Math.sqrt(parameters[variance + j] + NORMALISE_EPSILON);
    for (let i = j; i < rows * inputs; i += inputs)
      y[i] = Math.max(-NORMALISE_LIMIT, Math.min(NORMALISE_LIMIT, (x[i] - parameters[mean + j]) * scale));
  }
}

function sde(
  { inputs, outputs, weight }: SdeLayer,
  parameters: Float32Array,
  x: Float64Array,
  y: Float64Array,
  rows: number,
): void {
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < outputs; j++) {
      let variance = SDE_EPSILON;
      for (let i = 0; i < inputs; i++) {
        const phi = x[r * inputs + i];
        variance += phi * phi * exp(2 * parameters[weight + i * outputs + j]);
      }
      y[r * outputs + j] = 0.5 * log(variance);
    }
}
