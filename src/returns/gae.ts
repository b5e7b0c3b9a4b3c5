import type { Trajectory } from "./trajectory.ts";

/**
 * Generalised advantage estimation. Schulman et al. 2016, arXiv:1506.02438, equation 16.
 *
 *   δ_t = r_t + γ_t V(x_{t+1}) − V(x_t)       A_t = δ_t + γ_t λ A_{t+1}       R_t = A_t + V(x_t)
 *
 * Where an episode ends γ_t = 0. Where it is cut, V(x_{t+1}) is the value of its final observation and the recursion
 * stops, because row t + 1 belongs to the next episode.
 *
 * @param advantage [T, B], written at `at`
 * @param returns   [T, B], written at `at`
 */
export function gae(of: Trajectory, lambda: number, advantage: Float32Array, returns: Float32Array, at = 0): void {
  const { T, B, reward, discount, truncated, value, finalValue } = of;
  for (let b = 0; b < B; b++) {
    let next = 0; // A_{t+1}
    for (let t = T - 1; t >= 0; t--) {
      const i = t * B + b;
      const cut = truncated[i] === 1;
      const nextValue = cut ? finalValue[i] : value[i + B];
      const delta = reward[i] + discount[i] * nextValue - value[i];
      next = delta + (cut ? 0 : discount[i] * lambda * next);
      advantage[at + i] = next;
      returns[at + i] = next + value[i];
    }
  }
}
