/** Whole episodes of a greedy policy, played side by side. */
import type { AnyValues } from "../../core/params.ts";
import type { Rng } from "../../core/rng.ts";
import { actionSize, clip } from "../../envs/environment.ts";
import type { Policy } from "../../nn/policy.ts";
import type { RunPlan } from "../plan/plan.ts";

/**
 * Plays as many episodes as there are returns, each with a stream of its own, and fills `returns`; false when stopped before
 * the end.
 *
 * @param policy with the parameters loaded and room for as many rows
 * @param values of the environment's parameters, among others
 */
export function playGreedily(
  { environment, spec, acting }: Pick<RunPlan, "environment" | "spec" | "acting">,
  policy: Policy,
  values: AnyValues,
  rngs: readonly Rng[],
  returns: Float64Array,
  stopping: () => boolean,
): boolean {
  const { actions } = environment;
  const size = environment.state.length;
  const states = new Float64Array(returns.length * size);
  const action = new Float32Array(actionSize(actions));
  const state = (k: number) => states.subarray(k * size, (k + 1) * size);
  rngs.forEach((rng, k) => {
    environment.initial(rng, state(k));
  });
  returns.fill(0);
  let running = rngs.map((_, k) => k);
  for (let step = 0; step < environment.maxSteps && running.length > 0; step++) {
    if (stopping()) return false;
    running.forEach((k, row) => {
      environment.observe(state(k), policy.observation.subarray(row * spec.inputs, (row + 1) * spec.inputs));
    });
    policy.run(running.length);
    running = running.filter((k, row) => {
      acting.mode(policy.outputs, row * policy.stride, action);
      if (actions.kind === "continuous") clip(actions, action);
      returns[k] += environment.step(state(k), action, values, rngs[k]);
      return !environment.terminal(state(k), values);
    });
  }
  return true;
}

/** Of the whole, not of a sample: divided by n. */
export function meanAndStd(values: Float64Array): { mean: number; std: number } {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  return { mean, std: Math.sqrt(values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / n) };
}
