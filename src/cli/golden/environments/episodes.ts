/** Recorded steps of environments. A step is compared at a time, from the recorded state before it. */
import * as z from "zod/mini";
import type { AnyValues } from "../../../core/params.ts";
import { Rng } from "../../../core/rng.ts";
import { actionSize, type Environment } from "../../../envs/environment.ts";
import type { Found } from "../suite.ts";
import { type Comparison, comparisonOf, deviation, physicsOf, row } from "./comparison.ts";

const TURN = 2 * Math.PI;

/** Steps of an episode; states[t] and so on are the result of actions[t]. */
interface Steps {
  readonly start: readonly number[];
  readonly actions: readonly number[];
  readonly states: readonly (readonly number[])[];
  readonly observations: readonly (readonly number[])[];
  readonly rewards: readonly number[];
  readonly terminated: readonly boolean[];
  readonly truncated: readonly boolean[];
}

/** The largest float32 rounding of an observation. */
const OBSERVED = 2 ** -23;

/** The first component that deviates, in words. */
function far(
  what: string,
  got: ArrayLike<number>,
  want: readonly number[],
  apart: (i: number) => number,
  most: number,
) {
  if (got.length !== want.length) return `${what} has ${got.length} components, not ${want.length}`;
  const i = want.findIndex((_, k) => !(apart(k) <= most));
  return i < 0 ? null : `${what}[${i}] is ${got[i]}, not ${want[i]}`;
}

const observe = (env: Environment, from: readonly number[]) => {
  const out = new Float32Array(env.observations.length);
  env.observe(Float64Array.from(from), out);
  return out;
};

const observedFar = (env: Environment, from: readonly number[], want: readonly number[]) => {
  const got = observe(env, from);
  return far("the observation", got, want, (i) => deviation(got[i], want[i]), OBSERVED);
};

/** What is wrong with step t, taken from the recorded state before it. */
function stepFar({ env, tolerance, angles }: Comparison, physics: AnyValues, of: Steps, t: number): string | null {
  const state = Float64Array.from(t === 0 ? of.start : of.states[t - 1]);
  const action = new Float32Array(actionSize(env.actions)).fill(of.actions[t]);
  const reward = env.step(state, action, physics as never, new Rng().seed(1));
  const apart = (i: number) => {
    const turns = angles.includes(i) ? TURN * Math.round((state[i] - of.states[t][i]) / TURN) : 0;
    return deviation(state[i] - turns, of.states[t][i]);
  };
  const stateFar = far("the state", state, of.states[t], apart, tolerance);
  if (stateFar) return stateFar;
  if (!(deviation(reward, of.rewards[t]) <= tolerance)) return `the reward is ${reward}, not ${of.rewards[t]}`;
  const terminated = env.terminal(state, physics as never);
  if (terminated !== of.terminated[t]) return terminated ? "the task ended" : "the task did not end";
  // An episode may be recorded for fewer steps than its limit.
  if (t + 1 >= env.maxSteps !== of.truncated[t]) return of.truncated[t] ? "it is cut" : "it is not cut";
  return observedFar(env, of.states[t], of.observations[t]);
}

function stepsFar(of: Comparison, physics: AnyValues, steps: Steps): string | null {
  for (let t = 0; t < steps.actions.length; t++) {
    const found = stepFar(of, physics, steps, t);
    if (found) return `step ${t}: ${found}`;
  }
  return null;
}

export const recording = z.object({
  env: z.string(),
  options: z.record(z.string(), z.unknown()),
  episodes: z.array(
    z
      .object({
        name: z.string(),
        initial_state: row,
        initial_observation: row,
        length: z.int(),
        return: z.number(),
        actions: row,
        states: z.array(row),
        observations: z.array(row),
        rewards: row,
        terminated: z.array(z.boolean()),
        truncated: z.array(z.boolean()),
      })
      .check(
        z.refine(
          (of) =>
            [of.actions, of.states, of.observations, of.rewards, of.terminated, of.truncated].every(
              ({ length }) => length === of.length,
            ),
          "an episode has other numbers of actions, states, rewards … than steps",
        ),
      ),
  ),
});

/** Episodes, all of one environment. */
export function episodesOf({ env: id, options, episodes }: z.infer<typeof recording>): Found[] {
  const comparison = comparisonOf(id);
  const physics = comparison && physicsOf(comparison, options);
  return episodes.map((episode): Found => {
    const { name } = episode;
    if (!comparison || typeof physics === "string") return { name, what: typeof physics === "string" ? physics : id };
    const steps = { ...episode, start: episode.initial_state };
    const check = () =>
      observedFar(comparison.env, steps.start, episode.initial_observation) ??
      stepsFar(comparison, physics as AnyValues, steps);
    return { name, check };
  });
}
