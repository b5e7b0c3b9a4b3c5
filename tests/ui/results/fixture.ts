import type { Results } from "../../../src/ui/results/results.ts";

const seed = (seed: number, steps: number | null, mean: number) => ({
  seed,
  solvedAt: steps === null ? null : { envSteps: steps, seconds: steps / 100_000 },
  envSteps: 500_000,
  seconds: 5,
  final: { mean, std: 2 },
  curve: [20, null, mean, mean],
});

/** Four runs, one of which did not solve the task. */
export const fixture: Results = {
  algo: "a2c",
  env: "CartPole-v1",
  query: "v=1&algo=a2c&env=CartPole-v1",
  v: 1,
  version: "0.1.0",
  envSteps: 500_000,
  threshold: 475,
  threads: "one",
  points: 4,
  seeds: [seed(11, 100_000, 500), seed(12, 110_000, 490), seed(13, 120_000, 480), seed(14, null, 100)],
};
