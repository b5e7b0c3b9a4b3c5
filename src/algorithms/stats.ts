/** Statistics that algorithms share. */
import { type Stats, stat, statGroup } from "../core/stats.ts";
import type { Algorithm } from "./algorithm.ts";

const staleness = statGroup("Staleness", { include: [0, 1] });

/** Of every update, whatever the algorithm. */
export const updateStats = {
  gradientNorm: stat({
    label: "norm",
    symbol: "‖g‖",
    help: "Global norm of the gradient before it is clipped.",
    group: statGroup("Gradient norm", { scale: "log" }),
  }),
  lr: stat({
    label: "learning rate",
    symbol: "α",
    help: "Step size of the optimizer, as the schedule has it by then.",
    fold: "last",
    group: statGroup("Learning rate", { include: [0] }),
  }),
  staleness: stat({
    label: "mean",
    unit: "versions",
    help: "Versions between the parameters that a gradient was taken at and those that it was applied to.",
    group: staleness,
  }),
  maxStaleness: stat({
    label: "max",
    unit: "versions",
    help: "The greatest staleness of an update.",
    fold: "max",
    group: staleness,
  }),
} satisfies Stats;

/** Of algorithms whose advantages are returns less what a critic says. */
export const criticStats = {
  explainedVariance: stat({
    label: "explained",
    help: "1 − Var(R − V) / Var(R): 1 is a perfect critic, 0 or less one that explains nothing.",
    group: statGroup("Explained variance", { range: [-1, 1] }),
  }),
} satisfies Stats;

/** All statistics of an algorithm's updates by name, its own first: the order of columns and of charts. */
export const statsOf = ({ stats }: Pick<Algorithm, "stats">): Stats => ({ ...stats, ...updateStats });
