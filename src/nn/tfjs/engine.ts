/**
 * The network and a loss on TensorFlow.js, op by op: runs any loss as it is written, on any backend. The parameters of
 * the call are uploaded, the gradient comes back in one read, so that shared memory always holds the truth.
 */
import type * as TfCore from "@tensorflow/tfjs-core";
import type { Batch, GradientEngine } from "../engine.ts";
import type { LossParts, Net, Outputs, TensorBatch, Tf } from "../loss.ts";
import type { NetworkSpec } from "../spec.ts";
import { brokenDown } from "./breakdown.ts";

type Tensor = TfCore.Tensor;
// biome-ignore lint/suspicious/noExplicitAny: the bound of the registry of algorithms with different hyperparameters
type Loss = (tf: Tf, net: Net, batch: TensorBatch, hp: any) => LossParts;

/** The network as a function of its parameters. parameters: a matrix and a bias for every layer of the spec, in order. */
export function network(tf: Tf, spec: NetworkSpec, parameters: readonly Tensor[]): Net {
  const dense = (x: Tensor, index: number) =>
    tf.add(tf.matMul(x as TfCore.Tensor2D, parameters[2 * index] as TfCore.Tensor2D), parameters[2 * index + 1]);
  return (observation): Outputs => {
    let trunk: Tensor = observation; //                                           [N, obs]
    spec.hidden.forEach((_, i) => {
      const sum = dense(trunk, i); //                                             [N, width]
      trunk = spec.activation === "tanh" ? tf.tanh(sum) : tf.relu(sum);
    });
    const logits = dense(trunk, spec.hidden.length) as TfCore.Tensor2D; //        [N, A]
    const value = dense(trunk, spec.hidden.length + 1); //                        [N, 1]
    return { logits, value: tf.reshape(value, [-1]) as TfCore.Tensor1D };
  };
}

/** The tensors of a flat parameter vector; the values are copied, because tfjs-cpu keeps the array it is given. */
export function parameterTensors(tf: Tf, spec: NetworkSpec, parameters: Float32Array): Tensor[] {
  const part = (at: number, shape: number[]) =>
    tf.tensor(parameters.slice(at, at + shape.reduce((a, b) => a * b, 1)), shape, "float32");
  return spec.layers.flatMap((layer) => [
    part(layer.weight, [layer.inputs, layer.outputs]),
    part(layer.bias, [layer.outputs]),
  ]);
}

export function tfjsEngine(
  tf: Tf,
  backend: "webgpu" | "wasm" | "cpu",
  spec: NetworkSpec,
  loss: Loss,
  health: { fault: string | null } = { fault: null },
): GradientEngine {
  /** The parts of the loss and the gradient of every parameter in one vector: [4 + P]. */
  const packed = (parameters: Float32Array, batch: Batch, hp: unknown) =>
    tf.tidy(() => {
      const { rows } = batch;
      const tensors: TensorBatch = {
        observation: tf.tensor2d(batch.observation.slice(0, rows * spec.inputs), [rows, spec.inputs]),
        action: tf.tensor1d(batch.action.slice(0, rows)),
        advantage: tf.tensor1d(batch.advantage.slice(0, rows)),
        returns: tf.tensor1d(batch.returns.slice(0, rows)),
      };
      let parts: Tensor[] = [];
      const { grads } = tf.valueAndGrads((...bound: Tensor[]) => {
        const of = loss(tf, network(tf, spec, bound), tensors, hp);
        parts = [of.loss, of.policyLoss, of.valueLoss, of.entropy].map((part) => tf.keep(tf.reshape(part, [1])));
        return of.loss;
      })(parameterTensors(tf, spec, parameters));
      const all = tf.concat([...parts, ...grads.map((gradient) => tf.reshape(gradient, [-1]))]);
      for (const part of parts) part.dispose();
      return all;
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
