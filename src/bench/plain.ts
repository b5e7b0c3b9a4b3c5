/** Learning in plain JavaScript: the yardstick of the SIMD kernels. Float64 rows, loops that stream along rows of weights. */
import type { Batch, GradientEngine } from "../nn/engine.ts";
import type { Layer, NetworkSpec } from "../nn/spec.ts";

/** Rows that pass through the network together and stay in the cache. */
const BLOCK = 32;

export function plainEngine(spec: NetworkSpec): GradientEngine {
  const { inputs, actions: A, hidden, logits, value } = spec;
  const widest = Math.max(inputs, ...hidden.map((layer) => layer.outputs));
  const observation = new Float64Array(BLOCK * inputs);
  const activations = hidden.map((layer) => new Float64Array(BLOCK * layer.outputs));
  const z = new Float64Array(BLOCK * A);
  const v = new Float64Array(BLOCK);
  const dz = new Float64Array(BLOCK * A);
  const dv = new Float64Array(BLOCK);
  let delta = new Float64Array(BLOCK * widest);
  let below = new Float64Array(BLOCK * widest);
  const weights = new Float64Array(spec.size);
  const sums = new Float64Array(spec.size);

  const forward = ({ inputs: k, outputs: n, weight, bias }: Layer, x: Float64Array, y: Float64Array, rows: number) => {
    for (let r = 0; r < rows; r++) {
      const out = r * n;
      for (let j = 0; j < n; j++) y[out + j] = weights[bias + j];
      for (let i = 0; i < k; i++) {
        const xi = x[r * k + i];
        const row = weight + i * n;
        for (let j = 0; j < n; j++) y[out + j] += xi * weights[row + j];
      }
    }
  };

  /** Adds dW and db, and dX where there is one. */
  const backward = (layer: Layer, x: Float64Array, dy: Float64Array, dx: Float64Array | null, rows: number) => {
    const { inputs: k, outputs: n, weight, bias } = layer;
    for (let r = 0; r < rows; r++) {
      const out = r * n;
      for (let j = 0; j < n; j++) sums[bias + j] += dy[out + j];
      for (let i = 0; i < k; i++) {
        const xi = x[r * k + i];
        const row = weight + i * n;
        let sum = 0;
        for (let j = 0; j < n; j++) {
          const d = dy[out + j];
          sums[row + j] += xi * d;
          sum += weights[row + j] * d;
        }
        if (dx) dx[r * k + i] += sum;
      }
    }
  };

  return {
    id: "plain",
    needsEventLoop: false,
    differentiate(parameters, batch: Batch, hp, gradient, stats) {
      const { valueCost, entropyCost } = hp as { valueCost: number; entropyCost: number };
      const N = batch.rows;
      weights.set(parameters);
      sums.fill(0);
      let policyLoss = 0;
      let valueLoss = 0;
      let entropies = 0;
      for (let from = 0; from < N; from += BLOCK) {
        const rows = Math.min(BLOCK, N - from);
        for (let i = 0; i < rows * inputs; i++) observation[i] = batch.observation[from * inputs + i];
        let x = observation;
        for (let l = 0; l < hidden.length; l++) {
          const h = activations[l];
          const n = rows * hidden[l].outputs;
          forward(hidden[l], x, h, rows);
          if (spec.activation === "tanh") for (let i = 0; i < n; i++) h[i] = Math.tanh(h[i]);
          else for (let i = 0; i < n; i++) h[i] = h[i] > 0 ? h[i] : 0;
          x = h;
        }
        forward(logits, x, z, rows);
        forward(value, x, v, rows);
        for (let r = 0; r < rows; r++) {
          let greatest = Number.NEGATIVE_INFINITY;
          for (let a = 0; a < A; a++) greatest = Math.max(greatest, z[r * A + a]);
          let sum = 0;
          for (let a = 0; a < A; a++) sum += Math.exp(z[r * A + a] - greatest);
          const logSum = greatest + Math.log(sum);
          let entropy = 0;
          for (let a = 0; a < A; a++) entropy -= Math.exp(z[r * A + a] - logSum) * (z[r * A + a] - logSum);
          const taken = batch.action[from + r];
          const advantage = batch.advantage[from + r];
          for (let a = 0; a < A; a++) {
            const logP = z[r * A + a] - logSum;
            const p = Math.exp(logP);
            dz[r * A + a] = (advantage * (p - (a === taken ? 1 : 0)) + entropyCost * p * (logP + entropy)) / N;
          }
          const error = v[r] - batch.returns[from + r];
          dv[r] = (valueCost * error) / N;
          policyLoss -= advantage * (z[r * A + taken] - logSum);
          valueLoss += 0.5 * error * error;
          entropies += entropy;
        }
        below.fill(0, 0, rows * (hidden.at(-1)?.outputs ?? inputs));
        backward(logits, x, dz, below, rows);
        backward(value, x, dv, below, rows);
        for (let l = hidden.length - 1; l >= 0; l--) {
          [delta, below] = [below, delta];
          const h = activations[l];
          const n = rows * hidden[l].outputs;
          if (spec.activation === "tanh") for (let i = 0; i < n; i++) delta[i] *= 1 - h[i] * h[i];
          else for (let i = 0; i < n; i++) if (h[i] <= 0) delta[i] = 0;
          if (l > 0) below.fill(0, 0, rows * hidden[l].inputs);
          backward(hidden[l], l > 0 ? activations[l - 1] : observation, delta, l > 0 ? below : null, rows);
        }
      }
      gradient.set(sums);
      stats[0] = (policyLoss + valueCost * valueLoss - entropyCost * entropies) / N;
      stats[1] = policyLoss / N;
      stats[2] = valueLoss / N;
      stats[3] = entropies / N;
    },
    dispose() {},
  };
}
