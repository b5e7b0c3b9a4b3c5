/** Actions that are normal numbers around a mean, dimension by dimension: a = μ + σ ε. */
import { exp } from "../../core/math.ts";
import { Rng } from "../../core/rng.ts";
import { type NetworkSpec, outputOf } from "../graph.ts";
import { type Acting, streamOf } from "./acting.ts";
import { normals } from "./normals.ts";

/**
 * The logarithm of a Gaussian policy's standard deviation is taken within these bounds, in acting and in the loss alike; beyond
 * them it has no gradient. Below, the last digit of a float32 action would be a part of σ that counts; above, every action is clipped.
 */
export const LOG_SIGMA_LEAST = -10;
export const LOG_SIGMA_MOST = 5;

const bounded = (logSigma: number) => Math.min(Math.max(logSigma, LOG_SIGMA_LEAST), LOG_SIGMA_MOST);

/** ½ ln 2πe: the entropy of a normal number with σ = 1, in nats. */
export const HALF_LOG_TAU_E = 1.4189385332046727;

/** What all Gaussian rules say of the outputs `mean` and `logSigma`. */
export function gaussianOutputs(spec: NetworkSpec) {
  const { outputs: size, column: mean } = outputOf(spec, "mean");
  const { column: logSigma } = outputOf(spec, "logSigma");
  return {
    size,
    mean,
    logSigma,
    mode(outputs, at, action) {
      for (let k = 0; k < size; k++) action[k] = outputs[at + mean + k];
      return action;
    },
    leanings: size,
    leaning: (outputs, at, k) => outputs[at + mean + k],
    deviation: (outputs, at, k) => exp(bounded(outputs[at + logSigma + k])),
    entropy(outputs, at) {
      let entropy = 0;
      for (let k = 0; k < size; k++) entropy += HALF_LOG_TAU_E + bounded(outputs[at + logSigma + k]);
      return entropy;
    },
    // Σ ln σ_q/σ_p + (σ_p² + (μ_p − μ_q)²) / 2σ_q² − ½
    divergence(p, pAt, q, qAt) {
      let divergence = 0;
      for (let k = 0; k < size; k++) {
        const [logP, logQ] = [bounded(p[pAt + logSigma + k]), bounded(q[qAt + logSigma + k])];
        const apart = (p[pAt + mean + k] - q[qAt + mean + k]) * exp(-logQ);
        divergence += logQ - logP + 0.5 * (exp(2 * (logP - logQ)) + apart * apart - 1);
      }
      return divergence;
    },
  } satisfies Partial<Acting> & Record<string, unknown>;
}

/** Where the noise of a step comes from: white, each number by itself; ou, an Ornstein–Uhlenbeck process along the episode. */
export type Noise = "white" | "ou";

/**
 * σ is the same in every state. `ou`: ε_t = ρ ε_(t−1) + √(1 − ρ²) n_t with ρ the hyperparameter `ouDecay`, ε_0 = n_0 in an episode's first
 * state, so that every ε_t by itself is standard normal, and a step's action is distributed as its log-probability says.
 */
export function gaussian(spec: NetworkSpec, noise: Noise): Acting {
  const { mean, logSigma, ...said } = gaussianOutputs(spec);
  const { size } = said;
  const rhoOf = (values: Readonly<Record<string, unknown>>) => values.ouDecay as number;

  return {
    ...said,
    state: noise === "ou" ? size : 0,
    scratch: (rows) => rows * size,

    plain({ forward: { outputs }, actions, sources }) {
      const { steps, state } = sources;
      const drawn = new Float64Array(size);
      const rngs = Array.from({ length: actions.length / size }, (_, row) => new Rng(streamOf(sources, row)));
      const drift = (row: number, rho: number) => {
        const root = Math.sqrt(1 - rho * rho);
        for (let k = 0; k < size; k++) {
          const at = row * size + k;
          drawn[k] = steps[row] === 0 ? drawn[k] : rho * state[at] + root * drawn[k];
          state[at] = drawn[k];
        }
      };
      return {
        load() {},
        sample(rows, values) {
          for (let row = 0; row < rows; row++) {
            normals(rngs[row], drawn, 0, size);
            if (noise === "ou") drift(row, rhoOf(values));
            const from = row * spec.width;
            for (let k = 0; k < size; k++)
              actions[row * size + k] =
                outputs[from + mean + k] + exp(bounded(outputs[from + logSigma + k])) * drawn[k];
          }
        },
      };
    },

    simd({ kernels, network, outputs, actions, scratch, sources: { words, first, apart, steps, state } }) {
      const streams = words.byteOffset + 4 * first;
      const [out, drawn, kept] = [outputs.byteOffset, scratch.byteOffset, state.byteOffset];
      const [at, action] = [steps.byteOffset, actions.byteOffset];
      return {
        load() {},
        sample(rows, values) {
          kernels.normals(streams, 4 * apart, rows, at, 1, drawn, size);
          let epsilon = drawn;
          if (noise === "ou") {
            const rho = rhoOf(values);
            kernels.ornsteinUhlenbeck(drawn, kept, at, rows, size, rho, Math.sqrt(1 - rho * rho));
            epsilon = kept;
          }
          const { stride } = network;
          kernels.gaussian(out, stride, mean, logSigma, LOG_SIGMA_LEAST, LOG_SIGMA_MOST, epsilon, action, rows, size);
        },
      };
    },
  };
}
