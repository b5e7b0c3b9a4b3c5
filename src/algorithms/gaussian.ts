/** The advantage actor-critic loss of a policy whose actions are normal numbers around a mean. */
import { HALF_LOG_TAU_E, LOG_SIGMA_LEAST, LOG_SIGMA_MOST } from "../nn/acting/gaussian.ts";
import { exp, max, min, outputGradient, type StatNames, select } from "../nn/gradient.ts";
import type { LossParts, Net, TensorBatch, Tf } from "../nn/loss.ts";
import type { ActorCriticValues } from "./actor-critic.ts";

const HALF_LOG_TAU = 0.9189385332046727; // ½ ln 2π

/**
 * −A log π(a|x) + b ½ (R − V(x))² − e H(π(·|x)), the mean over the batch, of the diagonal Gaussian N(μ, σ²): log π is summed over the
 * numbers of the action as it was sampled, before it is clipped, and H = Σ_k ½ ln 2πe + ln σ_k.    Mnih et al. 2016, arXiv:1602.01783, §9
 */
export function gaussianActorCriticLoss(
  tf: Tf,
  net: Net,
  batch: TensorBatch,
  hp: Pick<ActorCriticValues, "valueCost" | "entropyCost">,
): LossParts<StatNames<typeof gaussianActorCriticGradient>> {
  const { mean, logSigma, value: column } = net(batch.observation); //               [N, D], [N, D], [N, 1]
  const value = tf.squeeze(column, [1]); //                                          [N]
  const log = tf.clipByValue(logSigma, LOG_SIGMA_LEAST, LOG_SIGMA_MOST); //          [N, D]
  const u = tf.mul(tf.sub(batch.action, mean), tf.exp(tf.neg(log))); //              [N, D]
  const logPi = tf.sum(tf.neg(tf.add(tf.mul(0.5, tf.square(u)), tf.add(log, HALF_LOG_TAU))), -1); // [N]
  const policyLoss = tf.neg(tf.mean(tf.mul(logPi, batch.advantage))); //             []
  const valueLoss = tf.mul(0.5, tf.mean(tf.square(tf.sub(batch.returns, value)))); // []
  const entropy = tf.mean(tf.sum(tf.add(log, HALF_LOG_TAU_E), -1)); //               []
  const loss = tf.sub(tf.add(policyLoss, tf.mul(valueLoss, hp.valueCost)), tf.mul(entropy, hp.entropyCost));
  return { loss, policyLoss, valueLoss, entropy } as LossParts<StatNames<typeof gaussianActorCriticGradient>>;
}

/**
 * Its gradient in the network's outputs: with u = (a − μ)/σ, ∂/∂μ_k = −A u_k/σ_k, ∂/∂ln σ_k = A (1 − u_k²) − e, and 0 where ln σ_k is beyond its
 * bounds; ∂/∂V = b (V − R).
 */
export const gaussianActorCriticGradient = outputGradient({
  id: "gaussianActorCritic",
  outputs: ["mean", "logSigma", "value"],
  fields: { action: "mean", advantage: 1, returns: 1 },
  hp: ["valueCost", "entropyCost"],
  stats: ["loss", "policyLoss", "valueLoss", "entropy"],
  row(z, d, x, hp, stat) {
    let logPi = 0;
    let entropy = 0;
    for (let k = 0; k < z.mean.length; k++) {
      const logSigma = min(max(z.logSigma[k], LOG_SIGMA_LEAST), LOG_SIGMA_MOST);
      const inverse = exp(-logSigma);
      const u = (x.action[k] - z.mean[k]) * inverse;
      logPi -= 0.5 * u * u + logSigma + HALF_LOG_TAU;
      entropy += logSigma + HALF_LOG_TAU_E;
      d.mean[k] = -(x.advantage * u * inverse);
      d.logSigma[k] = select(z.logSigma[k] === logSigma, x.advantage * (1 - u * u) - hp.entropyCost, 0);
    }
    const error = z.value[0] - x.returns;
    d.value[0] = hp.valueCost * error;
    stat.policyLoss = -(x.advantage * logPi);
    stat.valueLoss = 0.5 * error * error;
    stat.entropy = entropy;
    stat.loss = stat.policyLoss + hp.valueCost * stat.valueLoss - hp.entropyCost * entropy;
  },
});
