import { expect, test } from "vitest";
import { Rng } from "../../../src/core/rng.ts";
import { envs } from "../../../src/envs/index.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { evaluateFinally } from "../../../src/runtime/acting/finalEvaluation.ts";
import { defaultConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { Stream } from "../../../src/runtime/plan/streams.ts";

const config = withValues(defaultConfig("a2c", "CartPole-v1"), { engine: "simd", seed: 7, hidden: [8] });
const plan = planRun(config);

/** Returns of a policy that pushes to the right whatever it sees, one episode after the other. */
function pushedRight(episodes: number): number[] {
  const env = envs["CartPole-v1"];
  const state = new Float64Array(env.state.length);
  return Array.from({ length: episodes }, (_, k) => {
    const rng = new Rng().seed(7, Stream.finalEvaluation, k);
    env.initial(rng, state);
    let sum = 0;
    do sum += env.step(state, Float32Array.of(1), config.values as never, rng);
    while (!env.terminal(state, config.values as never));
    return sum;
  });
}

test.each([1, 128, 300])("is what the policy collects in %d episodes", (episodes) => {
  // All weights are zero; the one bias that is not makes the second action the best.
  const parameters = new Float32Array(plan.spec.size);
  parameters[layerOf(plan.spec, "logits", "dense").bias + 1] = 1;
  const returns = pushedRight(episodes);
  const mean = returns.reduce((a, b) => a + b) / episodes;
  const variance = returns.reduce((a, b) => a + (b - mean) ** 2, 0) / episodes;
  const evaluation = evaluateFinally(config, parameters, episodes);
  expect(evaluation.episodes).toBe(episodes);
  expect(evaluation.mean).toBeCloseTo(mean, 10);
  expect(evaluation.std).toBeCloseTo(Math.sqrt(variance), 10);
});
