/**
 * The network and a loss on TensorFlow.js, op by op: runs any loss as it is written, on any backend. The parameters of
 * the call are uploaded, the gradient comes back in one read, so that shared memory always holds the truth.
 */
import type * as TfCore from "@tensorflow/tfjs-core";
import { type Batch, type BatchField, fieldsOf, type GradientEngine } from "../engine.ts";
import { fieldWidth } from "../gradient.ts";
import {
  type Layer,
  type NetworkSpec,
  NORMALISE_EPSILON,
  NORMALISE_LIMIT,
  OBSERVATION,
  outputWidths,
  SDE_EPSILON,
  tensorsOf,
} from "../graph.ts";
import type { Learns, Net, TensorBatch, Tf } from "../loss.ts";
import { brokenDown } from "./breakdown.ts";

type Tensor = TfCore.Tensor;

/** The network as a function of its tensors, in the order of `parameterTensors`. */
export function network(tf: Tf, spec: NetworkSpec, tensors: readonly Tensor[]): Net {
  const own = new Map<string, readonly Tensor[]>();
  let next = 0;
  for (const layer of spec.layers) {
    const { length } = tensorsOf(layer);
    own.set(layer.name, tensors.slice(next, next + length));
    next += length;
  }
  return (observation) => {
    const values = new Map<string, Tensor>([[OBSERVATION, observation]]);
    for (const layer of spec.layers) {
      const x = layer.from.map((name) => values.get(name) as Tensor);
      values.set(layer.name, applied(tf, layer, own.get(layer.name) ?? [], x, observation.shape[0]));
    }
    return Object.fromEntries(spec.outputs.map(({ name }) => [name, values.get(name) as TfCore.Tensor2D]));
  };
}

/** What a layer says of its inputs: [N, outputs] */
function applied(tf: Tf, layer: Layer, own: readonly Tensor[], x: readonly Tensor[], rows: number): Tensor {
  switch (layer.kind) {
    case "dense": {
      const [weight, bias] = own;
      const joined = x.length === 1 ? x[0] : tf.concat([...x], 1);
      const sum = tf.add(tf.matMul(joined as TfCore.Tensor2D, weight as TfCore.Tensor2D), bias);
      return layer.activation === null ? sum : tf[layer.activation](sum);
    }
    case "free":
      return tf.add(tf.zeros([rows, layer.outputs]), own[0]);
    case "normalise": {
      const [mean, variance] = own;
      const scaled = tf.div(tf.sub(x[0], mean), tf.sqrt(tf.add(variance, NORMALISE_EPSILON)));
      return tf.clipByValue(scaled, -NORMALISE_LIMIT, NORMALISE_LIMIT);
    }
    case "sde": {
      const phi = tf.square(constant(tf, x[0])) as TfCore.Tensor2D;
      const variance = tf.matMul(phi, tf.exp(tf.mul(2, own[0])) as TfCore.Tensor2D);
      return tf.mul(0.5, tf.log(tf.add(variance, SDE_EPSILON)));
    }
  }
}

/** x, and a gradient of zero. */
const constant = (tf: Tf, x: Tensor): Tensor =>
  tf.customGrad((of) => ({ value: tf.clone(of as Tensor), gradFunc: (dy: Tensor) => tf.zerosLike(dy) }))(x);

/** The tensors of a flat parameter vector; the values are copied, because tfjs-cpu keeps the array it is given. */
export function parameterTensors(tf: Tf, spec: NetworkSpec, parameters: Float32Array): Tensor[] {
  return spec.layers
    .flatMap(tensorsOf)
    .map(({ at, shape }) =>
      tf.tensor(parameters.slice(at, at + shape.reduce((a, b) => a * b, 1)), [...shape], "float32"),
    );
}

export function tfjsEngine(
  tf: Tf,
  backend: "webgpu" | "wasm" | "cpu",
  spec: NetworkSpec,
  { loss, outputGradient }: Learns,
  health: { fault: string | null } = { fault: null },
): GradientEngine {
  /** Which tensors learn: statistics are constants. */
  const learns = spec.layers.flatMap(tensorsOf).map((tensor) => tensor.learns);
  const widths = outputWidths(spec);
  /** A field of the batch: [N], or [N, width] where it is as wide as an output. */
  const field = (batch: Batch, name: BatchField): Tensor => {
    const of = outputGradient.fields[name];
    const width = fieldWidth(of, widths);
    const values = batch[name].slice(0, batch.rows * width);
    return of === 1 ? tf.tensor1d(values) : tf.tensor2d(values, [batch.rows, width]);
  };

  const { stats: names } = outputGradient;
  /** The statistics of the loss and the gradient of what learns in one vector. */
  const packed = (parameters: Float32Array, batch: Batch, hp: unknown) =>
    tf.tidy(() => {
      const { rows } = batch;
      const tensors = {
        observation: tf.tensor2d(batch.observation.slice(0, rows * spec.inputs), [rows, spec.inputs]),
        ...Object.fromEntries(fieldsOf(outputGradient).map((name) => [name, field(batch, name)])),
      } as TensorBatch;
      let parts: Tensor[] = [];
      const all = parameterTensors(tf, spec, parameters);
      const { grads } = tf.valueAndGrads((...bound: Tensor[]) => {
        let next = 0;
        const of = loss(
          tf,
          network(
            tf,
            spec,
            all.map((tensor, i) => (learns[i] ? bound[next++] : tensor)),
          ),
          tensors,
          hp,
        );
        parts = names.map((name) => tf.keep(tf.reshape(of[name], [1])));
        return of[names[0]];
      })(all.filter((_, i) => learns[i]));
      const vector = tf.concat([...parts, ...grads.map((gradient) => tf.reshape(gradient, [-1]))]);
      for (const part of parts) part.dispose();
      return vector;
    });

  const unpack = (values: Float32Array, gradient: Float32Array, stats: Float32Array) => {
    if (health.fault) throw new Error(health.fault);
    stats.set(values.subarray(0, stats.length));
    gradient.set(values.subarray(stats.length));
  };

  /** On the processor it answers at once. */
  const atOnce: GradientEngine["differentiate"] = (parameters, batch, hp, gradient, stats) => {
    try {
      const result = packed(parameters, batch, hp);
      unpack(result.dataSync() as Float32Array, gradient, stats);
      result.dispose();
    } catch (failure) {
      throw brokenDown(failure, `tfjs-${backend}`);
    }
  };

  return {
    id: `tfjs-${backend}`,
    needsEventLoop: backend === "webgpu",
    differentiate(parameters, batch, hp, gradient, stats) {
      if (backend !== "webgpu") return atOnce(parameters, batch, hp, gradient, stats);
      const result = packed(parameters, batch, hp);
      return result.data().then((values) => {
        result.dispose();
        unpack(values as Float32Array, gradient, stats);
      });
    },
    dispose() {},
  };
}
