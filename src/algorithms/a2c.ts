import { actorCritic, actorCriticParams } from "./actor-critic.ts";
import type { Algorithm } from "./algorithm.ts";

/** Advantage actor-critic in lockstep: the synchronous form of A3C. */
export const a2c: Algorithm<typeof actorCriticParams> = {
  id: "a2c",
  title: "A2C",
  about:
    "All actors wait for each other: every update uses one unroll from each of them, so no gradient is ever stale and a run repeats bit for bit.",
  citation: {
    text: "Mnih et al. 2016, Asynchronous Methods for Deep Reinforcement Learning (its synchronous form)",
    url: "https://arxiv.org/abs/1602.01783",
  },
  synchrony: "lockstep",
  params: actorCriticParams,
  defaults: { 2: {} },
  ...actorCritic,
};
