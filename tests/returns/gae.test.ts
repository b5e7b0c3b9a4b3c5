import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gae } from "../../src/returns/gae.ts";
import { nstep } from "../../src/returns/nstep.ts";
import type { Trajectory } from "../../src/returns/trajectory.ts";
import { anyTrajectory, copyOf, estimate, trajectory } from "./trajectories.ts";

const run = (of: Trajectory, lambda: number) =>
  estimate(of, (advantage, returns, at) => gae(of, lambda, advantage, returns, at));

describe("generalised advantages worked by hand, γ = ½, λ = ½", () => {
  const base = { reward: [1, 2, 3], value: [1, 2, 4, 8] };

  test("an unroll inside an episode", () => {
    const { advantage, returns } = run(trajectory(base), 0.5);
    // δ₂ = 3 + ½·8 − 4 = 3    δ₁ = 2 + ½·4 − 2 = 2       δ₀ = 1 + ½·2 − 1 = 1
    // A₂ = 3                  A₁ = 2 + ¼·3 = 2.75        A₀ = 1 + ¼·2.75 = 1.6875
    expect(advantage).toEqual([1.6875, 2.75, 3]);
    // R = A + V
    expect(returns).toEqual([2.6875, 4.75, 7]);
  });

  test("the task ends at step 1", () => {
    const { advantage, returns } = run(trajectory({ ...base, discount: [0.5, 0, 0.5] }), 0.5);
    // A₂ = 3    A₁ = δ₁ = 2 − 2 = 0    A₀ = δ₀ + ¼·0 = 1
    expect(advantage).toEqual([1, 0, 3]);
    expect(returns).toEqual([2, 2, 7]);
  });

  test("step 1 is cut: it bootstraps from its final observation and the recursion stops", () => {
    const { advantage, returns } = run(trajectory({ ...base, truncated: [0, 1, 0], finalValue: [0, 6, 0] }), 0.5);
    // A₂ = 3    A₁ = δ₁ = 2 + ½·6 − 2 = 3    A₀ = 1 + ¼·3 = 1.75
    expect(advantage).toEqual([1.75, 3, 3]);
    expect(returns).toEqual([2.75, 5, 7]);
  });

  test("the last step is cut: the value of row T is not used", () => {
    const { advantage } = run(trajectory({ ...base, truncated: [0, 0, 1], finalValue: [0, 0, 2] }), 0.5);
    // A₂ = δ₂ = 3 + ½·2 − 4 = 0    A₁ = δ₁ + ¼·0 = 2    A₀ = 1 + ¼·2 = 1.5
    expect(advantage).toEqual([1.5, 2, 0]);
  });

  test("step 1 ends the task on the very step of the limit: an end, not a cut", () => {
    const { advantage } = run(
      trajectory({ ...base, discount: [0.5, 0, 0.5], truncated: [0, 1, 0], finalValue: [0, 6, 0] }),
      0.5,
    );
    expect(advantage).toEqual([1, 0, 3]);
  });
});

/** Σ (γλ)^k δ_{t+k} up to the end of the episode or of the unroll: equation 16 of the paper, summed forwards. */
function advantageFrom({ T, reward, discount, truncated, value, finalValue }: Trajectory, t: number, lambda: number) {
  let sum = 0;
  let weight = 1;
  for (let k = t; k < T; k++) {
    const next = truncated[k] === 1 ? finalValue[k] : value[k + 1];
    sum += weight * (reward[k] + discount[k] * next - value[k]);
    if (truncated[k] === 1) break;
    weight *= discount[k] * lambda;
  }
  return sum;
}

const anyLambda = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));

test("equals the sum that defines it, copy by copy, whatever ends where", () => {
  fc.assert(
    fc.property(anyTrajectory, anyLambda, (of, lambda) => {
      const { advantage, returns, wroteOutside } = run(of, lambda);
      expect(wroteOutside).toBe(false);
      for (let b = 0; b < of.B; b++) {
        const alone = copyOf(of, b);
        for (let t = 0; t < of.T; t++) {
          const expected = advantageFrom(alone, t, lambda);
          expect(advantage[t * of.B + b]).toBeCloseTo(expected, 4);
          expect(returns[t * of.B + b]).toBeCloseTo(expected + alone.value[t], 4);
        }
      }
    }),
  );
});

test("λ = 1 is the n-step return", () => {
  fc.assert(
    fc.property(anyTrajectory, (of) => {
      const ours = run(of, 1);
      const theirs = estimate(of, (advantage, returns, at) => nstep(of, advantage, returns, at));
      ours.returns.forEach((r, i) => {
        expect(r).toBeCloseTo(theirs.returns[i], 4);
        expect(ours.advantage[i]).toBeCloseTo(theirs.advantage[i], 4);
      });
    }),
  );
});

test("λ = 0 is the error of temporal difference", () => {
  fc.assert(
    fc.property(anyTrajectory, (of) => {
      const { B, reward, discount, truncated, value, finalValue } = of;
      run(of, 0).advantage.forEach((a, i) => {
        const next = truncated[i] === 1 ? finalValue[i] : value[i + B];
        expect(a).toBeCloseTo(reward[i] + discount[i] * next - value[i], 5);
      });
    }),
  );
});
