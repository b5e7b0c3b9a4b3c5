/** What is computed from one actor's unroll, wherever that happens: advantages, returns, and how well the critic explains them. */
import type { AnyValues } from "../../core/params.ts";
import { gae } from "../../returns/gae.ts";
import { nstep } from "../../returns/nstep.ts";
import type { Trajectory } from "../../returns/trajectory.ts";
import type { UnrollViews } from "../memory/memory.ts";
import type { RunPlan } from "../plan/plan.ts";

/** The estimators' view of an unroll: it and the unroll share their arrays. */
export const trajectoryOf = ({ T, B, rewardScale }: RunPlan, unroll: UnrollViews): Trajectory => ({
  T,
  B,
  reward: rewardScale === "none" ? unroll.reward : unroll.scaledReward,
  discount: unroll.discount,
  truncated: unroll.truncated,
  value: unroll.value,
  finalValue: unroll.finalValue,
});

/** Writes advantages and returns [T × B] at `at`. */
export function estimate(
  trajectory: Trajectory,
  values: Readonly<AnyValues>,
  advantage: Float32Array,
  returns: Float32Array,
  at = 0,
): void {
  if (values.estimator === "gae") gae(trajectory, values.lambda as number, advantage, returns, at);
  else nstep(trajectory, advantage, returns, at);
}

/** Adds Σ R, Σ R², Σ A, Σ A² of `count` rows from `at`. moments: [4] */
export function addMoments(
  advantage: Float32Array,
  returns: Float32Array,
  at: number,
  count: number,
  moments: Float64Array,
): void {
  for (let i = at; i < at + count; i++) {
    moments[0] += returns[i];
    moments[1] += returns[i] * returns[i];
    moments[2] += advantage[i];
    moments[3] += advantage[i] * advantage[i];
  }
}

/** 1 − Var(R − V) / Var(R) of N rows, with R − V = A; 0 where the returns do not vary. moments: as `addMoments` sums them */
export function explainedVariance(moments: Float64Array, N: number): number {
  const meanReturn = moments[0] / N;
  const meanSquare = moments[1] / N;
  const meanError = moments[2] / N;
  const varReturn = meanSquare - meanReturn * meanReturn;
  const varError = moments[3] / N - meanError * meanError;
  return varReturn > 1e-12 * meanSquare ? 1 - varError / varReturn : 0;
}
