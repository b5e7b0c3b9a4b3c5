/** Weights for other programs. */
import { type Layer, type NetworkSpec, NORMALISE_EPSILON, NORMALISE_LIMIT, OBSERVATION, tensorsOf } from "../graph.ts";

/** A tensor with its numbers, e.g. hidden1.weight [in, out]. */
interface Named {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: Float32Array;
}

const lengthOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const namedOf = (layer: Layer, weights: Float32Array): Named[] =>
  tensorsOf(layer).map(({ name, shape, at }) => ({
    name: `${layer.name}.${name}`,
    shape,
    numbers: weights.subarray(at, at + lengthOf(shape)),
  }));

/** The tensors of a network in one array, end to end. */
function joined(tensors: readonly Named[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(tensors.reduce((sum, { numbers }) => sum + numbers.length, 0));
  let at = 0;
  for (const { numbers } of tensors) {
    all.set(numbers, at);
    at += numbers.length;
  }
  return all;
}

/** The network without its numbers: what reads what, for who rebuilds it from the tensors. */
const graphOf = ({ inputs, layers, outputs }: NetworkSpec): string =>
  JSON.stringify({
    inputs,
    layers: layers.map((layer) => ({
      name: layer.name,
      kind: layer.kind,
      from: layer.from,
      outputs: layer.outputs,
      ...(layer.kind === "dense" && { activation: layer.activation }),
      ...(layer.kind === "normalise" && { epsilon: NORMALISE_EPSILON, limit: NORMALISE_LIMIT }),
    })),
    outputs: outputs.map(({ name }) => name),
  });

/**
 * The file format of safetensors: the length of the header as a little-endian uint64, the header as JSON padded with blanks to a multiple
 * of 8, the numbers. github.com/huggingface/safetensors
 */
export function toSafetensors(
  spec: NetworkSpec,
  weights: Float32Array,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const tensors = spec.layers.flatMap((layer) => namedOf(layer, weights));
  const header: Record<string, unknown> = { __metadata__: { ...metadata, graph: graphOf(spec) } };
  let at = 0;
  for (const { name, shape, numbers } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [4 * at, 4 * (at + numbers.length)] };
    at += numbers.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + 4 * at).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  file.set(new Uint8Array(joined(tensors).buffer), 8 + length);
  return file;
}

/** A layer of a layers model, and the weights that it loads, in the order that TensorFlow.js names them. */
interface Part {
  readonly layer: { readonly class_name: string; readonly name: string };
  readonly weights: readonly Named[];
}

const partOf = (
  class_name: string,
  name: string,
  from: readonly string[],
  config: object = {},
  weights: readonly Named[] = [],
): Part => {
  const layer = {
    class_name,
    config: { name, trainable: true, dtype: "float32", ...config },
    name,
    inbound_nodes: [from.map((input) => [input, 0, 0, {}])],
  };
  return { layer, weights };
};

const densePart = (name: string, from: string, activation: string, kernel: Named, bias: Named): Part =>
  partOf("Dense", name, [from], { units: bias.numbers.length, activation, use_bias: true }, [
    { ...kernel, name: `${name}/kernel` },
    { ...bias, name: `${name}/bias` },
  ]);

/** The same numbers for every row: a dense layer of the observation whose weights are zero. */
const constantPart = (name: string, inputs: number, numbers: Float32Array): Part => {
  const [rows, columns] = [inputs, numbers.length];
  const kernel = { name: "", shape: [rows, columns], numbers: new Float32Array(rows * columns) };
  return densePart(name, OBSERVATION, "linear", kernel, { name: "", shape: [columns], numbers });
};

/** Throws a sentence where a layers model has no such layer. */
function partsOf(layer: Layer, inputs: number, weights: Float32Array): Part[] {
  const { name, from } = layer;
  const [one, other] = namedOf(layer, weights);
  switch (layer.kind) {
    case "dense": {
      const read = from.length === 1 ? from[0] : `${name}_inputs`;
      const join = from.length === 1 ? [] : [partOf("Concatenate", read, from, { axis: -1 })];
      return [...join, densePart(name, read, layer.activation ?? "linear", one, other)];
    }
    case "free":
      return [constantPart(name, inputs, one.numbers)];
    case "normalise": {
      const limit = (sign: number) => new Float32Array(layer.inputs).fill(sign * NORMALISE_LIMIT);
      const scaled = `${name}_scaled`;
      const moving = [
        { ...one, name: `${scaled}/moving_mean` },
        { ...other, name: `${scaled}/moving_variance` },
      ];
      return [
        partOf("BatchNormalization", scaled, from, { epsilon: NORMALISE_EPSILON, center: false, scale: false }, moving),
        constantPart(`${name}_most`, inputs, limit(1)),
        constantPart(`${name}_least`, inputs, limit(-1)),
        partOf("Minimum", `${name}_below`, [scaled, `${name}_most`]),
        partOf("Maximum", name, [`${name}_below`, `${name}_least`]),
      ];
    }
    case "sde":
      throw new Error("a TensorFlow.js model has no layer for state-dependent exploration (gSDE); safetensors hold it");
  }
}

/**
 * A layers model of TensorFlow.js with the network's outputs, and its weights. Throws a sentence where it has no equivalent.
 *
 * @param weightsFile name of the file with the weights, which is to lie beside it
 */
export function toLayersModel(spec: NetworkSpec, weights: Float32Array, weightsFile: string) {
  const parts = spec.layers.flatMap((layer) => partsOf(layer, spec.inputs, weights));
  const tensors = parts.flatMap((of) => of.weights);
  const model = {
    format: "layers-model",
    generatedBy: "Cartpool",
    convertedBy: null,
    modelTopology: {
      class_name: "Model",
      config: {
        name: "cartpool",
        layers: [
          {
            class_name: "InputLayer",
            config: { batch_input_shape: [null, spec.inputs], dtype: "float32", sparse: false, name: OBSERVATION },
            name: OBSERVATION,
            inbound_nodes: [],
          },
          ...parts.map(({ layer }) => layer),
        ],
        input_layers: [[OBSERVATION, 0, 0]],
        output_layers: spec.outputs.map(({ name }) => [name, 0, 0]),
      },
    },
    weightsManifest: [
      { paths: [weightsFile], weights: tensors.map(({ name, shape }) => ({ name, shape, dtype: "float32" })) },
    ],
  };
  return { model, weights: joined(tensors) };
}
