import { choice, integer } from "../core/params.ts";
import { actorCriticGradient, actorCriticLoss, actorCriticParams } from "./actor-critic.ts";
import type { Algorithm } from "./algorithm.ts";

const appliers = ["learner", "actors"] as const;
export type Applier = (typeof appliers)[number];

export const a3cParams = {
  ...actorCriticParams,
  apply: choice(appliers, {
    label: "Apply",
    group: "parallelism",
    default: "learner",
    help: "Who applies gradients. learner: a parameter server, one after the other. actors: each at once and without locks on the one live copy (Hogwild); what others read meanwhile is a mixture.",
  }),
  gate: choice(["off", "drop", "wait"], {
    label: "Staleness gate",
    group: "parallelism",
    live: true,
    default: "off",
    help: "What happens to a gradient that is too stale. drop: it is thrown away. wait: nothing is applied that would make the gradient of an actor at work too stale, so the fast wait for the slow; those that wait in the queue may still age.",
  }),
  maxStaleness: integer({
    label: "Most staleness",
    symbol: "s",
    unit: "versions",
    group: "parallelism",
    live: true,
    default: 4,
    min: 0,
    max: 1000,
    scale: "log",
    help: "Versions that a gradient may be behind when it is applied. Without effect while the gate is off.",
  }),
};

/**
 * Asynchronous advantage actor-critic with shared optimizer statistics: the learner as parameter server, or Hogwild
 * (Recht et al. 2011, arXiv:1106.5730) as in the paper's §4. The gate that waits is bounded staleness as in Ho et al.
 * 2013, "More Effective Distributed ML via a Stale Synchronous Parallel Parameter Server".
 */
export const a3c: Algorithm<typeof a3cParams> = {
  id: "a3c",
  title: "A3C",
  about:
    "Nobody waits: each actor's gradient is applied when it arrives, at the parameters that actor last pulled. Others have moved on meanwhile: the gradient is stale.",
  citation: {
    text: "Mnih et al. 2016, Asynchronous Methods for Deep Reinforcement Learning",
    url: "https://arxiv.org/abs/1602.01783",
  },
  synchrony: "asynchronous",
  params: a3cParams,
  loss: actorCriticLoss,
  outputGradient: actorCriticGradient,
};
