/**
 * The network, the advantage actor-critic loss and its gradient in plain float64 arithmetic, written from the papers
 * and from nothing in src but types: what the real engines are measured against, and a fast engine for whole runs.
 * Its gradient is itself held to central differences of its loss (tests/algorithms/gradient.test.ts).
 */
import type { Batch, GradientEngine } from "../../src/nn/engine.ts";

export interface Sizes {
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly actions: number;
  readonly activation: "tanh" | "relu";
}

export interface Costs {
  readonly valueCost: number;
  readonly entropyCost: number;
}

export interface Parts {
  loss: number;
  policyLoss: number;
  valueLoss: number;
  entropy: number;
}

/** Layers lie one after the other: W [from, to] row-major, then b [to]; the trunk, the logits, the value. */
function shapes({ inputs, widths, actions }: Sizes): { from: number; to: number; at: number }[] {
  const trunk = [inputs, ...widths];
  const last = trunk[trunk.length - 1];
  let at = 0;
  const place = (from: number, to: number) => {
    const here = { from, to, at };
    at += from * to + to;
    return here;
  };
  return [...widths.map((to, i) => place(trunk[i], to)), place(last, actions), place(last, 1)];
}

export const sizeOf = (sizes: Sizes): number => shapes(sizes).reduce((sum, { from, to }) => sum + from * to + to, 0);

const affine = (theta: ArrayLike<number>, { from, to, at }: { from: number; to: number; at: number }, x: number[]) =>
  Array.from({ length: to }, (_, j) =>
    x.reduce((sum, xi, i) => sum + xi * theta[at + i * to + j], theta[at + from * to + j]),
  );

/** One observation through the network. layers: the input, then the activations of every hidden layer. */
export function forward(sizes: Sizes, theta: ArrayLike<number>, observation: number[]) {
  const all = shapes(sizes);
  const layers = [observation];
  for (const shape of all.slice(0, -2)) {
    const sums = affine(theta, shape, layers[layers.length - 1]);
    layers.push(sums.map((z) => (sizes.activation === "tanh" ? Math.tanh(z) : Math.max(0, z))));
  }
  const trunk = layers[layers.length - 1];
  return {
    layers,
    logits: affine(theta, all[all.length - 2], trunk),
    value: affine(theta, all[all.length - 1], trunk)[0],
  };
}

/** log softmax, shifted by the greatest logit. */
export function logSoftmax(logits: readonly number[]): number[] {
  const greatest = Math.max(...logits);
  const logSum = greatest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - greatest), 0));
  return logits.map((z) => z - logSum);
}

const rowOf = (batch: Batch, inputs: number, n: number) =>
  Array.from(batch.observation.subarray(n * inputs, (n + 1) * inputs));

/** −A log π(a|x) + b ½ (R − V(x))² − e H(π(·|x)), and its parts, each the mean over the rows. */
export function lossOf(sizes: Sizes, theta: ArrayLike<number>, batch: Batch, hp: Costs): Parts {
  let policyLoss = 0;
  let valueLoss = 0;
  let entropy = 0;
  for (let n = 0; n < batch.rows; n++) {
    const { logits, value } = forward(sizes, theta, rowOf(batch, sizes.inputs, n));
    const logPi = logSoftmax(logits);
    policyLoss -= (batch.advantage[n] * logPi[batch.action[n]]) / batch.rows;
    valueLoss += (0.5 * (batch.returns[n] - value) ** 2) / batch.rows;
    entropy -= logPi.reduce((sum, l) => sum + (l < -700 ? 0 : Math.exp(l) * l), 0) / batch.rows;
  }
  return { loss: policyLoss + hp.valueCost * valueLoss - hp.entropyCost * entropy, policyLoss, valueLoss, entropy };
}

/** ∂loss/∂θ by the chain rule: with p = π(·|x), ∂/∂z_k = A (p_k − [k = a]) + e p_k (log p_k + H), ∂/∂V = b (V − R). */
export function gradientOf(sizes: Sizes, theta: ArrayLike<number>, batch: Batch, hp: Costs): Float64Array {
  const all = shapes(sizes);
  const gradient = new Float64Array(sizeOf(sizes));
  const backward = (shape: (typeof all)[number], x: number[], dy: number[], dx: number[]) => {
    const { from, to, at } = shape;
    for (let j = 0; j < to; j++) gradient[at + from * to + j] += dy[j];
    for (let i = 0; i < from; i++)
      for (let j = 0; j < to; j++) {
        gradient[at + i * to + j] += x[i] * dy[j];
        dx[i] += theta[at + i * to + j] * dy[j];
      }
  };
  for (let n = 0; n < batch.rows; n++) {
    const { layers, logits, value } = forward(sizes, theta, rowOf(batch, sizes.inputs, n));
    const logPi = logSoftmax(logits);
    const p = logPi.map(Math.exp);
    const H = -p.reduce((sum, pk, k) => sum + (pk === 0 ? 0 : pk * logPi[k]), 0);
    const dLogits = p.map(
      (pk, k) =>
        (batch.advantage[n] * (pk - (k === batch.action[n] ? 1 : 0)) +
          (pk === 0 ? 0 : hp.entropyCost * pk * (logPi[k] + H))) /
        batch.rows,
    );
    const dValue = [(hp.valueCost * (value - batch.returns[n])) / batch.rows];
    let x = layers[layers.length - 1];
    let dx = x.map(() => 0);
    backward(all[all.length - 2], x, dLogits, dx);
    backward(all[all.length - 1], x, dValue, dx);
    for (let l = all.length - 3; l >= 0; l--) {
      const dy = dx.map((d, i) => d * (sizes.activation === "tanh" ? 1 - x[i] * x[i] : x[i] > 0 ? 1 : 0));
      x = layers[l];
      dx = x.map(() => 0);
      backward(all[l], x, dy, dx);
    }
  }
  return gradient;
}

export function plainEngine(sizes: Sizes): GradientEngine {
  return {
    id: "plain",
    needsEventLoop: false,
    differentiate(parameters, batch, hp, gradient, stats) {
      const { loss, policyLoss, valueLoss, entropy } = lossOf(sizes, parameters, batch, hp as unknown as Costs);
      gradient.set(gradientOf(sizes, parameters, batch, hp as unknown as Costs));
      stats.set([loss, policyLoss, valueLoss, entropy]);
    },
    dispose() {},
  };
}
