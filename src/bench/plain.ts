/**
 * The yardstick of the SIMD kernels: the same network in the fastest plain JavaScript that we found. Of four layouts of a
 * 64 × 64 product on one core (G multiply-adds/s): along rows of weights 0.9, tiles of 2 × 4 sums in local variables 2.9,
 * the same with packed weights 2.9, tiles of 4 × 4 3.1. In float32 arrays all are a quarter slower, so these are float64.
 * Widths and rows are padded to 4; tanh is the polynomial of the kernels.
 */
import type { Batch, GradientEngine } from "../nn/engine.ts";
import type { Policy } from "../nn/policy.ts";
import type { Layer, NetworkSpec } from "../nn/spec.ts";

/** Rows that pass through the network together and stay in the cache. */
const BLOCK = 32;
const up4 = (n: number) => (n + 3) & ~3;

/** y = x W + b. x: [rows, k], w: [k, n], b: [n], y: [rows, n]; rows and n multiples of 4 */
function multiply(
  x: Float64Array,
  w: Float64Array,
  b: Float64Array,
  y: Float64Array,
  rows: number,
  k: number,
  n: number,
) {
  for (let r = 0; r < rows; r += 4)
    for (let j = 0; j < n; j += 4) {
      let a0 = b[j];
      let a1 = b[j + 1];
      let a2 = b[j + 2];
      let a3 = b[j + 3];
      let b0 = a0;
      let b1 = a1;
      let b2 = a2;
      let b3 = a3;
      let c0 = a0;
      let c1 = a1;
      let c2 = a2;
      let c3 = a3;
      let d0 = a0;
      let d1 = a1;
      let d2 = a2;
      let d3 = a3;
      let p = r * k;
      for (let at = j; at < k * n; at += n, p++) {
        const x0 = x[p];
        const x1 = x[p + k];
        const x2 = x[p + 2 * k];
        const x3 = x[p + 3 * k];
        const w0 = w[at];
        const w1 = w[at + 1];
        const w2 = w[at + 2];
        const w3 = w[at + 3];
        a0 += x0 * w0;
        a1 += x0 * w1;
        a2 += x0 * w2;
        a3 += x0 * w3;
        b0 += x1 * w0;
        b1 += x1 * w1;
        b2 += x1 * w2;
        b3 += x1 * w3;
        c0 += x2 * w0;
        c1 += x2 * w1;
        c2 += x2 * w2;
        c3 += x2 * w3;
        d0 += x3 * w0;
        d1 += x3 * w1;
        d2 += x3 * w2;
        d3 += x3 * w3;
      }
      let o = r * n + j;
      y[o] = a0;
      y[o + 1] = a1;
      y[o + 2] = a2;
      y[o + 3] = a3;
      o += n;
      y[o] = b0;
      y[o + 1] = b1;
      y[o + 2] = b2;
      y[o + 3] = b3;
      o += n;
      y[o] = c0;
      y[o + 1] = c1;
      y[o + 2] = c2;
      y[o + 3] = c3;
      o += n;
      y[o] = d0;
      y[o + 1] = d1;
      y[o + 2] = d2;
      y[o + 3] = d3;
    }
}

/** out[k, rows] = xᵀ, so that dW = xᵀ dy is a product of `multiply`'s kind. */
function transpose(x: Float64Array, out: Float64Array, rows: number, k: number) {
  for (let r = 0; r < rows; r++) for (let i = 0; i < k; i++) out[i * rows + r] = x[r * k + i];
}

function tanhInPlace(y: Float64Array, count: number) {
  for (let i = 0; i < count; i++) {
    const x = Math.max(-7.905311107635498, Math.min(7.905311107635498, y[i]));
    const s = x * x;
    let p = -2.76076847742355e-16 * s + 2.00018790482477e-13;
    p = p * s - 8.60467152213735e-11;
    p = p * s + 5.12229709037114e-8;
    p = p * s + 1.48572235717979e-5;
    p = p * s + 6.37261928875436e-4;
    p = p * s + 4.89352455891786e-3;
    const q = ((1.19825839466702e-6 * s + 1.18534705686654e-4) * s + 2.268434632439e-3) * s + 4.89352518554385e-3;
    y[i] = (x * p) / q;
  }
}

function reluInPlace(y: Float64Array, count: number) {
  for (let i = 0; i < count; i++) if (y[i] < 0) y[i] = 0;
}

/** A dense layer with its widths padded, its parameters unpacked, and what passes through it. */
interface Stage {
  readonly k: number;
  readonly n: number;
  readonly weights: Float64Array; // [k, n]
  readonly transposed: Float64Array; // [n, k]
  readonly bias: Float64Array; // [n]
  readonly output: Float64Array; // [rows, n]
  readonly delta: Float64Array; // [rows, n]
  readonly weightSum: Float64Array; // [k, n]
  readonly biasSum: Float64Array; // [n]
  /** Layers of the spec whose outputs lie here side by side. */
  readonly parts: readonly { readonly layer: Layer; readonly column: number }[];
}

class PlainNetwork {
  readonly input: Float64Array;
  readonly stages: readonly Stage[];
  private readonly rows: number;
  private readonly scratch: Float64Array;
  private readonly product: Float64Array;
  private readonly zeros: Float64Array;

  constructor(
    readonly spec: NetworkSpec,
    rows: number,
  ) {
    this.rows = up4(rows);
    const inputs = up4(spec.inputs);
    this.input = new Float64Array(this.rows * inputs);
    let k = inputs;
    const stage = (parts: Stage["parts"]): Stage => {
      const n = up4(parts.reduce((sum, { layer }) => sum + layer.outputs, 0));
      const of = (size: number) => new Float64Array(size);
      const made = {
        k,
        n,
        weights: of(k * n),
        transposed: of(k * n),
        bias: of(n),
        output: of(this.rows * n),
        delta: of(this.rows * n),
        weightSum: of(k * n),
        biasSum: of(n),
        parts,
      };
      k = n;
      return made;
    };
    const heads = [
      { layer: spec.logits, column: 0 },
      { layer: spec.value, column: spec.actions },
    ];
    this.stages = [...spec.hidden.map((layer) => stage([{ layer, column: 0 }])), stage(heads)];
    const widest = Math.max(inputs, ...this.stages.map(({ n }) => n));
    this.scratch = new Float64Array(this.rows * widest);
    this.product = new Float64Array(widest * widest);
    this.zeros = new Float64Array(widest);
  }

  get heads(): Stage {
    return this.stages[this.stages.length - 1];
  }

  load(parameters: Float32Array): void {
    for (const { weights, transposed, bias, n, k, parts } of this.stages)
      for (const { layer, column } of parts)
        for (let j = 0; j < layer.outputs; j++) {
          bias[column + j] = parameters[layer.bias + j];
          for (let i = 0; i < layer.inputs; i++) {
            const w = parameters[layer.weight + i * layer.outputs + j];
            weights[i * n + column + j] = w;
            transposed[(column + j) * k + i] = w;
          }
        }
  }

  /** Copies observations [count, inputs] from row `from` on into the padded rows. */
  observe(observation: Float32Array, from: number, count: number): void {
    const { inputs } = this.spec;
    const k = this.stages[0].k;
    for (let r = 0; r < count; r++)
      for (let i = 0; i < inputs; i++) this.input[r * k + i] = observation[(from + r) * inputs + i];
  }

  forward(count: number): void {
    const rows = up4(count);
    let x = this.input;
    for (let l = 0; l < this.stages.length; l++) {
      const { weights, bias, output, k, n } = this.stages[l];
      multiply(x, weights, bias, output, rows, k, n);
      if (l < this.stages.length - 1) {
        if (this.spec.activation === "tanh") tanhInPlace(output, rows * n);
        else reluInPlace(output, rows * n);
      }
      x = output;
    }
  }

  /** Adds the gradient of the deltas of the heads; deltas of padding rows must be zero. */
  backward(count: number): void {
    const { stages, scratch, product, zeros } = this;
    const rows = up4(count);
    for (let l = stages.length - 1; l >= 0; l--) {
      const { k, n, delta, transposed, weightSum, biasSum } = stages[l];
      const x = l > 0 ? stages[l - 1].output : this.input;
      for (let r = 0; r < rows; r++) for (let j = 0; j < n; j++) biasSum[j] += delta[r * n + j];
      transpose(x, scratch, rows, k);
      multiply(scratch, delta, zeros, product, k, rows, n);
      for (let i = 0; i < k * n; i++) weightSum[i] += product[i];
      if (l === 0) break;
      const below = stages[l - 1].delta;
      multiply(delta, transposed, zeros, below, rows, n, k);
      if (this.spec.activation === "tanh") for (let i = 0; i < rows * k; i++) below[i] *= 1 - x[i] * x[i];
      else for (let i = 0; i < rows * k; i++) if (x[i] <= 0) below[i] = 0;
    }
  }

  clearGradient(): void {
    for (const { weightSum, biasSum } of this.stages) {
      weightSum.fill(0);
      biasSum.fill(0);
    }
  }

  readGradient(gradient: Float32Array): void {
    for (const { weightSum, biasSum, n, parts } of this.stages)
      for (const { layer, column } of parts)
        for (let j = 0; j < layer.outputs; j++) {
          gradient[layer.bias + j] = biasSum[column + j];
          for (let i = 0; i < layer.inputs; i++)
            gradient[layer.weight + i * layer.outputs + j] = weightSum[i * n + column + j];
        }
  }
}

/** Acting: another policy with its network replaced. */
export function fastPolicy(spec: NetworkSpec, rows: number, plain: Policy): Policy {
  const network = new PlainNetwork(spec, rows);
  const { output, n } = network.heads;
  const { outputs, stride } = plain;
  return {
    ...plain,
    load(parameters) {
      network.load(parameters);
    },
    run(count) {
      network.observe(plain.observation, 0, count);
      network.forward(count);
      for (let r = 0; r < count; r++) for (let j = 0; j < stride; j++) outputs[r * stride + j] = output[r * n + j];
    },
  };
}

/** Learning. */
export function plainEngine(spec: NetworkSpec): GradientEngine {
  const network = new PlainNetwork(spec, BLOCK);
  const { actions: A } = spec;
  const { output, delta, n } = network.heads;
  return {
    id: "plain",
    needsEventLoop: false,
    differentiate(parameters, batch: Batch, hp, gradient, stats) {
      const { valueCost, entropyCost } = hp as { valueCost: number; entropyCost: number };
      const N = batch.rows;
      network.load(parameters);
      network.clearGradient();
      let policyLoss = 0;
      let valueLoss = 0;
      let entropies = 0;
      for (let from = 0; from < N; from += BLOCK) {
        const rows = Math.min(BLOCK, N - from);
        network.observe(batch.observation, from, rows);
        network.forward(rows);
        delta.fill(0);
        for (let r = 0; r < rows; r++) {
          const at = r * n;
          let greatest = Number.NEGATIVE_INFINITY;
          for (let a = 0; a < A; a++) if (output[at + a] > greatest) greatest = output[at + a];
          let sum = 0;
          for (let a = 0; a < A; a++) sum += Math.exp(output[at + a] - greatest);
          const logSum = greatest + Math.log(sum);
          let entropy = 0;
          for (let a = 0; a < A; a++) {
            const logP = output[at + a] - logSum;
            delta[at + a] = Math.exp(logP);
            entropy -= delta[at + a] * logP;
          }
          const taken = batch.action[from + r];
          const advantage = batch.advantage[from + r];
          for (let a = 0; a < A; a++) {
            const logP = output[at + a] - logSum;
            const p = delta[at + a];
            delta[at + a] = (advantage * (p - (a === taken ? 1 : 0)) + entropyCost * p * (logP + entropy)) / N;
          }
          const error = output[at + A] - batch.returns[from + r];
          delta[at + A] = (valueCost * error) / N;
          policyLoss -= advantage * (output[at + taken] - logSum);
          valueLoss += 0.5 * error * error;
          entropies += entropy;
        }
        network.backward(rows);
      }
      network.readGradient(gradient);
      stats[0] = (policyLoss + valueCost * valueLoss - entropyCost * entropies) / N;
      stats[1] = policyLoss / N;
      stats[2] = valueLoss / N;
      stats[3] = entropies / N;
    },
    dispose() {},
  };
}
