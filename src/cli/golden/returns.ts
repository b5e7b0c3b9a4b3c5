/** Estimators of returns against reference values: gae.json, nstep.json. */
import * as z from "zod/mini";
import { gae } from "../../returns/gae.ts";
import { nstep } from "../../returns/nstep.ts";
import type { Trajectory } from "../../returns/trajectory.ts";
import { type Answer, inFloat64, kind, type Precision } from "./kinds.ts";
import { array, type NumberArray, shaped } from "./values.ts";

const unroll = {
  rewards: array, //         [T, B]
  values: array, //          [T, B]
  bootstrap_value: array, // [B], of row T
  terminated: array, //      [T, B]
  truncated: array, //       [T, B]
  final_values: array, //    [T, B]
  gamma: z.number(),
};
type Unroll = z.infer<z.ZodMiniObject<typeof unroll>>;

const arrayOf = {
  float64: (values: Float64Array) => inFloat64(values),
  float32: (values: Float64Array) => Float32Array.from(values),
};

/** The trajectory in a precision, which may be that of its storage alone. */
function trajectoryOf(of: Unroll, precision: Precision): Trajectory {
  const [T, B] = of.rewards.shape;
  const rows = (values: NumberArray) => shaped(values, T, B);
  const floats = arrayOf[precision];
  const value = Float64Array.of(...rows(of.values), ...shaped(of.bootstrap_value, B));
  return {
    T,
    B,
    reward: floats(rows(of.rewards)),
    value: floats(value),
    discount: floats(rows(of.terminated).map((ended) => of.gamma * (1 - ended))),
    truncated: floats(rows(of.truncated)),
    finalValue: floats(rows(of.final_values)),
  };
}

type Estimator = (of: Trajectory, advantage: Float32Array, returns: Float32Array) => void;

/** Advantages and returns, [T, B]. */
function estimate(of: Trajectory, precision: Precision, estimator: Estimator) {
  const shape = [of.T, of.B];
  const room = () => new Float64Array(of.T * of.B);
  const [advantage, returns] = [arrayOf[precision](room()), arrayOf[precision](room())];
  estimator(of, advantage, returns);
  const numbersOf = (data: ArrayLike<number>): NumberArray => ({ shape, data: Float64Array.from(data) });
  return { advantages: numbersOf(advantage), returns: numbersOf(returns) };
}

const both = (answer: (precision: Precision) => Answer["values"]): Answer[] =>
  (["float64", "float32"] as const).map((precision) => ({ by: precision, precision, values: answer(precision) }));

const gaeKind = kind(z.object({ ...unroll, lambda: z.number() }), {
  answers: (of) =>
    both((precision) =>
      estimate(trajectoryOf(of, precision), precision, (trajectory, advantage, returns) =>
        gae(trajectory, of.lambda, advantage, returns),
      ),
    ),
});

/** Steps `from` … `to` − 1 alone, bootstrapped from the value of row `to`. */
function windowOf(of: Trajectory, from: number, to: number): Trajectory {
  const rows = (values: Float32Array, end = to) => values.subarray(from * of.B, end * of.B);
  return {
    T: to - from,
    B: of.B,
    reward: rows(of.reward),
    value: rows(of.value, to + 1),
    discount: rows(of.discount),
    truncated: rows(of.truncated),
    finalValue: rows(of.finalValue),
  };
}

/** The n-step targets of every step: our estimator goes as far as its unroll, so each is the first of an unroll of n steps. */
function targetsOf(of: Trajectory, n: number, precision: Precision): NumberArray {
  const targets = new Float64Array(of.T * of.B);
  for (let t = 0; t < of.T; t++) {
    const { returns } = estimate(windowOf(of, t, Math.min(t + n, of.T)), precision, nstep);
    targets.set(returns.data.subarray(0, of.B), t * of.B);
  }
  return { shape: [of.T, of.B], data: targets };
}

const nstepKind = kind(z.object({ ...unroll, n: z.int() }), {
  // What a replay memory stores in place of the target.
  without: ["reward_sum", "steps", "bootstrap_discount", "bootstrap_value_used"],
  answers: (of) => both((precision) => ({ targets: targetsOf(trajectoryOf(of, precision), of.n, precision) })),
});

export const returns = { gae: { gae: gaeKind }, nstep: { nstep: nstepKind } };
