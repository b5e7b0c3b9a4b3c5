/** Mean returns that others have published, to stand beside ours; and how long runs are that can be compared with them. */
import type { AlgorithmId } from "../../algorithms/index.ts";
import type { EnvId } from "../../envs/index.ts";

/** Env-steps of a run. */
export const lengths: Readonly<Record<string, number>> = {
  "MountainCar-v0": 1_000_000,
  "MountainCarContinuous-v0": 300_000,
  "Pendulum-v1": 1_000_000,
};
export const USUAL_LENGTH = 500_000;

const sources = {
  zoo: { by: "RL Zoo", url: "https://github.com/DLR-RM/rl-baselines3-zoo/blob/master/benchmark.md" },
  slm: { by: "SLM-Lab", url: "https://github.com/kengz/SLM-Lab" },
} as const;

/** Mean return, after so many env-steps. */
type Published = readonly [source: keyof typeof sources, what: string, mean: number, envSteps: number];

/** A3C is held against A2C: nobody has published it on these tasks. */
const a2c: Readonly<Record<string, readonly Published[]>> = {
  "CartPole-v1": [
    ["zoo", "A2C", 500, 500_000],
    ["slm", "A2C", 497, 200_000],
  ],
  "Acrobot-v1": [
    ["zoo", "A2C", -83, 500_000],
    ["slm", "A2C", -84, 300_000],
  ],
  "MountainCar-v0": [["zoo", "A2C", -111, 1_000_000]],
  "MountainCarContinuous-v0": [["zoo", "A2C", 91, 100_000]],
  "Pendulum-v1": [
    ["zoo", "A2C", -163, 1_000_000],
    ["slm", "A2C", -821, 300_000],
  ],
};

const published: Readonly<Partial<Record<AlgorithmId, typeof a2c>>> = { a2c, a3c: a2c };

/** What is published of a pair, each as a link in Markdown. */
export const publishedOf = (algo: AlgorithmId, env: EnvId): string[] =>
  (published[algo]?.[env] ?? []).map(([source, what, mean, envSteps]) => {
    const { by, url } = sources[source];
    return `${String(mean).replace("-", "−")} at ${envSteps / 1000} k ([${by} ${what}](${url}))`;
  });
