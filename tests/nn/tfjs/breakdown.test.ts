import { beforeEach, describe, expect, it, vi } from "vitest";

type Breakdown = typeof import("../../../src/nn/tfjs/breakdown.ts");
let of: Breakdown;
beforeEach(async () => {
  vi.resetModules();
  of = await import("../../../src/nn/tfjs/breakdown.ts");
});

const lacks = [
  new WebAssembly.RuntimeError("Aborted(). Build with -sASSERTIONS for more info."),
  new WebAssembly.RuntimeError("memory access out of bounds"),
  new WebAssembly.RuntimeError("unreachable"),
  new RangeError("Array buffer allocation failed"),
  new RangeError("Invalid typed array length: 4294967296"),
  Object.assign(new Error("allocation size overflow"), { name: "InternalError" }), // Firefox
  new Error("the graphics device reported: Out of memory"),
];

describe("want of memory", () => {
  it.each(lacks)("is said in plain words, and the thread is of no further use: %s", (failure) => {
    expect(of.isBroken()).toBe(false);
    const error = of.brokenDown(failure, "tfjs-wasm") as Error;
    expect(error).toBeInstanceOf(of.OutOfMemory);
    expect(error.message).toMatch(
      /^TensorFlow\.js ran out of memory on tfjs-wasm \(.+\)\. Use a smaller batch.*engine=simd\.$/,
    );
    expect(error.message).not.toContain("ASSERTIONS");
    expect(error.name).toBe("OutOfMemory");
    expect(of.isBroken()).toBe(true);
    expect(of.brokenDown(new Error("it has aborted"), "tfjs-cpu"), "the cause of what follows").toBe(error);
  });

  it.each([new Error("Argument 'x' passed to 'matMul' must be a Tensor"), new TypeError("x is not a function")])(
    "is not every failure: %s",
    (failure) => {
      expect(of.brokenDown(failure, "tfjs-cpu")).toBe(failure);
      expect(of.isBroken()).toBe(false);
    },
  );
});
