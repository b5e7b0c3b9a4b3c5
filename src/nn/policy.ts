/** Acting: the network on a batch of observations, and actions drawn from its softmax. One instance a thread. */
import { exp } from "../core/math.ts";
import { Rng } from "../core/rng.ts";
import { Forward } from "./forward.ts";
import { type NetworkSpec, type Output, outputOf } from "./graph.ts";

export interface Policy {
  /** The caller fills its rows before `run`. [rows, obs] */
  readonly observation: Float32Array;
  /** After `run`: the outputs of every row in their columns, rows `stride` numbers apart. */
  readonly outputs: Float32Array | Float64Array;
  readonly stride: number;
  /** After `sample`. [rows, numbers of an action] */
  readonly actions: Float32Array;
  /** Takes over parameters. [spec.size] */
  load(parameters: Float32Array): void;
  /** Runs the network on the first rows. A policy that keeps activations puts them at row `keepAt` and on. */
  run(rows: number, keepAt?: number): void;
  /** Draws an action of every row from softmax(logits), row r from its own stream. streams: four words a row */
  sample(rows: number): void;
}

/** Where the streams of actions lie: row r's four words begin at word `first + r · apart`. */
export interface Streams {
  readonly words: Uint32Array;
  readonly first: number;
  readonly apart: number;
}

export const noStreams: Streams = { words: new Uint32Array(0), first: 0, apart: 0 };

/** In plain TypeScript and float64: needs no WebAssembly, and is the reference for other policies. */
export function plainPolicy(spec: NetworkSpec, rows: number, streams: Streams = noStreams): Policy {
  const { outputs: A, column } = outputOf(spec, "logits");
  const stride = spec.width;
  const forward = new Forward(spec, rows);
  const { outputs } = forward;
  const observation = new Float32Array(rows * spec.inputs);
  const actions = new Float32Array(rows);
  const probabilities = new Float64Array(A);
  const { words, first, apart } = streams;
  const rngs =
    apart === 0
      ? []
      : Array.from({ length: rows }, (_, r) => new Rng(words.subarray(first + r * apart, first + r * apart + 4)));
  let parameters: Float32Array = new Float32Array(spec.size);

  /** Inversion: the action in whose stretch of the cumulated probabilities a uniform number falls. */
  const draw = (row: number): number => {
    const from = row * stride + column;
    let greatest = outputs[from];
    for (let a = 1; a < A; a++) if (outputs[from + a] > greatest) greatest = outputs[from + a];
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
    observation,
    outputs,
    stride,
    actions,
    load(from) {
      parameters = from;
    },
    run(count) {
      forward.run(parameters, observation, count);
    },
    sample(count) {
      for (let r = 0; r < count; r++) actions[r] = draw(r);
    },
  };
}

/** Writes the action with the greatest logit of a row, the first of equals, and returns it. action: [1] */
export function greedy(
  { outputs, stride }: Pick<Policy, "outputs" | "stride">,
  row: number,
  { column, outputs: actions }: Output,
  action: Float32Array,
): Float32Array {
  const from = row * stride + column;
  let best = 0;
  for (let a = 1; a < actions; a++) if (outputs[from + a] > outputs[from + best]) best = a;
  action[0] = best;
  return action;
}
