/** What an estimator of returns reads: an unroll of T steps of B environment copies, time-major. */
export interface Trajectory {
  readonly T: number;
  readonly B: number;
  readonly reward: Float32Array; // [T, B]
  /** γ, or 0 where the step ended the task. */
  readonly discount: Float32Array; // [T, B]
  /** 1 where the step limit cut the episode: stop the recursion there and bootstrap from finalValue. */
  readonly truncated: Float32Array; // [T, B]
  readonly value: Float32Array; // [T + 1, B]
  /** V of the last observation of an episode that was cut; read only where truncated is 1. */
  readonly finalValue: Float32Array; // [T, B]
}
