/**
 * Running statistics of a run: of observations, and of the returns that rewards are divided by. Actors sum up what they see while
 * they act (float64, in their unrolls); whoever publishes merges the sums in the order of the actors and writes mean and variance
 * behind the parameters, so that they come with the next version. What acts and what learns from it thus see the same.
 */
import { mergeSums, sumsLength } from "../../core/running.ts";
import type { NetworkSpec } from "../../nn/graph.ts";

/** Numbers that hold the sums of everything that a network tracks, in its order. */
export const statisticsLength = ({ tracked }: NetworkSpec): number =>
  tracked.reduce((sum, { width }) => sum + sumsLength(width), 0);

/** What is tracked, and where its sums begin. */
export function trackedOf({ tracked }: NetworkSpec) {
  let next = 0;
  return tracked.map((statistic) => {
    const at = next;
    next += sumsLength(statistic.width);
    return { ...statistic, at };
  });
}

export class Statistics {
  private readonly tracked: ReturnType<typeof trackedOf>;

  /**
   * @param sums of the run so far, [statisticsLength]; shared memory, so that they outlive the thread
   * @param parameters whose statistics are written, [spec.size]
   */
  constructor(
    spec: NetworkSpec,
    private readonly sums: Float64Array,
    private readonly parameters: Float32Array,
  ) {
    this.tracked = trackedOf(spec);
  }

  /** Takes an unroll's sums in. */
  merge(part: Float64Array): void {
    for (let s = 0; s < this.tracked.length; s++) {
      const { width, at } = this.tracked[s];
      mergeSums(this.sums, part, width, at);
    }
  }

  /** Writes means and variances behind the parameters. */
  write(): void {
    const { tracked, sums, parameters } = this;
    for (let s = 0; s < tracked.length; s++) {
      const { width, at, mean, variance } = tracked[s];
      if (sums[at] === 0) continue;
      for (let j = 0; j < width; j++) {
        parameters[mean + j] = sums[at + 1 + j];
        parameters[variance + j] = sums[at + 1 + width + j] / sums[at];
      }
    }
  }

  /** Goes on from the means and variances behind parameters that came back, as if as much had been seen as now. */
  takeBack(): void {
    const { tracked, sums, parameters } = this;
    for (let s = 0; s < tracked.length; s++) {
      const { width, at, mean, variance } = tracked[s];
      for (let j = 0; j < width; j++) {
        sums[at + 1 + j] = parameters[mean + j];
        sums[at + 1 + width + j] = parameters[variance + j] * sums[at];
      }
    }
  }
}
