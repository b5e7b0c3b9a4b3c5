/** Looking into a policy: its outputs over a plane of observations, and how far it has moved. Pure. */
import type { Quantity } from "../../envs/environment.ts";
import { Forward } from "../../nn/forward.ts";
import type { NetworkSpec } from "../../nn/spec.ts";

/** softmax of A logits from `at` on. */
export function softmax(logits: ArrayLike<number>, at: number, A: number): number[] {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let a = 0; a < A; a++) greatest = Math.max(greatest, logits[at + a]);
  const weights = Array.from({ length: A }, (_, a) => Math.exp(logits[at + a] - greatest));
  const sum = weights.reduce((x, y) => x + y, 0);
  return weights.map((w) => w / sum);
}

/** KL(p ‖ q) = Σ p log(p / q), in nats. */
export const divergence = (p: readonly number[], q: readonly number[]): number =>
  p.reduce((sum, x, i) => (x > 0 ? sum + x * Math.log(x / Math.max(q[i], 1e-300)) : sum), 0);

/** Multiply-adds of one observation. */
const costOf = ({ layers }: NetworkSpec) => layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
/** Multiply-adds of one picture: a few milliseconds on the page's thread. */
const BUDGET = 5e6;

/** Points a side of a picture of this network. */
export const gridSize = (spec: NetworkSpec): number =>
  Math.max(9, Math.min(49, Math.floor(Math.sqrt(BUDGET / costOf(spec)))));

/** The observations of a plane: two of them vary over their `shown`, the others stay at `fixed`. Row by row, y upward. */
export function plane(
  quantities: readonly Quantity[],
  x: number,
  y: number,
  fixed: readonly number[],
  n: number,
): Float32Array {
  const k = quantities.length;
  const grid = new Float32Array(n * n * k);
  const along = ({ shown: [from, to] }: Quantity, i: number) => from + ((to - from) * i) / (n - 1);
  for (let row = 0; row < n; row++)
    for (let column = 0; column < n; column++) {
      const at = (row * n + column) * k;
      for (let i = 0; i < k; i++) grid[at + i] = fixed[i];
      grid[at + x] = along(quantities[x], column);
      grid[at + y] = along(quantities[y], n - 1 - row);
    }
  return grid;
}

export const wholes = ["policy", "value", "entropy"] as const;
export type Whole = (typeof wholes)[number];

/** One number a point of a plane: probability of the last action, value, or entropy in nats. */
export function outputsOver(
  spec: NetworkSpec,
  parameters: Float32Array,
  grid: Float32Array,
  what: Whole,
): Float64Array {
  const rows = grid.length / spec.inputs;
  const forward = new Forward(spec, rows);
  forward.run(parameters, grid, rows);
  const A = spec.actions;
  return Float64Array.from({ length: rows }, (_, r) => {
    if (what === "value") return forward.value[r];
    const p = softmax(forward.logits, r * A, A);
    return what === "policy" ? p[A - 1] : -p.reduce((sum, q) => (q > 0 ? sum + q * Math.log(q) : sum), 0);
  });
}

/** Action probabilities of each observation. observations: [rows, inputs] */
export function policyAt(spec: NetworkSpec, parameters: Float32Array, observations: Float32Array): number[][] {
  const rows = observations.length / spec.inputs;
  const forward = new Forward(spec, rows);
  forward.run(parameters, observations, rows);
  return Array.from({ length: rows }, (_, r) => softmax(forward.logits, r * spec.actions, spec.actions));
}

/** Counts of numbers in `bins` equal stretches of ±limit; what lies beyond counts at the ends. */
export function histogram(values: ArrayLike<number>, from: number, to: number, limit: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = from; i < to; i++) {
    const bin = Math.floor(((values[i] + limit) / (2 * limit)) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))]++;
  }
  return counts;
}

type Rgb = readonly [number, number, number];
/** Blue through grey to vermillion: which of two actions. Cividis: how much. Both are told apart by any colour vision. */
const diverging: readonly Rgb[] = [
  [0, 114, 178],
  [225, 225, 222],
  [213, 94, 0],
];
const cividis: readonly Rgb[] = [
  [0, 32, 77],
  [66, 78, 107],
  [124, 123, 120],
  [188, 175, 111],
  [255, 234, 70],
];

/** The colour of a share from 0 to 1. */
export function colourOf(what: Whole, share: number): Rgb {
  const stops = what === "policy" ? diverging : cividis;
  const at = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const mix = at - low;
  return [0, 1, 2].map((c) => Math.round(stops[low][c] + mix * (stops[low + 1][c] - stops[low][c]))) as unknown as Rgb;
}
