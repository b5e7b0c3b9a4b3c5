/** Hyperparameters of topologies: who applies gradients, and how stale they may be. Spread by the algorithms that allow them. */
import { choice, integer } from "../core/params.ts";

const appliers = ["learner", "actors"] as const;
export type Applier = (typeof appliers)[number];

export const asynchronousParams = {
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
