import { actorCriticLoss, actorCriticOutputGradient, actorCriticParams } from "./actor-critic.ts";
import type { Algorithm } from "./algorithm.ts";

/** Asynchronous advantage actor-critic with the learner as parameter server and shared optimizer statistics. */
export const a3c: Algorithm<typeof actorCriticParams> = {
  id: "a3c",
  title: "A3C",
  about:
    "Nobody waits: each actor's gradient is applied when it arrives, at the parameters that actor last pulled. Others have moved on meanwhile: the gradient is stale.",
  citation: {
    text: "Mnih et al. 2016, Asynchronous Methods for Deep Reinforcement Learning",
    url: "https://arxiv.org/abs/1602.01783",
  },
  synchrony: "asynchronous",
  params: actorCriticParams,
  loss: actorCriticLoss,
  outputGradient: actorCriticOutputGradient,
};
