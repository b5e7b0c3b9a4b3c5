/**
 * An algorithm is a loss plus a topology. The loss is written once, in TensorFlow.js operations: that is its
 * definition, and it runs on any backend. The topology says who waits for whom (runtime/learner.ts carries it out).
 */
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { ParamSet, Values } from "../core/params.ts";

/** The TensorFlow.js namespace, handed in so that this layer loads no backend. */
export type Tf = typeof import("@tensorflow/tfjs-core");

/** What the network says of N observations. */
export interface Outputs {
  readonly logits: Tensor2D; // [N, A]
  readonly value: Tensor1D; // [N]
}

/** A network with its parameters bound. observation: [N, obs] */
export type Net = (observation: Tensor2D) => Outputs;

/** One update's experience on the device, N = actors × steps × environment copies. */
export interface TensorBatch {
  readonly observation: Tensor2D; // [N, obs]
  readonly action: Tensor1D; // [N] int32
  readonly advantage: Tensor1D; // [N]
  readonly returns: Tensor1D; // [N]
}

/** The loss and the parts that the page draws. */
export interface LossParts {
  readonly loss: Scalar;
  readonly policyLoss: Scalar;
  readonly valueLoss: Scalar;
  readonly entropy: Scalar;
}

/**
 * lockstep: every actor hands in one unroll, one update, everybody pulls the next version.
 * asynchronous: an actor's unroll is applied on arrival, at the gradient of that actor's own snapshot; the others are
 * not waited for.
 */
export type Synchrony = "lockstep" | "asynchronous";

export interface Algorithm<P extends ParamSet = ParamSet> {
  /** The paper's short name in lower case; also the value of `algo=` in a run URL. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences for a newcomer. */
  readonly about: string;
  readonly citation: { readonly text: string; readonly url: string };
  readonly synchrony: Synchrony;
  readonly params: P;
  loss(tf: Tf, net: Net, batch: TensorBatch, hp: Values<P>): LossParts;
}
