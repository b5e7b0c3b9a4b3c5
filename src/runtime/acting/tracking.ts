/** What an actor does beside acting where a run scales rewards or keeps statistics: once a step, and at the end of an unroll. */
import type { AnyValues } from "../../core/params.ts";
import { sumsOf } from "../../core/running.ts";
import { OBSERVATION, RETURN } from "../../nn/graph.ts";
import { accumulate, divided, multiplied } from "../../returns/rewards.ts";
import type { Copies } from "../memory/copies.ts";
import type { UnrollViews } from "../memory/memory.ts";
import { trackedOf } from "../memory/statistics.ts";
import type { RunPlan } from "../plan/plan.ts";

export class Tracking {
  private readonly tracked: ReturnType<typeof trackedOf>;
  private readonly variance: number;
  /** The discounted return so far after every step of an unroll: [T, B]. */
  private readonly returns: Float64Array;

  /** @param parameters that the actor acts with: their statistics are those of the whole unroll */
  constructor(
    private readonly plan: RunPlan,
    private readonly copies: Copies,
    private readonly parameters: Float32Array,
  ) {
    this.tracked = trackedOf(plan.spec);
    this.variance = this.tracked.find(({ name }) => name === RETURN)?.variance ?? -1;
    this.returns = new Float64Array(plan.rewardScale === "running" ? plan.T * plan.B : 0);
  }

  /** Scales the rewards of the step whose rows begin at `at`. */
  afterStep(unroll: UnrollViews, at: number, values: Readonly<AnyValues>): void {
    const { plan, copies, parameters, returns, variance } = this;
    const { reward, scaledReward, episodeLength } = unroll;
    if (plan.rewardScale === "constant") multiplied(reward, at, plan.B, values.rewardFactor as number, scaledReward);
    if (plan.rewardScale !== "running") return;
    divided(reward, at, plan.B, parameters[variance], scaledReward);
    accumulate(reward, episodeLength, at, values.gamma as number, copies.discountedReturn, returns);
  }

  /** Sums up what the unroll has seen. Its last observations are the first of the next. */
  sum({ observation, sums }: UnrollViews): void {
    const rows = this.plan.T * this.plan.B;
    for (let s = 0; s < this.tracked.length; s++) {
      const { name, width, at } = this.tracked[s];
      sumsOf(name === OBSERVATION ? observation : this.returns, rows, width, sums, at);
    }
  }
}
