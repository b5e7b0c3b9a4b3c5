import { describe, expect, test } from "vitest";
import { cartPoleV1 } from "../../../src/envs/cartpole.ts";
import { copyAt, frontOf } from "../../../src/ui/actors/watched.ts";

/** A cart at x (m) with an upright pole. */
const at = (x: number) => cartPoleV1.sketch(Float64Array.of(x, 0, 0, 0));

describe("the copy that is pressed", () => {
  const sketches = [at(-1), at(0.5), at(2)];
  const poleTop = 0.8; // m above the ground
  test("is the one whose pole or cart is there", () => {
    expect(copyAt(sketches, 0, [0.52, poleTop])).toBe(1);
    expect(copyAt(sketches, 0, [2.1, 0.1])).toBe(2);
    expect(copyAt(sketches, 2, [-1, poleTop])).toBe(0);
  });
  test("is none beside all of them", () => {
    expect(copyAt(sketches, 0, [1.3, poleTop])).toBeNull();
    expect(copyAt([], 0, [0, 0])).toBeNull();
  });
  test("is the one in front where two lie on each other", () => {
    expect(copyAt([at(0), at(0)], 1, [0, poleTop])).toBe(1);
  });
});

test("what is watched is in front of its actor, and the first copy of the others", () => {
  expect(frontOf({ actor: 1, copy: 3 }, 1, 4)).toBe(3);
  expect(frontOf({ actor: 1, copy: 3 }, 0, 4)).toBe(0);
  expect(frontOf({ actor: 1, copy: 3 }, 1, 2)).toBe(0);
});
