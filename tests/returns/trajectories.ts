/** Unrolls for the estimators' tests: written by hand, or drawn. */
import fc from "fast-check";
import type { Trajectory } from "../../src/returns/trajectory.ts";

interface Written {
  reward: number[];
  value: number[];
  discount?: number[];
  truncated?: number[];
  finalValue?: number[];
}

/** One copy. Discounts are ½ and nothing is cut unless it is said. */
export function trajectory(of: Written): Trajectory {
  const T = of.reward.length;
  const row = (numbers: number[] | undefined, otherwise: number) =>
    Float32Array.from(numbers ?? Array<number>(T).fill(otherwise));
  return {
    T,
    B: 1,
    reward: row(of.reward, 0),
    value: Float32Array.from(of.value),
    discount: row(of.discount, 0.5),
    truncated: row(of.truncated, 0),
    finalValue: row(of.finalValue, 0),
  };
}

const number = fc.double({ min: -4, max: 4, noNaN: true });

/** Any unroll; some of its steps end the task, some are cut, some both. */
export const anyTrajectory: fc.Arbitrary<Trajectory> = fc
  .record({
    T: fc.integer({ min: 1, max: 9 }),
    B: fc.integer({ min: 1, max: 4 }),
    gamma: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .chain(({ T, B, gamma }) => {
    const floats = (length: number, of: fc.Arbitrary<number>) =>
      fc.array(of, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
    const n = T * B;
    return fc.record({
      T: fc.constant(T),
      B: fc.constant(B),
      reward: floats(n, number),
      discount: floats(n, fc.constantFrom(gamma, gamma, gamma, 0)),
      truncated: floats(n, fc.constantFrom(0, 0, 0, 1)),
      value: floats(n + B, number),
      finalValue: floats(n, number),
    });
  });

/** Copy b alone. */
export function copyOf(of: Trajectory, b: number): Trajectory {
  const column = (values: Float32Array) => values.filter((_, i) => i % of.B === b);
  return {
    T: of.T,
    B: 1,
    reward: column(of.reward),
    discount: column(of.discount),
    truncated: column(of.truncated),
    value: column(of.value),
    finalValue: column(of.finalValue),
  };
}

/** Room for an estimator's results, filled with a mark, and what it wrote. */
export function estimate(of: Trajectory, write: (advantage: Float32Array, returns: Float32Array, at: number) => void) {
  const n = of.T * of.B;
  const at = 3;
  const mark = 12345;
  const advantage = new Float32Array(n + 2 * at).fill(mark);
  const returns = new Float32Array(n + 2 * at).fill(mark);
  write(advantage, returns, at);
  const outside = [advantage, returns].flatMap((a) => [...a.subarray(0, at), ...a.subarray(at + n)]);
  const inside = (a: Float32Array) => [...a.subarray(at, at + n)];
  return { advantage: inside(advantage), returns: inside(returns), wroteOutside: outside.some((x) => x !== mark) };
}
