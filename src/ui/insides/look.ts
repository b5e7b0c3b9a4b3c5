/** Looking into a policy: its outputs over a plane of states, and how far it has moved. Pure. */
import type { Actions, Environment, Quantity } from "../../envs/environment.ts";
import type { Acting } from "../../nn/acting/acting.ts";
import { Forward } from "../../nn/forward.ts";
import { type NetworkSpec, outputOf } from "../../nn/graph.ts";

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

/** What the network says of every point of a plane: its outputs in their columns. [rows, width] */
export interface Outputs {
  readonly width: number;
  readonly numbers: Float32Array;
}

/** grid: [rows, inputs] */
export function outputsOver(spec: NetworkSpec, parameters: Float32Array, grid: Float32Array): Outputs {
  const forward = new Forward(spec, grid.length / spec.inputs);
  forward.run(parameters, grid, forward.rows);
  return { width: spec.width, numbers: Float32Array.from(forward.outputs) };
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
export const refined = ({ width, numbers }: Outputs, n: number, m: number): Outputs => ({
  width,
  numbers: enlarge(numbers, width, n, m),
});

/**
 * One number a point: what the policy leans to, value, or entropy in nats.
 *
 * @param k of an acting rule's leanings
 */
export function shownOf(
  { width, numbers }: Outputs,
  what: Whole,
  acting: Acting,
  spec: NetworkSpec,
  k: number,
): Float64Array {
  const { column } = outputOf(spec, "value");
  return Float64Array.from({ length: numbers.length / width }, (_, row) => {
    const at = row * width;
    if (what === "value") return numbers[at + column];
    return what === "policy" ? acting.leaning(numbers, at, k) : acting.entropy(numbers, at);
  });
}

/** The ends of what is drawn: those that it has by itself, else the least and the greatest there are. */
export function endsOf(
  what: Whole,
  actions: Actions,
  k: number,
  found: readonly [number, number],
): readonly [number, number] {
  if (actions.kind === "discrete" && what !== "value")
    return [0, what === "policy" ? 1 : Math.log(actions.names.length)];
  if (actions.kind === "continuous" && what === "policy")
    return [actions.components[k].low, actions.components[k].high];
  return found;
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
/** Blue through grey to vermillion: which of two actions, or directions. Cividis: how much. Both are told apart by any colour vision. */
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

/** One of two actions is not the other, and a force has two directions; one of more actions is likely or not. */
export const rampOf = (what: Whole, actions: Actions): Ramp =>
  what === "policy" && (actions.kind === "continuous" || actions.names.length === 2) ? "which" : "amount";

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
