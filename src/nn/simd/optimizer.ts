/** Summing, clipping and applying gradients on the SIMD kernels. */
import { countStep, type Optimizer, power } from "../optimizers.ts";
import type { Kernels } from "./kernels.ts";

/** Floats that a kernel runs over: regions of shared memory begin at multiples of 16 bytes, and the rest of the last 16 is zero. */
const whole = (array: Float32Array): number => (array.length + 3) & ~3;

/** All arrays lie in the kernels' memory, in regions of their own. */
export function simdOptimizer(kernels: Kernels): Optimizer {
  return {
    addScaled(a, b, by) {
      kernels.addScaled(a.byteOffset, b.byteOffset, whole(a), by);
    },
    clip(g, limit) {
      const norm = Math.sqrt(kernels.sumOfSquares(g.byteOffset, whole(g)));
      if (norm > limit) kernels.scale(g.byteOffset, whole(g), limit / norm);
      return norm;
    },
    step(rule, theta, g, { first, second, steps }, { lr, decay, beta1, beta2, epsilon }) {
      const t = countStep(steps);
      const count = whole(theta);
      if (rule === "sgd") kernels.addScaled(theta.byteOffset, g.byteOffset, count, -lr);
      else if (rule === "rmsprop")
        kernels.rmsprop(theta.byteOffset, g.byteOffset, second.byteOffset, count, lr, 1 - decay, epsilon);
      else
        kernels.adam(
          theta.byteOffset,
          g.byteOffset,
          first.byteOffset,
          second.byteOffset,
          count,
          lr,
          1 - beta1,
          1 - beta2,
          epsilon,
          1 / (1 - power(beta1, t)),
          1 / (1 - power(beta2, t)),
        );
    },
  };
}
