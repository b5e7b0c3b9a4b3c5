/**
 * The logarithm of a Gaussian policy's standard deviation is taken within these bounds, in acting and in the loss alike; beyond
 * them it has no gradient. Below, the last digit of a float32 action would be a part of σ that counts; above, every action is clipped.
 */
export const LOG_SIGMA_LEAST = -10;
export const LOG_SIGMA_MOST = 5;
