/** What a loss is written in: TensorFlow.js operations on a network's outputs and a batch. */
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { BatchGradient } from "./engine.ts";

/** The TensorFlow.js namespace, handed in so that this layer loads no backend. */
export type Tf = typeof import("@tensorflow/tfjs-core");

/** What the network says of N observations, by the names of its outputs. [N, width] each */
export type Outputs = Readonly<Record<string, Tensor2D>>;

/** A network with its parameters bound. observation: [N, obs] */
export type Net = (observation: Tensor2D) => Outputs;

/** One update's experience on the device, N = actors × steps × environment copies; D numbers an action. */
export interface TensorBatch {
  readonly observation: Tensor2D; // [N, obs]
  readonly action: Tensor1D | Tensor2D; // [N] where it is discrete, else [N, D]
  readonly advantage: Tensor1D; // [N]
  readonly returns: Tensor1D; // [N]
}

/** The statistics of a loss, the loss itself among them: those that its row function declares, by name. */
export type LossParts<Stat extends string = string> = Readonly<Record<Stat, Scalar>>;

/** What a network learns by: a loss, and the same as a row function. */
export interface Learns {
  // biome-ignore lint/suspicious/noExplicitAny: the bound of the registry of algorithms with different hyperparameters
  loss(tf: Tf, net: Net, batch: TensorBatch, hp: any): LossParts;
  /** Tests hold it to `loss`. */
  readonly outputGradient: BatchGradient;
}
