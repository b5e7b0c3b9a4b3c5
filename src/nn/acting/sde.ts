/** Generalized state-dependent exploration.    Raffin et al. 2021, arXiv:2005.05719 */
import { exp } from "../../core/math.ts";
import { Rng } from "../../core/rng.ts";
import { layerOf, type NetworkSpec } from "../graph.ts";
import { type Acting, streamOf } from "./acting.ts";
import { gaussianOutputs } from "./gaussian.ts";
import { normals } from "./normals.ts";

/**
 * a = μ + φ (σ ∘ E): the noise is a function of the state, linear in the features φ that the layer `logSigma` reads, and smooth along the
 * episode. E, [features, size], is standard normal and drawn anew in an episode's first state and every `sdeEvery` steps. Over E,
 * a_k is normal with the variance Σ_i φ_i² σ_ik²: what the output `logSigma` says, but for its ε.
 */
export function stateDependent(spec: NetworkSpec): Acting {
  const { mean, logSigma: _, ...said } = gaussianOutputs(spec);
  const { size } = said;
  const { inputs: length, weight, from } = layerOf(spec, "logSigma", "sde");
  const count = size * length;
  const everyOf = (values: Readonly<Record<string, unknown>>) => values.sdeEvery as number;

  return {
    ...said,
    /** Eᵀ: [size, features] */
    state: count,
    scratch: () => count,

    plain({ forward, actions, sources }) {
      const { steps, state } = sources;
      const { outputs } = forward;
      const phi = forward.numbersOf(from[0]);
      const sigma = new Float64Array(count); // [size, features]
      const rngs = Array.from({ length: actions.length / size }, (_, row) => new Rng(streamOf(sources, row)));
      const noiseOf = (row: number, k: number): number => {
        let sum = 0;
        for (let i = 0; i < length; i++)
          sum += phi[row * length + i] * sigma[k * length + i] * state[row * count + k * length + i];
        return sum;
      };
      return {
        load(parameters) {
          for (let k = 0; k < size; k++)
            for (let i = 0; i < length; i++) sigma[k * length + i] = exp(parameters[weight + i * size + k]);
        },
        sample(rows, values) {
          for (let row = 0; row < rows; row++) {
            if (steps[row] % everyOf(values) === 0) normals(rngs[row], state, row * count, count);
            for (let k = 0; k < size; k++)
              actions[row * size + k] = outputs[row * spec.width + mean + k] + noiseOf(row, k);
          }
        },
      };
    },

    simd({ kernels, network, outputs, actions, scratch, sources: { words, first, apart, steps, state } }) {
      const streams = words.byteOffset + 4 * first;
      const [out, sigma, kept] = [outputs.byteOffset, scratch.byteOffset, state.byteOffset];
      const [stepsAt, action] = [steps.byteOffset, actions.byteOffset];
      return {
        load(parameters) {
          kernels.sdeSigma(parameters.byteOffset + 4 * weight, sigma, length, size);
        },
        sample(rows, values, at) {
          kernels.normals(streams, 4 * apart, rows, stepsAt, everyOf(values), kept, count);
          const { stride } = network;
          const phi = network.featuresAt(at);
          const apartPhi = network.featuresStride;
          kernels.sdeAction(out, stride, mean, phi, apartPhi, sigma, kept, action, rows, size, length);
        },
      };
    },
  };
}
