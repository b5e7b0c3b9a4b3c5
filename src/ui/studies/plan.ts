/** The numbers of a study's plan, declared as the hyperparameters of a run are. */
import { integer } from "../../core/params.ts";

export const planParams = {
  seeds: integer({
    label: "Seeds",
    group: "run",
    default: 5,
    min: 1,
    max: 20,
    help: "Runs of every configuration, each with a seed of its own.",
  }),
  limit: integer({
    label: "Env-steps each",
    group: "run",
    default: 200_000,
    min: 1000,
    max: 100_000_000,
    scale: "log",
    help: "Environment steps after which a run ends.",
  }),
};
