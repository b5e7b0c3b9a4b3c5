/**
 * The output gradients that the kernels have, by name: an algorithm's loss, differentiated by hand in the network's
 * outputs (kernels.as.ts has equation and code). A loss says which one is its own; tests hold every pair together.
 */
import type { HeadName } from "../loss.ts";
import type { Kernels } from "./kernels.ts";

/** Addresses of a block of rows whose forward pass is done. */
export interface HeadRows {
  /** Logits and value of every row, [rows, stride]. */
  outputs: number;
  /** Where ∂loss/∂outputs goes, [rows, stride]. */
  gradient: number;
  action: number;
  advantage: number;
  returns: number;
  rows: number;
  /** Floats between two rows of the outputs. */
  stride: number;
  actions: number;
  /** 1/N of the whole update. */
  inverseN: number;
  /** [actions, padded] */
  scratch: number;
  /** Sums over the update, [3] f64; what they are is the head's business. */
  sums: number;
}

export type LossValues = Readonly<Record<string, unknown>>;

export interface Head {
  /** Writes the gradient of a block, and adds to the sums. */
  differentiate(kernels: Kernels, at: HeadRows, hp: LossValues): void;
  /** The parts of the mean loss of `rows` rows, in the order of lossStats, from their sums. */
  loss(sums: Float64Array, rows: number, hp: LossValues, stats: Float32Array): void;
}

interface ActorCriticCosts {
  readonly valueCost: number;
  readonly entropyCost: number;
}

const actorCritic: Head = {
  differentiate(kernels, at, hp) {
    const { valueCost, entropyCost } = hp as unknown as ActorCriticCosts;
    kernels.actorCriticHead(
      at.outputs,
      at.action,
      at.advantage,
      at.returns,
      at.gradient,
      at.rows,
      at.stride,
      at.actions,
      valueCost,
      entropyCost,
      at.inverseN,
      at.scratch,
      at.sums,
    );
  },

  // Σ −A log π(a), Σ ½ (R − V)², Σ H
  loss(sums, rows, hp, stats) {
    const { valueCost, entropyCost } = hp as unknown as ActorCriticCosts;
    stats[0] = (sums[0] + valueCost * sums[1] - entropyCost * sums[2]) / rows;
    stats[1] = sums[0] / rows;
    stats[2] = sums[1] / rows;
    stats[3] = sums[2] / rows;
  },
};

export const heads: Record<HeadName, Head> = { actorCritic };
