/**
 * Rewards as the targets see them: times a factor, or divided by the running standard deviation of the discounted return, as
 * Stable-Baselines3's VecNormalize does (without subtracting a mean, ε inside the root, clipped). What is reported stays as the
 * environment gave it.
 */

export const rewardScales = ["none", "constant", "running"] as const;
export type RewardScale = (typeof rewardScales)[number];

/** Kept beside the variance. */
const EPSILON = 1e-8;
/** Divided rewards stay within ± this. */
const LIMIT = 10;

type Numbers = Float32Array | Float64Array;

/** Of the rewards of one step, `count` copies from `at` on. */
export function multiplied(reward: Numbers, at: number, count: number, factor: number, scaled: Numbers): void {
  for (let i = at; i < at + count; i++) scaled[i] = reward[i] * factor;
}

/** @param variance of the discounted return */
export function divided(
  reward: Numbers,
  at: number,
  count: number,
  variance: number,
  scaled: Numbers,
  limit = LIMIT,
): void {
  const by = 1 / Math.sqrt(variance + EPSILON);
  for (let i = at; i < at + count; i++) scaled[i] = Math.max(-limit, Math.min(limit, reward[i] * by));
}

/**
 * R ← γR + r of every copy, before an end sets it back to 0. returns: R of this step
 *
 * @param ended length of the episode that ended with this step, or 0
 */
export function accumulate(
  reward: Numbers,
  ended: Int32Array,
  at: number,
  gamma: number,
  running: Float64Array,
  returns: Float64Array,
): void {
  for (let b = 0; b < running.length; b++) {
    const R = gamma * running[b] + reward[at + b];
    returns[at + b] = R;
    running[b] = ended[at + b] > 0 ? 0 : R;
  }
}
