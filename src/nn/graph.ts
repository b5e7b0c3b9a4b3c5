/**
 * A network by declaration: a graph of layers with named outputs. All its numbers lie in one flat Float32Array; this file says
 * where. Engines walk the layers in order.
 *
 * The numbers that learn come first, in the order of the layers; behind them, at a multiple of four, lie statistics, which are
 * changed by data and not by gradients: optimizers, gradients and their norm know only of the first. An algorithm with several
 * networks will lay them end to end, each a stretch of the same vector; a copy (a target network) is then the same layers
 * with other offsets, whose stretch no optimizer steps.
 */
export const activations = ["tanh", "relu"] as const;
export type Activation = (typeof activations)[number];

/** The name of a network's input among the names of layers. */
export const OBSERVATION = "observation";
/** The name of the discounted return of rewards so far among what is tracked. */
export const RETURN = "return";

/** Kept beside a variance, so that its root divides. */
export const NORMALISE_EPSILON = 1e-8;
/** Normalised inputs stay within ± this. */
export const NORMALISE_LIMIT = 10;
/** Added to a state-dependent variance, so that its logarithm exists. */
export const SDE_EPSILON = 1e-6;

/** What a layer is declared as; `from` names the observation or layers before it. */
export type Declared =
  /** y = f(x W + b). Several inputs are joined, in their order. */
  | {
      readonly kind: "dense";
      readonly name: string;
      readonly from: readonly string[];
      readonly outputs: number;
      /** Standard deviation that orthogonal rows are scaled to. */
      readonly gain: number;
      readonly activation: Activation | null;
    }
  /** Parameters without an input, the same for every row. */
  | { readonly kind: "free"; readonly name: string; readonly outputs: number; readonly initial: number }
  /** y = clip((x − mean)/√(variance + ε), ±10), with running statistics of x that data change and gradients do not. */
  | { readonly kind: "normalise"; readonly name: string; readonly from: readonly [string] }
  /**
   * The standard deviation of generalized state-dependent exploration, as a logarithm: y_j = ½ log(Σ_i x_i² e^(2 logσ_ij) + ε). No gradient
   * goes into x.    Raffin et al. 2021, arXiv:2005.05719, eq. 8
   */
  | {
      readonly kind: "sde";
      readonly name: string;
      readonly from: readonly [string];
      readonly outputs: number;
      readonly initial: number;
    };

type Placed<D, T extends string> = D & {
  /** Width of what it reads. */
  readonly inputs: number;
  readonly outputs: number;
  readonly from: readonly string[];
  /** Where its numbers begin, in floats; matrices are row-major. */
} & { readonly [K in T]: number };
type Kind<K extends Declared["kind"]> = Extract<Declared, { kind: K }>;

/** W: [inputs, outputs], b: [outputs] */
export type DenseLayer = Placed<Kind<"dense">, "weight" | "bias">;
/** b: [outputs] */
export type FreeLayer = Placed<Kind<"free">, "bias">;
/** mean, variance: [inputs] */
export type NormaliseLayer = Placed<Kind<"normalise">, "mean" | "variance">;
/** logσ: [inputs, outputs] */
export type SdeLayer = Placed<Kind<"sde">, "weight">;
export type Layer = DenseLayer | FreeLayer | NormaliseLayer | SdeLayer;

/** A stretch of the flat vector. */
export interface Range {
  readonly at: number;
  readonly length: number;
}

/** Mean and variance of some quantities behind the parameters, [width] each: of what a layer normalises, or of something else. */
export interface Tracked extends Quantities {
  readonly mean: number;
  readonly variance: number;
}
export interface Quantities {
  readonly name: string;
  readonly width: number;
}

/** A named output: a layer, and its columns in a row of all outputs. */
export interface Output {
  readonly name: string;
  readonly outputs: number;
  readonly column: number;
}

export interface NetworkSpec {
  /** Width of an observation. */
  readonly inputs: number;
  /** Every one after those that it reads; their numbers lie in this order. */
  readonly layers: readonly Layer[];
  /** In the order of their columns. */
  readonly outputs: readonly Output[];
  /** Numbers of a row of outputs. */
  readonly width: number;
  /** What an optimizer steps, and what data change. */
  readonly learnt: Range;
  readonly statistics: Range;
  /** Of what there are statistics. */
  readonly tracked: readonly Tracked[];
  /** Numbers of the flat vector. */
  readonly size: number;
}

/**
 * Throws where a layer reads what is not before it, where nobody reads it, or a name stands twice.
 *
 * @param outputs names of layers
 * @param others what there are statistics of beside the inputs of normalising layers
 */
export function networkSpec(
  inputs: number,
  declared: readonly Declared[],
  outputs: readonly string[],
  others: readonly Quantities[] = [],
): NetworkSpec {
  const widths = widthsOf(inputs, declared);
  const shown = outputsOf(outputs, widths);
  checkRead(declared, outputs);
  const readOf = (layer: Declared) => fromOf(layer).reduce((sum, name) => sum + (widths.get(name) as number), 0);
  const learnt = declared.reduce((sum, layer) => sum + numbersOf(layer, readOf(layer)), 0);
  const normalised = declared.filter(({ kind }) => kind === "normalise");
  const quantities = [...normalised.map((layer) => ({ name: fromOf(layer)[0], width: readOf(layer) })), ...others];
  const statistics = quantities.reduce((sum, { width }) => sum + 2 * width, 0);
  const first = statistics === 0 ? learnt : 4 * Math.ceil(learnt / 4);
  let next = first;
  const tracked = quantities.map((quantity): Tracked => {
    const mean = next;
    next += 2 * quantity.width;
    return { ...quantity, mean, variance: mean + quantity.width };
  });
  let at = 0;
  const layers = declared.map((layer) => {
    const read = readOf(layer);
    const weight = at;
    at += numbersOf(layer, read);
    return layer.kind === "normalise"
      ? { ...layer, inputs: read, outputs: read, ...statisticsAt(tracked[normalised.indexOf(layer)]) }
      : placed(layer, read, weight);
  });
  return {
    inputs,
    layers,
    outputs: shown,
    width: shown.reduce((sum, output) => sum + output.outputs, 0),
    learnt: { at: 0, length: learnt },
    statistics: { at: first, length: statistics },
    tracked,
    size: first + statistics,
  };
}

const fromOf = (layer: Declared): readonly string[] => ("from" in layer ? layer.from : []);
const statisticsAt = ({ mean, variance }: Tracked) => ({ mean, variance });

/** Numbers of a layer that learn. */
function numbersOf(layer: Declared, inputs: number): number {
  if (layer.kind === "normalise") return 0;
  return layer.kind === "dense" ? (inputs + 1) * layer.outputs : Math.max(1, inputs) * layer.outputs;
}

/** A layer whose numbers begin at `at`. */
function placed(layer: Exclude<Declared, { kind: "normalise" }>, inputs: number, at: number): Layer {
  switch (layer.kind) {
    case "dense":
      return { ...layer, inputs, weight: at, bias: at + inputs * layer.outputs };
    case "free":
      return { ...layer, inputs, from: [], bias: at };
    case "sde":
      return { ...layer, inputs, weight: at };
  }
}

/** Width of the observation and of every layer. */
function widthsOf(inputs: number, declared: readonly Declared[]): Map<string, number> {
  const widths = new Map([[OBSERVATION, inputs]]);
  for (const layer of declared) {
    if (widths.has(layer.name)) throw new Error(`two layers of the network are called "${layer.name}"`);
    let read = 0;
    for (const name of fromOf(layer)) read += widthOf(widths, name);
    widths.set(layer.name, layer.kind === "normalise" ? read : layer.outputs);
  }
  return widths;
}

function widthOf(widths: ReadonlyMap<string, number>, name: string): number {
  const width = widths.get(name);
  if (width === undefined) throw new Error(`the network has no layer "${name}" before those that read it`);
  return width;
}

function checkRead(declared: readonly Declared[], outputs: readonly string[]): void {
  const read = new Set(outputs);
  for (const layer of declared.toReversed()) {
    if (!read.has(layer.name)) throw new Error(`nobody reads the layer "${layer.name}" of the network`);
    for (const name of fromOf(layer)) read.add(name);
  }
}

function outputsOf(names: readonly string[], widths: ReadonlyMap<string, number>): Output[] {
  let column = 0;
  return names.map((name) => {
    if (name === OBSERVATION || names.indexOf(name) !== names.lastIndexOf(name))
      throw new Error(`"${name}" cannot be an output, or not twice`);
    const output = { name, outputs: widthOf(widths, name), column };
    column += output.outputs;
    return output;
  });
}

/** The stretch of a vector that an optimizer steps; a view. */
export const learntOf = ({ learnt: { at, length } }: NetworkSpec, vector: Float32Array): Float32Array =>
  vector.length === length ? vector : vector.subarray(at, at + length);

/** The output of this name. Throws where there is none. */
export function outputOf({ outputs }: NetworkSpec, name: string): Output {
  const found = outputs.find((output) => output.name === name);
  if (!found) throw new Error(`the network has no output "${name}", but ${outputs.map((output) => output.name)}`);
  return found;
}

/** The layer of this name and kind. Throws where there is none. */
export function layerOf<K extends Layer["kind"]>({ layers }: NetworkSpec, name: string, kind: K) {
  const found = layers.find((layer) => layer.name === name && layer.kind === kind);
  if (!found) throw new Error(`the network has no ${kind} layer "${name}"`);
  return found as Extract<Layer, { kind: K }>;
}

/** Names and widths of the outputs, in the order of their columns. */
export const outputWidths = ({ outputs }: NetworkSpec): Readonly<Record<string, number>> =>
  Object.fromEntries(outputs.map(({ name, outputs: width }) => [name, width]));

/** Throws where a loss reads other outputs than the network has, or in another order. */
export function checkOutputs(
  widths: ReturnType<typeof outputWidths>,
  { outputs: read }: { readonly outputs: readonly string[] },
): void {
  const names = Object.keys(widths);
  if (`${names}` !== `${read}`) throw new Error(`the loss reads the outputs ${read}, and the network has ${names}`);
}

/** A tensor of the flat vector. */
export interface Tensor {
  readonly name: string;
  readonly at: number;
  readonly shape: readonly number[];
  /** False: a statistic. */
  readonly learns: boolean;
}

/** Of one layer, in the order of their numbers. */
export function tensorsOf(layer: Layer): Tensor[] {
  const { inputs, outputs } = layer;
  const tensor = (name: string, at: number, shape: number[], learns = true) => ({ name, at, shape, learns });
  switch (layer.kind) {
    case "dense":
      return [tensor("weight", layer.weight, [inputs, outputs]), tensor("bias", layer.bias, [outputs])];
    case "free":
      return [tensor("bias", layer.bias, [outputs])];
    case "sde":
      return [tensor("weight", layer.weight, [inputs, outputs])];
    case "normalise":
      return [tensor("mean", layer.mean, [inputs], false), tensor("variance", layer.variance, [inputs], false)];
  }
}
