/**
 * Acting and learning in plain JavaScript: the yardstick of the SIMD kernels, as fast as we could make it.
 *
 * Products of 64 × 64 × 64 in Chromium on one core of an AMD EPYC, in billions of multiply-adds a second:
 *
 *   outputs at once × rows at once             float64 arrays      float32 arrays, Math.fround
 *                                              [in, out]  [out, in]    [in, out]  [out, in]
 *   a row at a time, sums in the array           0.5                     0.5
 *   4 outputs                                    1.9       2.7           1.3       1.3
 *   8 outputs                                    2.7       2.8           1.3       1.3
 *   2 outputs × 2 rows                           2.8       3.0           1.0       1.3
 *   4 outputs × 2 rows                           2.9       2.9           1.0       1.4
 *   8 outputs × 2 rows                           3.3       3.1           1.4       1.4
 *   2 outputs × 4 rows                           2.8       2.8           1.4       1.4
 *   4 outputs × 4 rows                           3.4       3.3           1.5       1.5
 *
 * Hence: float64, 4 × 4 sums in local variables, weights [in, out]. Sizes are rounded up to fours, and what is added is
 * zero. tanh is the rational polynomial of the kernels. Acting on L2 without the environment went from 257 k (rows streamed,
 * core/math's tanh, nn/forward.ts) to 602 k steps/s.
 */
import { Rng } from "../core/rng.ts";
import { type Sources, streamOf } from "../nn/acting/acting.ts";
import type { GradientEngine } from "../nn/engine.ts";
import { type DenseLayer, layerOf, type NetworkSpec, outputOf } from "../nn/graph.ts";
import type { Behaviour } from "../nn/policy.ts";

const four = (n: number) => 4 * Math.ceil(n / 4);

/** y = x W + b. x: [rows, k], W: [k, n], b: [n], y: [rows, n]; rows and n multiples of 4 */
function dense(x: Float64Array, W: Float64Array, b: Float64Array, y: Float64Array, rows: number, k: number, n: number) {
  for (let r = 0; r < rows; r += 4)
    for (let j = 0; j < n; j += 4) {
      let s00 = b[j];
      let s01 = b[j + 1];
      let s02 = b[j + 2];
      let s03 = b[j + 3];
      let s10 = s00;
      let s11 = s01;
      let s12 = s02;
      let s13 = s03;
      let s20 = s00;
      let s21 = s01;
      let s22 = s02;
      let s23 = s03;
      let s30 = s00;
      let s31 = s01;
      let s32 = s02;
      let s33 = s03;
      const x0 = r * k;
      const x1 = x0 + k;
      const x2 = x1 + k;
      const x3 = x2 + k;
      for (let i = 0, w = j; i < k; i++, w += n) {
        const w0 = W[w];
        const w1 = W[w + 1];
        const w2 = W[w + 2];
        const w3 = W[w + 3];
        const a = x[x0 + i];
        s00 += a * w0;
        s01 += a * w1;
        s02 += a * w2;
        s03 += a * w3;
        const c = x[x1 + i];
        s10 += c * w0;
        s11 += c * w1;
        s12 += c * w2;
        s13 += c * w3;
        const d = x[x2 + i];
        s20 += d * w0;
        s21 += d * w1;
        s22 += d * w2;
        s23 += d * w3;
        const e = x[x3 + i];
        s30 += e * w0;
        s31 += e * w1;
        s32 += e * w2;
        s33 += e * w3;
      }
      let to = r * n + j;
      y[to] = s00;
      y[to + 1] = s01;
      y[to + 2] = s02;
      y[to + 3] = s03;
      to += n;
      y[to] = s10;
      y[to + 1] = s11;
      y[to + 2] = s12;
      y[to + 3] = s13;
      to += n;
      y[to] = s20;
      y[to + 1] = s21;
      y[to + 2] = s22;
      y[to + 3] = s23;
      to += n;
      y[to] = s30;
      y[to + 1] = s31;
      y[to + 2] = s32;
      y[to + 3] = s33;
    }
}

/** dW += xᵀ dy. x: [rows, k], dy: [rows, n], dW: [k, n]; k and n multiples of 4 */
function weightGradient(x: Float64Array, dy: Float64Array, dW: Float64Array, rows: number, k: number, n: number) {
  for (let i = 0; i < k; i += 4)
    for (let j = 0; j < n; j += 4) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      for (let r = 0, p = i, q = j; r < rows; r++, p += k, q += n) {
        const d0 = dy[q];
        const d1 = dy[q + 1];
        const d2 = dy[q + 2];
        const d3 = dy[q + 3];
        const a = x[p];
        s00 += a * d0;
        s01 += a * d1;
        s02 += a * d2;
        s03 += a * d3;
        const c = x[p + 1];
        s10 += c * d0;
        s11 += c * d1;
        s12 += c * d2;
        s13 += c * d3;
        const d = x[p + 2];
        s20 += d * d0;
        s21 += d * d1;
        s22 += d * d2;
        s23 += d * d3;
        const e = x[p + 3];
        s30 += e * d0;
        s31 += e * d1;
        s32 += e * d2;
        s33 += e * d3;
      }
      let to = i * n + j;
      dW[to] += s00;
      dW[to + 1] += s01;
      dW[to + 2] += s02;
      dW[to + 3] += s03;
      to += n;
      dW[to] += s10;
      dW[to + 1] += s11;
      dW[to + 2] += s12;
      dW[to + 3] += s13;
      to += n;
      dW[to] += s20;
      dW[to + 1] += s21;
      dW[to + 2] += s22;
      dW[to + 3] += s23;
      to += n;
      dW[to] += s30;
      dW[to + 1] += s31;
      dW[to + 2] += s32;
      dW[to + 3] += s33;
    }
}

/** db += Σ dy over the rows. dy: [rows, n], db: [n] */
function biasGradient(dy: Float64Array, db: Float64Array, rows: number, n: number) {
  for (let j = 0; j < n; j += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let r = 0, q = j; r < rows; r++, q += n) {
      s0 += dy[q];
      s1 += dy[q + 1];
      s2 += dy[q + 2];
      s3 += dy[q + 3];
    }
    db[j] += s0;
    db[j + 1] += s1;
    db[j + 2] += s2;
    db[j + 3] += s3;
  }
}

/** dx = dy Wᵀ. dy: [rows, n], W: [k, n], dx: [rows, k]; rows and k multiples of 4 */
function inputGradient(dy: Float64Array, W: Float64Array, dx: Float64Array, rows: number, k: number, n: number) {
  for (let r = 0; r < rows; r += 4)
    for (let i = 0; i < k; i += 4) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      const d0 = r * n;
      const d1 = d0 + n;
      const d2 = d1 + n;
      const d3 = d2 + n;
      const v0 = i * n;
      const v1 = v0 + n;
      const v2 = v1 + n;
      const v3 = v2 + n;
      for (let j = 0; j < n; j++) {
        const w0 = W[v0 + j];
        const w1 = W[v1 + j];
        const w2 = W[v2 + j];
        const w3 = W[v3 + j];
        const a = dy[d0 + j];
        s00 += a * w0;
        s01 += a * w1;
        s02 += a * w2;
        s03 += a * w3;
        const c = dy[d1 + j];
        s10 += c * w0;
        s11 += c * w1;
        s12 += c * w2;
        s13 += c * w3;
        const d = dy[d2 + j];
        s20 += d * w0;
        s21 += d * w1;
        s22 += d * w2;
        s23 += d * w3;
        const e = dy[d3 + j];
        s30 += e * w0;
        s31 += e * w1;
        s32 += e * w2;
        s33 += e * w3;
      }
      let to = r * k + i;
      dx[to] = s00;
      dx[to + 1] = s01;
      dx[to + 2] = s02;
      dx[to + 3] = s03;
      to += k;
      dx[to] = s10;
      dx[to + 1] = s11;
      dx[to + 2] = s12;
      dx[to + 3] = s13;
      to += k;
      dx[to] = s20;
      dx[to + 1] = s21;
      dx[to + 2] = s22;
      dx[to + 3] = s23;
      to += k;
      dx[to] = s30;
      dx[to + 1] = s31;
      dx[to + 2] = s32;
      dx[to + 3] = s33;
    }
}

/** y ← tanh(y): the fit of the SIMD kernels (Eigen's), error below 4e-7. */
function tanhForward(y: Float64Array, count: number) {
  for (let i = 0; i < count; i++) {
    const v = y[i];
    const x = v > LIMIT ? LIMIT : v < -LIMIT ? -LIMIT : v;
    const s = x * x;
    const p =
      ((((((-2.76076847742355e-16 * s + 2.00018790482477e-13) * s - 8.60467152213735e-11) * s + 5.12229709037114e-8) *
        s +
        1.48572235717979e-5) *
        s +
        6.37261928875436e-4) *
        s +
        4.89352455891786e-3) *
      x;
    const q = ((1.19825839466702e-6 * s + 1.18534705686654e-4) * s + 2.268434632439e-3) * s + 4.89352518554385e-3;
    y[i] = p / q;
  }
}
/** Outside of ±LIMIT tanh is ±1 in float32. */
const LIMIT = 7.905311107635498;

function reluForward(y: Float64Array, count: number) {
  for (let i = 0; i < count; i++) y[i] = y[i] > 0 ? y[i] : 0;
}

/** d ← d (1 − h²) */
function tanhBackward(h: Float64Array, d: Float64Array, count: number) {
  for (let i = 0; i < count; i++) d[i] *= 1 - h[i] * h[i];
}

function reluBackward(h: Float64Array, d: Float64Array, count: number) {
  for (let i = 0; i < count; i++) if (h[i] <= 0) d[i] = 0;
}

/** A layer whose sizes are rounded up to fours. The last one holds both heads: logits, then the value. */
interface Stage {
  readonly k: number;
  readonly n: number;
  /** The declared layers that it computes, and the column where each begins. */
  readonly parts: readonly { readonly layer: DenseLayer; readonly column: number }[];
  readonly W: Float64Array; // [k, n]
  readonly b: Float64Array; // [n]
  readonly dW: Float64Array;
  readonly db: Float64Array;
  readonly y: Float64Array; // [block, n]
  readonly dy: Float64Array; // [block, n]
}

/** Hidden layers that policy and value share, and the two. */
export function layersOf(spec: NetworkSpec) {
  const outputs = ["logits", "value"];
  const hidden = spec.layers
    .filter(({ name }) => !outputs.includes(name))
    .map(({ name }) => layerOf(spec, name, "dense"));
  const [logits, value] = outputs.map((name) => layerOf(spec, name, "dense"));
  return { hidden, logits, value };
}

class PlainNetwork {
  readonly stages: readonly Stage[];
  private readonly input: Float64Array; // [block, obs rounded up]

  /** @param block most rows of a call, a multiple of 4 */
  constructor(
    private readonly spec: NetworkSpec,
    block: number,
  ) {
    const { hidden, logits, value } = layersOf(spec);
    const stage = (parts: Stage["parts"], outputs: number): Stage => {
      const k = four(parts[0].layer.inputs);
      const n = four(outputs);
      const zeros = (count: number) => new Float64Array(count);
      return {
        ...{ k, n, parts, W: zeros(k * n), b: zeros(n), dW: zeros(k * n), db: zeros(n) },
        ...{ y: zeros(block * n), dy: zeros(block * n) },
      };
    };
    this.stages = [
      ...hidden.map((layer) => stage([{ layer, column: 0 }], layer.outputs)),
      stage(
        [
          { layer: logits, column: 0 },
          { layer: value, column: logits.outputs },
        ],
        spec.width,
      ),
    ];
    this.input = new Float64Array(block * four(spec.inputs));
  }

  get head(): Stage {
    return this.stages[this.stages.length - 1];
  }

  load(parameters: Float32Array): void {
    for (const { n, parts, W, b } of this.stages)
      for (const { layer, column } of parts)
        for (let j = 0; j < layer.outputs; j++) {
          b[column + j] = parameters[layer.bias + j];
          for (let i = 0; i < layer.inputs; i++)
            W[i * n + column + j] = parameters[layer.weight + i * layer.outputs + j];
        }
  }

  /** Rows `from` … `from + rows` of the observations: the outputs are the head's y. */
  forward(observation: Float32Array, from: number, rows: number): void {
    const { spec, stages, input } = this;
    const { inputs } = spec;
    const wide = four(inputs);
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < inputs; i++) input[r * wide + i] = observation[(from + r) * inputs + i];
    const whole = four(rows);
    let x = input;
    for (let l = 0; l < stages.length; l++) {
      const { W, b, y, k, n, parts } = stages[l];
      dense(x, W, b, y, whole, k, n);
      if (l === stages.length - 1) return;
      if (parts[0].layer.activation === "tanh") tanhForward(y, whole * n);
      else reluForward(y, whole * n);
      x = y;
    }
  }

  /** Adds the gradient of the rows of the latest forward pass, from the head's dy. */
  backward(rows: number): void {
    const { stages, input } = this;
    const whole = four(rows);
    this.head.dy.fill(0, rows * this.head.n, whole * this.head.n);
    for (let l = stages.length - 1; l >= 0; l--) {
      const { W, dW, db, dy, k, n } = stages[l];
      weightGradient(l > 0 ? stages[l - 1].y : input, dy, dW, whole, k, n);
      biasGradient(dy, db, whole, n);
      if (l === 0) return;
      const below = stages[l - 1];
      inputGradient(dy, W, below.dy, whole, k, n);
      if (below.parts[0].layer.activation === "tanh") tanhBackward(below.y, below.dy, whole * k);
      else reluBackward(below.y, below.dy, whole * k);
    }
  }

  beginGradient(): void {
    for (const { dW, db } of this.stages) {
      dW.fill(0);
      db.fill(0);
    }
  }

  /** gradient: [P] */
  takeGradient(gradient: Float32Array): void {
    for (const { n, parts, dW, db } of this.stages)
      for (const { layer, column } of parts)
        for (let j = 0; j < layer.outputs; j++) {
          gradient[layer.bias + j] = db[column + j];
          for (let i = 0; i < layer.inputs; i++)
            gradient[layer.weight + i * layer.outputs + j] = dW[i * n + column + j];
        }
  }
}

/** Acting; as plainBehaviour of nn, with products of 4 × 4 sums. */
export function plainActing(spec: NetworkSpec, rows: number, sources: Sources): Behaviour {
  const { outputs: A } = outputOf(spec, "logits");
  const network = new PlainNetwork(spec, four(rows));
  const { y: outputs, n: stride } = network.head;
  const actions = new Float32Array(rows);
  const observation = new Float32Array(rows * spec.inputs);
  const rngs = Array.from({ length: rows }, (_, r) => new Rng(streamOf(sources, r)));
  const p = new Float64Array(A);
  return {
    observation,
    outputs,
    stride,
    actions,
    load: (parameters) => network.load(parameters),
    run: (count) => network.forward(observation, 0, count),
    sample(count) {
      for (let r = 0; r < count; r++) {
        const at = r * stride;
        let greatest = outputs[at];
        for (let a = 1; a < A; a++) if (outputs[at + a] > greatest) greatest = outputs[at + a];
        let sum = 0;
        for (let a = 0; a < A; a++) {
          p[a] = Math.exp(outputs[at + a] - greatest);
          sum += p[a];
        }
        let left = rngs[r].uniform() * sum;
        let a = 0;
        for (; a < A - 1; a++) {
          left -= p[a];
          if (left < 0) break;
        }
        actions[r] = a;
      }
    },
  };
}

/** Rows that pass through the network together and stay in the cache: 16, 32, 64 and 128 gave 205, 217, 223 and 225 k samples/s (L2, 2,048 rows). */
const BLOCK = 128;

/** Gradients of the actor-critic loss. */
export function plainEngine(spec: NetworkSpec): GradientEngine {
  const { outputs: A } = outputOf(spec, "logits");
  const network = new PlainNetwork(spec, BLOCK);
  const { y, dy, n: stride } = network.head;
  const logP = new Float64Array(A);

  return {
    id: "plain",
    needsEventLoop: false,
    differentiate(parameters, batch, hp, gradient, stats) {
      const { valueCost, entropyCost } = hp as { valueCost: number; entropyCost: number };
      const { rows: N, action, advantage, returns } = batch;
      network.load(parameters);
      network.beginGradient();
      let policyLoss = 0;
      let valueLoss = 0;
      let entropies = 0;
      for (let from = 0; from < N; from += BLOCK) {
        const rows = Math.min(BLOCK, N - from);
        network.forward(batch.observation, from, rows);
        for (let r = 0; r < rows; r++) {
          const at = r * stride;
          let greatest = y[at];
          for (let a = 1; a < A; a++) if (y[at + a] > greatest) greatest = y[at + a];
          let sum = 0;
          for (let a = 0; a < A; a++) sum += Math.exp(y[at + a] - greatest);
          const logSum = greatest + Math.log(sum);
          let entropy = 0;
          for (let a = 0; a < A; a++) {
            logP[a] = y[at + a] - logSum;
            entropy -= Math.exp(logP[a]) * logP[a];
          }
          const taken = action[from + r];
          const A_r = advantage[from + r];
          for (let a = 0; a < A; a++) {
            const p = Math.exp(logP[a]);
            dy[at + a] = (A_r * (p - (a === taken ? 1 : 0)) + entropyCost * p * (logP[a] + entropy)) / N;
          }
          const error = y[at + A] - returns[from + r];
          dy[at + A] = (valueCost * error) / N;
          policyLoss -= A_r * logP[taken];
          valueLoss += 0.5 * error * error;
          entropies += entropy;
        }
        network.backward(rows);
      }
      network.takeGradient(gradient);
      stats[0] = (policyLoss + valueCost * valueLoss - entropyCost * entropies) / N;
      stats[1] = policyLoss / N;
      stats[2] = valueLoss / N;
      stats[3] = entropies / N;
    },
    dispose() {},
  };
}
