/** What the advantage actor-critic algorithms share: their hyperparameters and their loss. */
import { choice, integer, limit, type ParamSet, real, type Values } from "../core/params.ts";
import { type Stats, stat, statGroup } from "../core/stats.ts";
import type { Environment } from "../envs/environment.ts";
import type { Acting } from "../nn/acting/acting.ts";
import { categorical } from "../nn/acting/categorical.ts";
import { exp, log, max, outputGradient, type StatNames, scratch, select } from "../nn/gradient.ts";
import type { NetworkSpec } from "../nn/graph.ts";
import type { LossParts, Net, TensorBatch, Tf } from "../nn/loss.ts";
import { actorCriticNetwork, trunks } from "../nn/networks.ts";
import { optimizerNames } from "../nn/optimizers.ts";
import { rewardScales } from "../returns/rewards.ts";
import type { Algorithm } from "./algorithm.ts";
import { type GaussianValues, gaussianActing, gaussianHead, gaussianParams } from "./exploration.ts";
import { gaussianActorCriticGradient, gaussianActorCriticLoss } from "./gaussian.ts";
import type { Networks, NetworkValues } from "./network.ts";
import { criticStats } from "./stats.ts";

export const actorCriticParams = {
  lr: real({
    label: "Learning rate",
    symbol: "α",
    group: "optimisation",
    live: true,
    default: 0.01,
    min: 1e-6,
    max: 0.1,
    scale: "log",
    help: "Step size of the optimizer. Too small learns slowly; too large and the policy collapses.",
  }),
  schedule: choice(["constant", "linear"], {
    label: "Schedule",
    group: "optimisation",
    live: true,
    default: "constant",
    help: "linear: the learning rate falls to zero at the horizon.",
  }),
  horizon: integer({
    label: "Horizon",
    unit: "env-steps",
    group: "optimisation",
    live: true,
    default: 500_000,
    min: 1_000,
    max: 1_000_000_000,
    scale: "log",
    help: "Where the linear schedule reaches zero. Without effect on a constant schedule.",
  }),
  optimizer: choice(optimizerNames, {
    label: "Optimizer",
    group: "optimisation",
    default: "adam",
    help: "Rule that turns a gradient into a step. Its statistics are shared by all actors; sgd has none.",
  }),
  decay: real({
    label: "RMSProp decay",
    symbol: "ρ",
    group: "optimisation",
    live: true,
    default: 0.99,
    min: 0,
    max: 0.9999,
    help: "Memory of RMSProp's running mean of squared gradients.",
  }),
  beta1: real({
    label: "Adam β₁",
    symbol: "β₁",
    group: "optimisation",
    live: true,
    default: 0.9,
    min: 0,
    max: 0.9999,
    help: "Memory of Adam's running mean of gradients.",
  }),
  beta2: real({
    label: "Adam β₂",
    symbol: "β₂",
    group: "optimisation",
    live: true,
    default: 0.999,
    min: 0,
    max: 0.99999,
    help: "Memory of Adam's running mean of squared gradients.",
  }),
  epsilon: real({
    label: "Epsilon",
    symbol: "ε",
    group: "optimisation",
    live: true,
    default: 1e-5,
    min: 1e-10,
    max: 0.1,
    scale: "log",
    help: "Keeps the optimizer from dividing by zero.",
  }),
  clip: limit({
    label: "Gradient clip",
    symbol: "‖g‖",
    group: "optimisation",
    live: true,
    default: 0.5,
    min: 0.01,
    max: 100,
    scale: "log",
    help: "The gradient is scaled down to this global norm when it is longer. off: it stays as it is.",
  }),
  valueCost: real({
    label: "Value cost",
    symbol: "b",
    group: "loss",
    live: true,
    default: 0.5,
    min: 0,
    max: 10,
    help: "Weight of the critic's squared error ½(R − V)² in the loss.",
  }),
  entropyCost: real({
    label: "Entropy bonus",
    symbol: "e",
    group: "loss",
    live: true,
    default: 0.01,
    min: 0,
    max: 1,
    scale: "log",
    help: "Weight of the policy's entropy in the loss: keeps the policy exploring.",
  }),
  estimator: choice(["gae", "n-step"], {
    label: "Estimator",
    group: "returns",
    live: true,
    default: "gae",
    help: "gae: weighs all n-step returns by λ. n-step: the longest return the unroll allows, as in the A3C paper.",
  }),
  gamma: real({
    label: "Discount",
    symbol: "γ",
    group: "returns",
    live: true,
    default: 0.99,
    min: 0,
    max: 1,
    help: "How much a reward one step later counts.",
  }),
  lambda: real({
    label: "GAE λ",
    symbol: "λ",
    group: "returns",
    live: true,
    default: 0.95,
    min: 0,
    max: 1,
    help: "0 trusts the critic (little variance), 1 trusts the rewards (little bias; equal to n-step).",
  }),
  trunk: choice(trunks, {
    label: "Trunk",
    group: "network",
    default: "shared",
    help: "shared: policy and value are two outputs of the same hidden layers. separate: each has hidden layers of its own.",
  }),
  normalise: choice(["off", "on"], {
    label: "Normalise",
    group: "network",
    default: "off",
    help: "on: observations pass through a layer that subtracts their running mean and divides by their running standard deviation. An unroll acts and learns with the statistics of its version; merged ones come with the next.",
  }),
  rewardScale: choice(rewardScales, {
    label: "Reward scale",
    group: "returns",
    default: "none",
    help: "What the targets are made of; returns are shown unscaled. constant: rewards times the factor. running: rewards divided by the running standard deviation of the discounted return.",
  }),
  rewardFactor: real({
    label: "Reward factor",
    group: "returns",
    live: true,
    default: 0.1,
    min: 1e-4,
    max: 1e4,
    scale: "log",
    help: "What rewards are multiplied with. Without effect unless the reward scale is constant.",
  }),
};

export type ActorCriticValues = Values<typeof actorCriticParams>;

type ActorCritics = ActorCriticValues & Partial<GaussianValues>;

/** A policy and a value of the observation. */
const networks = (values: ActorCritics & NetworkValues, { observations, actions }: Environment): Networks => ({
  policy: actorCriticNetwork({
    inputs: observations.length,
    hidden: values.hidden,
    activation: values.activation,
    trunk: values.trunk,
    policy:
      actions.kind === "discrete"
        ? { logits: actions.names.length }
        : gaussianHead(values as Required<ActorCritics>, actions),
    normalise: values.normalise === "on",
    tracksReturn: values.rewardScale === "running",
  }),
});

/** −A log π(a|x) + b ½ (R − V(x))² − e H(π(·|x)), the mean over the batch.    Mnih et al. 2016, arXiv:1602.01783, §4 */
export function actorCriticLoss(
  tf: Tf,
  net: Net,
  batch: TensorBatch,
  hp: ActorCriticValues,
): LossParts<StatNames<typeof actorCriticGradient>> {
  const { logits, value: column } = net(batch.observation); //                        [N, A], [N, 1]
  const value = tf.squeeze(column, [1]); //                                           [N]
  const logPi = tf.logSoftmax(logits); //                                             [N, A]
  const taken = tf.oneHot(tf.cast(batch.action, "int32"), logits.shape[1]); //                          [N, A]
  const logTaken = tf.sum(tf.mul(logPi, taken), -1); //                               [N]
  const policyLoss = tf.neg(tf.mean(tf.mul(logTaken, batch.advantage))); //           []
  const valueLoss = tf.mul(0.5, tf.mean(tf.square(tf.sub(batch.returns, value)))); // []
  const entropy = tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(logPi), logPi), -1))); //       []
  const loss = tf.sub(tf.add(policyLoss, tf.mul(valueLoss, hp.valueCost)), tf.mul(entropy, hp.entropyCost));
  return { loss, policyLoss, valueLoss, entropy } as LossParts<StatNames<typeof actorCriticGradient>>;
}

/**
 * The gradient of actorCriticLoss in the network's outputs: with p = π(·|x), H = −Σ p log p,
 * ∂/∂z_k = A (p_k − [k = a]) + e p_k (log p_k + H), ∂/∂V = b (V − R). Logits are shifted by the greatest, so that none overflows.
 */
export const actorCriticGradient = outputGradient({
  id: "actorCritic",
  outputs: ["logits", "value"],
  fields: { action: 1, advantage: 1, returns: 1 },
  hp: ["valueCost", "entropyCost"],
  stats: ["loss", "policyLoss", "valueLoss", "entropy"],
  row(z, d, x, hp, stat) {
    let greatest = z.logits[0];
    for (let k = 1; k < z.logits.length; k++) greatest = max(greatest, z.logits[k]);
    const p = scratch(z.logits.length);
    let sum = 0;
    for (let k = 0; k < z.logits.length; k++) {
      p[k] = exp(z.logits[k] - greatest);
      sum += p[k];
    }
    const inverseSum = 1 / sum;
    const logSum = log(sum); // of the logits less the greatest: adding it here would cost the digits of large logits
    const logPi = scratch(z.logits.length);
    let entropy = 0;
    let logTaken = 0;
    for (let k = 0; k < z.logits.length; k++) {
      p[k] *= inverseSum;
      logPi[k] = z.logits[k] - greatest - logSum;
      entropy -= p[k] * logPi[k];
      logTaken = select(k === x.action, logPi[k], logTaken);
    }
    for (let k = 0; k < z.logits.length; k++) {
      const taken = select(k === x.action, 1, 0);
      d.logits[k] = x.advantage * (p[k] - taken) + hp.entropyCost * p[k] * (logPi[k] + entropy);
    }
    const error = z.value[0] - x.returns;
    d.value[0] = hp.valueCost * error;
    stat.policyLoss = -(x.advantage * logTaken);
    stat.valueLoss = 0.5 * error * error;
    stat.entropy = entropy;
    stat.loss = stat.policyLoss + hp.valueCost * stat.valueLoss - hp.entropyCost * entropy;
  },
});

const loss = statGroup("Loss", { include: [0] });

export const actorCriticStats = {
  loss: stat({ label: "loss", help: "What the optimizer lowers: policy loss + b · value loss − e · entropy." }),
  policyLoss: stat({
    label: "policy",
    help: "−A log π(a|x): it falls where actions become likelier that went better than the critic expected.",
    group: loss,
  }),
  valueLoss: stat({ label: "value", help: "½ (R − V(x))²: how far the critic misses.", group: loss }),
  entropy: stat({
    label: "entropy",
    symbol: "H",
    unit: "nats",
    help: "Entropy of the policy: how undecided it is.",
    group: statGroup("Entropy", { include: [0] }),
  }),
  ...criticStats,
} satisfies Stats<StatNames<typeof actorCriticGradient> | keyof typeof criticStats>;

const losses = {
  categorical: { loss: actorCriticLoss, outputGradient: actorCriticGradient },
  gaussian: { loss: gaussianActorCriticLoss, outputGradient: gaussianActorCriticGradient },
} satisfies Algorithm["losses"];

/** What A2C and A3C have in common: they act and learn by logits where actions can be counted, else by a Gaussian. */
export const actorCritic = {
  accepts: () => null,
  paramsIn: ({ actions }: Environment): ParamSet => (actions.kind === "discrete" ? {} : gaussianParams),
  networks,
  acting: (values: ActorCritics, { actions }: Environment, spec: NetworkSpec): Acting =>
    actions.kind === "discrete" ? categorical(spec) : gaussianActing(values as Required<ActorCritics>, spec),
  losses,
  stats: actorCriticStats,
  learns: (_: unknown, { actions }: Environment) =>
    actions.kind === "discrete" ? losses.categorical : losses.gaussian,
};
