/** Hyperparameters of algorithms whose policy is a Gaussian, in environments with continuous actions. */
import { log } from "../core/math.ts";
import { choice, integer, real, type Values } from "../core/params.ts";
import type { Continuous } from "../envs/environment.ts";
import type { Acting } from "../nn/acting/acting.ts";
import { gaussian } from "../nn/acting/gaussian.ts";
import { stateDependent } from "../nn/acting/sde.ts";
import type { NetworkSpec } from "../nn/graph.ts";
import type { PolicyHead } from "../nn/networks.ts";

export const gaussianParams = {
  exploration: choice(["gsde", "ou", "white"], {
    label: "Exploration",
    group: "exploration",
    default: "gsde",
    help: "The noise of actions. gsde: a random function of the state, drawn anew now and then, so that it is smooth along an episode. ou: an Ornstein–Uhlenbeck process. white: each step by itself.",
  }),
  initialSigma: real({
    label: "Initial σ",
    symbol: "σ₀",
    group: "exploration",
    default: 0.5,
    min: 0.001,
    max: 10,
    scale: "log",
    help: "Standard deviation of an action's noise before it is learnt, in the units of the action; with gsde, of each weight of the random function.",
  }),
  sdeEvery: integer({
    label: "Redraw noise every",
    unit: "steps",
    group: "exploration",
    live: true,
    default: 16,
    min: 1,
    max: 1_000,
    scale: "log",
    help: "Steps of an episode before gsde draws another random function. Without effect on other noise.",
  }),
  ouDecay: real({
    label: "Noise memory",
    symbol: "ρ",
    group: "exploration",
    live: true,
    default: 0.9,
    min: 0,
    max: 0.999,
    help: "Share of the noise that ou takes from one step to the next; the noise of a step by itself is as great as with 0. Without effect on other noise.",
  }),
};

export type GaussianValues = Values<typeof gaussianParams>;

/** The policy's outputs, as `gaussianActing` reads them. */
export const gaussianHead = (
  { exploration, initialSigma }: GaussianValues,
  { components }: Continuous,
): PolicyHead => ({
  mean: components.length,
  logSigma: exploration === "gsde" ? "sde" : "free",
  initialLogSigma: log(initialSigma),
});

export const gaussianActing = ({ exploration }: GaussianValues, spec: NetworkSpec): Acting =>
  exploration === "gsde" ? stateDependent(spec) : gaussian(spec, exploration);
