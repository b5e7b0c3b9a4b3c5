/** Weights for other programs. */
import type { NetworkSpec } from "../spec.ts";

/** Names and shapes of the parameters, in their order: hidden1.weight [in, out], hidden1.bias [out], …, value.bias. */
export const tensorsOf = ({ layers }: NetworkSpec) =>
  layers.flatMap(({ name, inputs, outputs, weight, bias }) => [
    { name: `${name}.weight`, shape: [inputs, outputs], at: weight },
    { name: `${name}.bias`, shape: [outputs], at: bias },
  ]);

/**
 * The file format of safetensors: the length of the header as a little-endian uint64, the header as JSON padded with blanks to a multiple
 * of 8, the numbers. github.com/huggingface/safetensors
 */
export function toSafetensors(
  spec: NetworkSpec,
  weights: Float32Array,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape, at } of tensorsOf(spec)) {
    const length = shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: "F32", shape, data_offsets: [4 * at, 4 * (at + length)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + 4 * spec.size).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  file.set(new Uint8Array(weights.buffer, weights.byteOffset, 4 * spec.size), 8 + length);
  return file;
}

/**
 * A layers model of TensorFlow.js with the outputs logits and value.
 *
 * @param weightsFile name of the file with the weights, which is to lie beside it
 */
export function toLayersModel(spec: NetworkSpec, weightsFile: string): object {
  const tensors = tensorsOf(spec);
  const dense = (name: string, units: number, activation: string, from: string) => ({
    class_name: "Dense",
    config: { name, units, activation, use_bias: true, trainable: true, dtype: "float32" },
    name,
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const trunk = spec.hidden.at(-1)?.name ?? "observation";
  return {
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
            config: { batch_input_shape: [null, spec.inputs], dtype: "float32", sparse: false, name: "observation" },
            name: "observation",
            inbound_nodes: [],
          },
          ...spec.hidden.map(({ name, outputs }, i) =>
            dense(name, outputs, spec.activation, i === 0 ? "observation" : spec.hidden[i - 1].name),
          ),
          dense("logits", spec.actions, "linear", trunk),
          dense("value", 1, "linear", trunk),
        ],
        input_layers: [["observation", 0, 0]],
        output_layers: [
          ["logits", 0, 0],
          ["value", 0, 0],
        ],
      },
    },
    weightsManifest: [
      {
        paths: [weightsFile],
        weights: tensors.map(({ name, shape }) => ({
          name: name.replace(".weight", "/kernel").replace(".bias", "/bias"),
          shape,
          dtype: "float32",
        })),
      },
    ],
  };
}
