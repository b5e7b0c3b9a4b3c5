/** Actions that can be counted, drawn from the softmax of logits. */
import { exp, log } from "../../core/math.ts";
import { Rng } from "../../core/rng.ts";
import { type NetworkSpec, outputOf } from "../graph.ts";
import { type Acting, streamOf } from "./acting.ts";

/** Reads the output `logits`. */
export function categorical(spec: NetworkSpec): Acting {
  const { outputs: A, column } = outputOf(spec, "logits");

  const greatestOf = (outputs: ArrayLike<number>, from: number): number => {
    let greatest = outputs[from];
    for (let a = 1; a < A; a++) if (outputs[from + a] > greatest) greatest = outputs[from + a];
    return greatest;
  };
  /** log Σ e^z */
  const logSum = (outputs: ArrayLike<number>, from: number): number => {
    const greatest = greatestOf(outputs, from);
    let sum = 0;
    for (let a = 0; a < A; a++) sum += exp(outputs[from + a] - greatest);
    return greatest + log(sum);
  };

  return {
    size: 1,
    state: 0,
    scratch: () => 4 * Math.ceil(A / 4),

    plain({ forward, actions, sources }) {
      const { outputs } = forward;
      const probabilities = new Float64Array(A);
      const rngs = Array.from(actions, (_, row) => new Rng(streamOf(sources, row)));
      /** Inversion: the action in whose stretch of the cumulated probabilities a uniform number falls. */
      const draw = (row: number): number => {
        const from = row * spec.width + column;
        const greatest = greatestOf(outputs, from);
        let sum = 0;
        for (let a = 0; a < A; a++) {
          probabilities[a] = exp(outputs[from + a] - greatest);
          sum += probabilities[a];
        }
        let left = rngs[row].uniform() * sum;
        for (let a = 0; a < A - 1; a++) {
          left -= probabilities[a];
          if (left < 0) return a;
        }
        return A - 1;
      };
      return {
        load() {},
        sample(rows) {
          for (let r = 0; r < rows; r++) actions[r] = draw(r);
        },
      };
    },

    simd({ kernels, network, outputs, actions, scratch, sources: { words, first, apart } }) {
      const logits = outputs.byteOffset + 4 * column;
      const streams = words.byteOffset + 4 * first;
      return {
        load() {},
        sample(rows) {
          const { stride } = network;
          kernels.sample(logits, stride, A, rows, streams, 4 * apart, actions.byteOffset, scratch.byteOffset);
        },
      };
    },

    /** The first of equals. */
    mode(outputs, at, action) {
      let best = 0;
      for (let a = 1; a < A; a++) if (outputs[at + column + a] > outputs[at + column + best]) best = a;
      action[0] = best;
      return action;
    },

    leanings: A,
    deviation: () => null,
    leaning: (outputs, at, k) => exp(outputs[at + column + k] - logSum(outputs, at + column)),

    entropy(outputs, at) {
      const sum = logSum(outputs, at + column);
      let entropy = 0;
      for (let a = 0; a < A; a++) {
        const logP = outputs[at + column + a] - sum;
        entropy -= exp(logP) * logP;
      }
      return entropy;
    },

    divergence(p, pAt, q, qAt) {
      const [pSum, qSum] = [logSum(p, pAt + column), logSum(q, qAt + column)];
      let divergence = 0;
      for (let a = 0; a < A; a++) {
        const logP = p[pAt + column + a] - pSum;
        divergence += exp(logP) * (logP - (q[qAt + column + a] - qSum));
      }
      return divergence;
    },
  };
}
