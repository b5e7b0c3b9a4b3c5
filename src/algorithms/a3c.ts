import { actorCritic, actorCriticParams } from "./actor-critic.ts";
import type { Algorithm } from "./algorithm.ts";
import { asynchronousParams } from "./topology.ts";

const params = { ...actorCriticParams, ...asynchronousParams };

/**
 * Asynchronous advantage actor-critic with shared optimizer statistics: the learner as parameter server, or Hogwild
 * (Recht et al. 2011, arXiv:1106.5730) as in the paper's §4. The gate that waits is bounded staleness as in Ho et al.
 * 2013, "More Effective Distributed ML via a Stale Synchronous Parallel Parameter Server".
 */
export const a3c: Algorithm<typeof params> = {
  id: "a3c",
  title: "A3C",
  about:
    "Nobody waits: each actor's gradient is applied when it arrives, at the parameters that actor last pulled. Others have moved on meanwhile: the gradient is stale.",
  citation: {
    text: "Mnih et al. 2016, Asynchronous Methods for Deep Reinforcement Learning",
    url: "https://arxiv.org/abs/1602.01783",
  },
  synchrony: "asynchronous",
  params,
  defaults: { 2: {} },
  ...actorCritic,
};
