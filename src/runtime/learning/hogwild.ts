/**
 * Hogwild: an actor applies its own gradient to the one live copy of the parameters, without locks and with statistics
 * that all share.   Recht et al. 2011, arXiv:1106.5730; Mnih et al. 2016, arXiv:1602.01783, §4 and supplement, §7
 *
 * Two actors at once may lose each other's change of a number or of a moment; that is the method. Only the count of
 * updates is exact: it is added to atomically, and staleness is what others added since the parameters were pulled.
 */
import type { AnyValues } from "../../core/params.ts";
import { learntOf } from "../../nn/graph.ts";
import type { Moments, Optimizer, OptimizerName } from "../../nn/optimizers.ts";
import type { RunMemory, UnrollViews } from "../memory/memory.ts";
import { appliedColumns } from "../plan/columns.ts";
import type { RunPlan } from "../plan/plan.ts";
import { Rates } from "./rates.ts";

export class Hogwild {
  private readonly rates = new Rates();
  private readonly row = new Float64Array(appliedColumns.length);
  private readonly moments: Moments;
  /** The one live copy of what learns. */
  private readonly live: Float32Array;

  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    private readonly optimizer: Optimizer,
  ) {
    const { first, second, optimizerSteps } = memory.learner;
    this.live = learntOf(plan.spec, memory.parameters.banks[0].parameters);
    this.moments = { first, second, steps: optimizerSteps };
  }

  /** Applies the gradient of an unroll, and notes in it what became of it. Not a number: nothing is applied. */
  apply(unroll: UnrollViews, values: Readonly<AnyValues>): void {
    const { plan, memory, optimizer, row } = this;
    const { version } = memory.parameters;
    const norm = optimizer.clip(unroll.gradient, values.clip as number);
    const finite = Number.isFinite(norm) && Number.isFinite(unroll.lossStats[0]);
    const behind = (Atomics.load(version, 0) - unroll.version[0]) | 0;
    const dropped = values.gate === "drop" && behind > (values.maxStaleness as number);
    row[0] = norm;
    row[1] = 0;
    row[2] = behind;
    row[3] = dropped ? 1 : 0;
    if (finite && !dropped) {
      row[2] = (Atomics.add(version, 0, 1) - unroll.version[0]) | 0;
      const rates = this.rates.latch(values, (Atomics.load(version, 0) >>> 0) * plan.T * plan.B);
      row[1] = rates.lr;
      optimizer.step(values.optimizer as OptimizerName, this.live, unroll.gradient, this.moments, rates);
    }
    unroll.applied.set(row);
  }
}
