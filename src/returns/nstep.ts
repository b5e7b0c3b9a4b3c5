import type { Trajectory } from "./trajectory.ts";

/**
 * n-step returns, each as long as the unroll allows. Mnih et al. 2016, arXiv:1602.01783, algorithm S3.
 *
 *   R_t = r_t + γ_t R_{t+1},  R_T = V(x_T)       A_t = R_t − V(x_t)
 *
 * Where an episode ends γ_t = 0. Where it is cut, R_{t+1} is the value of its final observation.
 *
 * @param advantage [T, B], written at `at`
 * @param returns   [T, B], written at `at`
 */
export function nstep(of: Trajectory, advantage: Float32Array, returns: Float32Array, at = 0): void {
  const { T, B, reward, discount, truncated, value, finalValue } = of;
  for (let b = 0; b < B; b++) {
    let next = value[T * B + b]; // R_{t+1}
    for (let t = T - 1; t >= 0; t--) {
      const i = t * B + b;
      next = reward[i] + discount[i] * (truncated[i] === 1 ? finalValue[i] : next);
      returns[at + i] = next;
      advantage[at + i] = next - value[i];
    }
  }
}
