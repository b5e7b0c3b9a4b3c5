import { describe, expect, test } from "vitest";
import { mergeSums, sumsLength, sumsOf } from "../../src/core/running.ts";
import { accumulate, divided, multiplied } from "../../src/returns/rewards.ts";
import { apart, casesOf } from "../golden/normalise.ts";

describe("rewards over the standard deviation of the discounted return, against Stable-Baselines3's VecNormalize", () => {
  test.each(casesOf("return_normalisation"))("$name", ({ inputs, expected }) => {
    const [steps, copies] = inputs.rewards.shape;
    const rewards = Float64Array.from(inputs.rewards.data);
    const ended = Int32Array.from(inputs.dones.data, Number);
    const running = new Float64Array(copies);
    const returns = new Float64Array(steps * copies);
    const scaled = new Float64Array(steps * copies);
    // It begins with a mean of 0 and a variance of 1 that weigh little.
    const sums = Float64Array.of(inputs.initial_count, 0, inputs.initial_count);
    const part = new Float64Array(sumsLength(1));
    for (let at = 0; at < steps * copies; at += copies) {
      accumulate(rewards, ended, at, inputs.gamma, running, returns);
      sumsOf(returns.subarray(at), copies, 1, part, 0);
      mergeSums(sums, part, 1, 0);
      divided(rewards, at, copies, sums[2] / sums[0], scaled, inputs.clip);
    }
    expect(inputs.epsilon).toBe(1e-8);
    expect(apart(returns, expected.returns.data)).toBeNull();
    expect(apart(scaled, expected.normalised.data)).toBeNull();
    const { final_count, final_mean, final_var } = expected;
    expect(apart([sums[0], sums[1], sums[2] / sums[0]], [final_count, final_mean, final_var])).toBeNull();
  });

  test("there are cases", () => {
    expect(casesOf("return_normalisation").length).toBe(4);
  });
});

test("a divided reward stays within ten standard deviations, and no variance is no division by zero", () => {
  const scaled = new Float32Array(4);
  divided(Float32Array.of(3, 100, -100, 0), 0, 4, 4, scaled);
  expect([...scaled]).toEqual([1.5, 10, -10, 0]);
  divided(Float32Array.of(3, 0, -3, 1), 1, 2, 0, scaled);
  expect([...scaled]).toEqual([1.5, 0, -10, 0]); // only the two that were meant
});

test("a factor multiplies the rewards of one step", () => {
  const scaled = new Float32Array(3);
  multiplied(Float32Array.of(1, -2, 4), 1, 2, 0.5, scaled);
  expect([...scaled]).toEqual([0, -1, 2]);
});
