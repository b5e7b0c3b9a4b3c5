/**
 * An algorithm that nobody outside of this file knows: −log π(a|x) A + ½ (R − V(x))², with two statistics of its own, how sure the
 * policy is of its best action and how unlikely it found the one it took. It has no entropy, and no explained variance.
 */
import { actorCritic, actorCriticGradient, actorCriticParams } from "../../src/algorithms/actor-critic.ts";
import type { Algorithm } from "../../src/algorithms/algorithm.ts";
import { type Stats, stat, statGroup } from "../../src/core/stats.ts";
import { exp, log, max, outputGradient, type StatNames, select } from "../../src/nn/gradient.ts";
import type { LossParts, Net, TensorBatch, Tf } from "../../src/nn/loss.ts";

export const toyGradient = outputGradient({
  id: "toy",
  outputs: actorCriticGradient.outputs,
  fields: actorCriticGradient.fields,
  hp: [],
  stats: ["loss", "surprise", "confidence"],
  row(z, d, x, _hp, stat) {
    let greatest = z.logits[0];
    for (let k = 1; k < z.logits.length; k++) greatest = max(greatest, z.logits[k]);
    let sum = 0;
    let taken = 0;
    for (let k = 0; k < z.logits.length; k++) {
      sum += exp(z.logits[k] - greatest);
      taken = select(k === x.action, z.logits[k] - greatest, taken);
    }
    for (let k = 0; k < z.logits.length; k++)
      d.logits[k] = x.advantage * (exp(z.logits[k] - greatest) / sum - select(k === x.action, 1, 0));
    const error = z.value[0] - x.returns;
    d.value[0] = error;
    stat.surprise = log(sum) - taken;
    stat.confidence = 1 / sum;
    stat.loss = x.advantage * stat.surprise + 0.5 * error * error;
  },
});

function toyLoss(tf: Tf, net: Net, batch: TensorBatch): LossParts<StatNames<typeof toyGradient>> {
  const { logits, value: column } = net(batch.observation);
  const value = tf.squeeze(column, [1]);
  const logPi = tf.logSoftmax(logits);
  const taken = tf.oneHot(tf.cast(batch.action, "int32"), logits.shape[1]);
  const surprise = tf.neg(tf.sum(tf.mul(logPi, taken), -1));
  const error = tf.sub(batch.returns, value);
  const loss = tf.mean(tf.add(tf.mul(surprise, batch.advantage), tf.mul(0.5, tf.square(error))));
  // In another order than they are declared in.
  const parts = { confidence: tf.mean(tf.max(tf.exp(logPi), -1)), loss, surprise: tf.mean(surprise) };
  return parts as LossParts<StatNames<typeof toyGradient>>;
}

const learns = { loss: toyLoss, outputGradient: toyGradient };

export const toy: Algorithm<typeof actorCriticParams> = {
  id: "toy",
  title: "Toy",
  about: "A policy gradient with two statistics that no other algorithm has.",
  citation: { text: "Williams 1992", url: "https://doi.org/10.1007/BF00992696" },
  ...actorCritic,
  synchrony: "lockstep",
  params: actorCriticParams,
  defaults: {},
  losses: { toy: learns },
  learns: () => learns,
  stats: {
    loss: stat({ label: "loss", help: "What the optimizer lowers." }),
    surprise: stat({
      label: "surprise",
      unit: "nats",
      help: "−log π(a|x) of the actions that were taken: the greatest mean of an update.",
      fold: "max",
      group: statGroup("Surprise", { scale: "log" }),
    }),
    confidence: stat({
      label: "confidence",
      symbol: "p",
      help: "The greatest probability of an action.",
      group: statGroup("Confidence", { range: [0, 1] }),
    }),
  } satisfies Stats<StatNames<typeof toyGradient>>,
};
