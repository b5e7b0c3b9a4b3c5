import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nstep } from "../../src/returns/nstep.ts";
import type { Trajectory } from "../../src/returns/trajectory.ts";
import { anyTrajectory, copyOf, estimate, trajectory } from "./trajectories.ts";

const run = (of: Trajectory) => estimate(of, (advantage, returns, at) => nstep(of, advantage, returns, at));

describe("n-step returns worked by hand, γ = ½", () => {
  const base = { reward: [1, 2, 3], value: [1, 2, 4, 8] };

  test("an unroll inside an episode", () => {
    const { returns, advantage } = run(trajectory(base));
    // R₂ = 3 + ½·8 = 7    R₁ = 2 + ½·7 = 5.5    R₀ = 1 + ½·5.5 = 3.75
    expect(returns).toEqual([3.75, 5.5, 7]);
    // R − V:  3.75 − 1    5.5 − 2    7 − 4
    expect(advantage).toEqual([2.75, 3.5, 3]);
  });

  test("the task ends at step 1: nothing after it counts", () => {
    const { returns, advantage } = run(trajectory({ ...base, discount: [0.5, 0, 0.5] }));
    // R₂ = 7    R₁ = 2    R₀ = 1 + ½·2 = 2
    expect(returns).toEqual([2, 2, 7]);
    expect(advantage).toEqual([1, 0, 3]);
  });

  test("step 1 is cut: its return goes on from the value of its final observation", () => {
    const { returns, advantage } = run(trajectory({ ...base, truncated: [0, 1, 0], finalValue: [0, 6, 0] }));
    // R₂ = 7    R₁ = 2 + ½·6 = 5    R₀ = 1 + ½·5 = 3.5
    expect(returns).toEqual([3.5, 5, 7]);
    expect(advantage).toEqual([2.5, 3, 3]);
  });

  test("the last step is cut: the value of row T, which shows the next episode, is not used", () => {
    const { returns } = run(trajectory({ ...base, truncated: [0, 0, 1], finalValue: [0, 0, 2] }));
    // R₂ = 3 + ½·2 = 4    R₁ = 2 + ½·4 = 4    R₀ = 1 + ½·4 = 3
    expect(returns).toEqual([3, 4, 4]);
  });

  test("step 1 ends the task on the very step of the limit: an end, not a cut", () => {
    const { returns, advantage } = run(
      trajectory({ ...base, discount: [0.5, 0, 0.5], truncated: [0, 1, 0], finalValue: [0, 6, 0] }),
    );
    expect(returns).toEqual([2, 2, 7]);
    expect(advantage).toEqual([1, 0, 3]);
  });
});

/** Σ γ^k r_{t+k} up to the end of the episode or of the unroll, then the bootstrap: the definition, summed forwards. */
function returnFrom({ T, reward, discount, truncated, value, finalValue }: Trajectory, t: number): number {
  let sum = 0;
  let weight = 1;
  for (let k = t; k < T; k++) {
    sum += weight * reward[k];
    weight *= discount[k];
    if (truncated[k] === 1) return sum + weight * finalValue[k];
  }
  return sum + weight * value[T];
}

test("equals the sum that defines it, copy by copy, whatever ends where", () => {
  fc.assert(
    fc.property(anyTrajectory, (of) => {
      const { returns, advantage, wroteOutside } = run(of);
      expect(wroteOutside).toBe(false);
      for (let b = 0; b < of.B; b++) {
        const alone = copyOf(of, b);
        for (let t = 0; t < of.T; t++) {
          const expected = returnFrom(alone, t);
          expect(returns[t * of.B + b]).toBeCloseTo(expected, 4);
          expect(advantage[t * of.B + b]).toBeCloseTo(expected - alone.value[t], 4);
        }
      }
    }),
  );
});
