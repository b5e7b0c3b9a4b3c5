/** Recorded transitions that stand among the reference values of algorithms: gym_continuous_smoke.json. */
import * as z from "zod/mini";
import type { AnyValues } from "../../../core/params.ts";
import { Rng } from "../../../core/rng.ts";
import { kind } from "../kinds.ts";
import { array, type NumberArray } from "../values.ts";
import { comparisonOf, physicsOf } from "./comparison.ts";

const inputs = z.object({ env: z.string(), kwargs: z.record(z.string(), z.unknown()), actions: array });
type Inputs = z.infer<typeof inputs>;

const physicsFor = ({ env, kwargs }: Inputs) => {
  const comparison = comparisonOf(env);
  return comparison ? physicsOf(comparison, kwargs) : env;
};

/** numpy 2 computes parts of these steps in float32. Recorded episodes are in float64 throughout, and held to far less. */
const IN_PARTS = { rtol: 1e-6, atol: 1e-6 };

/** Every step from the recorded state before it. */
const rollout = kind(inputs, {
  lacks(of) {
    const physics = physicsFor(of);
    return typeof physics === "string" ? physics : null;
  },
  answers(of, expected) {
    const { env } = comparisonOf(of.env)!;
    const physics = physicsFor(of) as AnyValues;
    const before = (expected.state as NumberArray).data; // [T, state]
    const T = before.length / env.state.length;
    const state = new Float64Array(env.state.length);
    const observation = new Float32Array(env.observations.length);
    const rng = new Rng().seed(1);
    const rows = { state: [...before.subarray(0, state.length)], observation: [] as number[], reward: [] as number[] };
    const ends = { terminated: [] as number[], truncated: [] as number[] };
    for (let t = 0; t < T; t++) {
      state.set(before.subarray(t * state.length, (t + 1) * state.length));
      rows.reward.push(env.step(state, Float32Array.of(of.actions.data[t]), physics as never, rng));
      env.observe(state, observation);
      rows.observation.push(...observation);
      if (t + 1 < T) rows.state.push(...state);
      ends.terminated.push(Number(env.terminal(state, physics as never)));
      ends.truncated.push(Number(t + 1 >= env.maxSteps));
    }
    const matrix = (data: readonly number[], ...shape: number[]): NumberArray => ({
      shape,
      data: Float64Array.from(data),
    });
    return [
      {
        by: "float64",
        precision: "float64",
        tolerance: IN_PARTS,
        values: {
          state: matrix(rows.state, T, state.length),
          observation: matrix(rows.observation, T, observation.length),
          reward: matrix(rows.reward, T),
          terminated: matrix(ends.terminated, T),
          truncated: matrix(ends.truncated, T),
          final_state: matrix([...state], state.length),
          time_limit: env.maxSteps,
        },
      },
    ];
  },
});

export const rollouts = { gym_continuous_smoke: { rollout } };
