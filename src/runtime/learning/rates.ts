/** The optimizer's values of one update: α falls linearly to zero at the horizon where the schedule says so. */
import type { AnyValues } from "../../core/params.ts";
import type { OptimizerValues } from "../../nn/optimizers.ts";

export class Rates implements OptimizerValues {
  lr = 0;
  decay = 0;
  beta1 = 0;
  beta2 = 0;
  epsilon = 0;

  /** @param envSteps steps that the run has taken by the end of this update's experience */
  latch(values: Readonly<AnyValues>, envSteps: number): this {
    const { lr, schedule, horizon } = values as { lr: number; schedule: string; horizon: number };
    this.lr = schedule === "linear" ? lr * Math.max(0, 1 - envSteps / horizon) : lr;
    this.decay = values.decay as number;
    this.beta1 = values.beta1 as number;
    this.beta2 = values.beta2 as number;
    this.epsilon = values.epsilon as number;
    return this;
  }
}
