/** Looking into a policy: its outputs over a plane of states, and how far it has moved. Pure. */
import type { Actions, Environment, Quantity } from "../../envs/environment.ts";
import { Forward } from "../../nn/forward.ts";
import { type NetworkSpec, outputOf } from "../../nn/graph.ts";

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

/**
 * What is observed over a plane of states: two of their components vary over their `shown`, the others stay at `fixed`. Row
 * by row, y upward.
 *
 * @returns [n · n, observations]
 */
export function plane(
  { state: quantities, observations, observe }: Pick<Environment, "state" | "observations" | "observe">,
  x: number,
  y: number,
  fixed: readonly number[],
  n: number,
): Float32Array {
  const k = observations.length;
  const grid = new Float32Array(n * n * k);
  const state = Float64Array.from(fixed);
  const along = ({ shown: [from, to] }: Quantity, i: number) => from + ((to - from) * i) / (n - 1);
  for (let row = 0; row < n; row++)
    for (let column = 0; column < n; column++) {
      const at = (row * n + column) * k;
      state[x] = along(quantities[x], column);
      state[y] = along(quantities[y], n - 1 - row);
      observe(state, grid.subarray(at, at + k));
    }
  return grid;
}

/** Where a value lies in a picture of its quantity: 0 at the least that is shown, 1 at the greatest. */
export function placeOf({ shown: [from, to], period }: Quantity, value: number): number {
  const place = (value - from) / (to - from);
  return period === undefined ? place : place - Math.floor(place);
}

export const wholes = ["policy", "value", "entropy"] as const;
export type Whole = (typeof wholes)[number];

/** What can be drawn of a policy that takes such actions. */
export const wholesOf = ({ kind }: Actions): readonly Whole[] => (kind === "discrete" ? wholes : ["value"]);

/** What the network says of every point of a plane. */
export interface Outputs {
  /** Actions that can be counted; 0 where there are none, and so no logits. */
  readonly A: number;
  readonly logits: Float32Array; // [rows, A]
  readonly value: Float32Array; // [rows]
}

const hasLogits = ({ outputs }: NetworkSpec): boolean => outputs.some(({ name }) => name === "logits");

/** grid: [rows, inputs] */
export function outputsOver(spec: NetworkSpec, parameters: Float32Array, grid: Float32Array): Outputs {
  const forward = new Forward(spec, grid.length / spec.inputs);
  forward.run(parameters, grid, forward.rows);
  const isCounted = hasLogits(spec);
  return {
    A: isCounted ? outputOf(spec, "logits").outputs : 0,
    logits: isCounted ? columnsOf(forward, "logits") : new Float32Array(0),
    value: columnsOf(forward, "value"),
  };
}

/** One output of every row: [rows, its width] */
function columnsOf({ spec, outputs, rows }: Forward, name: string): Float32Array {
  const { column, outputs: width } = outputOf(spec, name);
  const from = (i: number) => Math.floor(i / width) * spec.width + column + (i % width);
  return Float32Array.from({ length: rows * width }, (_, i) => outputs[from(i)]);
}

/** A field of k numbers a point on n × n points, between the points by planes through their neighbours, on m × m. */
function enlarge(field: Float32Array, k: number, n: number, m: number): Float32Array {
  const large = new Float32Array(m * m * k);
  const scale = (n - 1) / (m - 1);
  for (let row = 0; row < m; row++) {
    const top = Math.min(n - 2, Math.floor(row * scale));
    const down = row * scale - top;
    for (let column = 0; column < m; column++) {
      const left = Math.min(n - 2, Math.floor(column * scale));
      const right = column * scale - left;
      const at = (top * n + left) * k;
      for (let c = 0; c < k; c++) {
        const above = field[at + c] + right * (field[at + k + c] - field[at + c]);
        const below = field[at + n * k + c] + right * (field[at + n * k + k + c] - field[at + n * k + c]);
        large[(row * m + column) * k + c] = above + down * (below - above);
      }
    }
  }
  return large;
}

/**
 * A plane of n × n points on m × m. Logits are smooth where probabilities jump from 0 to 1 between two points, so that a
 * boundary that is far narrower than the coarse grid stays a line.
 */
export const refined = ({ A, logits, value }: Outputs, n: number, m: number): Outputs => ({
  A,
  logits: enlarge(logits, A, n, m),
  value: enlarge(value, 1, n, m),
});

/**
 * One number a point: probability of an action, value, or entropy in nats.
 *
 * @param action whose probability; the last one where none is said
 */
export function shownOf({ A, logits, value }: Outputs, what: Whole, action = A - 1): Float64Array {
  if (what === "value") return Float64Array.from(value);
  const shown = new Float64Array(value.length);
  for (let r = 0; r < shown.length; r++) {
    let greatest = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < A; a++) greatest = Math.max(greatest, logits[r * A + a]);
    let sum = 0; // Σ exp
    let weighted = 0; // Σ logit exp
    for (let a = 0; a < A; a++) {
      const logit = logits[r * A + a] - greatest;
      sum += Math.exp(logit);
      weighted += logit * Math.exp(logit);
    }
    // H = −Σ p log p = log Σ exp − Σ logit exp / Σ exp
    shown[r] = what === "policy" ? Math.exp(logits[r * A + action] - greatest) / sum : Math.log(sum) - weighted / sum;
  }
  return shown;
}

/** Least and greatest. */
export function extent(values: ArrayLike<number>): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > most) most = values[i];
  }
  return [least, most];
}

/** Action probabilities of each observation; none where actions cannot be counted. observations: [rows, inputs] */
export function policyAt(spec: NetworkSpec, parameters: Float32Array, observations: Float32Array): number[][] {
  if (!hasLogits(spec)) return [];
  const { column, outputs: A } = outputOf(spec, "logits");
  const forward = new Forward(spec, observations.length / spec.inputs);
  forward.run(parameters, observations, forward.rows);
  return Array.from({ length: forward.rows }, (_, r) => softmax(forward.outputs, r * spec.width + column, A));
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
const ramps = {
  which: [
    [0, 114, 178],
    [225, 225, 222],
    [213, 94, 0],
  ],
  amount: [
    [0, 32, 77],
    [66, 78, 107],
    [124, 123, 120],
    [188, 175, 111],
    [255, 234, 70],
  ],
} as const satisfies Record<string, readonly Rgb[]>;
export type Ramp = keyof typeof ramps;

/** One of two actions is not the other; one of more is likely or not. */
export const rampOf = (what: Whole, actions: Actions): Ramp =>
  what === "policy" && actions.kind === "discrete" && actions.names.length === 2 ? "which" : "amount";

/** The colour of a share from 0 to 1. */
export function colourOf(ramp: Ramp, share: number): Rgb {
  const stops: readonly Rgb[] = ramps[ramp];
  const at = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const mix = at - low;
  return [0, 1, 2].map((c) => Math.round(stops[low][c] + mix * (stops[low + 1][c] - stops[low][c]))) as unknown as Rgb;
}

const SHADES = 256;

/** Pixels of numbers between two ends. into: [values.length, 4], rgba */
export function paint(ramp: Ramp, values: Float64Array, low: number, span: number, into: Uint8ClampedArray): void {
  const shades = Array.from({ length: SHADES }, (_, i) => colourOf(ramp, i / (SHADES - 1)));
  for (let i = 0; i < values.length; i++) {
    const share = Math.max(0, Math.min(1, (values[i] - low) / span));
    const [r, g, b] = shades[Math.round(share * (SHADES - 1))];
    into[4 * i] = r;
    into[4 * i + 1] = g;
    into[4 * i + 2] = b;
    into[4 * i + 3] = 255;
  }
}
