import { describe, expect, test } from "vitest";
import { cartPoleV1 } from "../../../src/envs/cartpole.ts";
import type { Mark, Point } from "../../../src/envs/environment.ts";
import { mountainCar } from "../../../src/envs/mountaincar.ts";
import { pendulum } from "../../../src/envs/pendulum.ts";
import { copyAt, frontOf, middleOf } from "../../../src/ui/actors/watched.ts";

/** A cart at x (m) with an upright pole. */
const at = (x: number) => cartPoleV1.sketch(Float64Array.of(x, 0, 0, 0));

const pressed = (sketches: Mark[][], front: number, point: Point) => copyAt(sketches, front, point, cartPoleV1.view);

describe("the copy that is pressed", () => {
  const sketches = [at(-1), at(0.5), at(2)];
  const poleTop = 0.8; // m above the ground
  test("is the one whose pole or cart is there", () => {
    expect(pressed(sketches, 0, [0.52, poleTop])).toBe(1);
    expect(pressed(sketches, 0, [2.1, 0.1])).toBe(2);
    expect(pressed(sketches, 2, [-1, poleTop])).toBe(0);
  });
  test("is none beside all of them", () => {
    expect(pressed(sketches, 0, [1.3, poleTop])).toBeNull();
    expect(pressed([], 0, [0, 0])).toBeNull();
  });
  test("is the one in front where two lie on each other", () => {
    expect(pressed([at(0), at(0)], 1, [0, poleTop])).toBe(1);
  });
});

describe("where what moves is", () => {
  test("is the middle of it, whatever it is drawn with", () => {
    expect(middleOf(at(1))).toBeCloseTo(1, 12);
    const hanging = pendulum.sketch(Float64Array.of(-Math.PI / 2, 0)); // to the right
    expect(middleOf(hanging)).toBeCloseTo(0.5, 12);
    expect(middleOf([])).toBe(0);
  });
  test("a car is pressed on its body, not on the hill", () => {
    const car = [mountainCar.sketch(Float64Array.of(-0.5, 0))];
    const valley = Math.sin(-1.5) / 3;
    expect(copyAt(car, 0, [-0.5, valley + 0.1], mountainCar.view)).toBe(0);
    expect(copyAt(car, 0, [0.3, Math.sin(0.9) / 3], mountainCar.view)).toBeNull();
  });
});

test("what is watched is in front of its actor, and the first copy of the others", () => {
  expect(frontOf({ actor: 1, copy: 3 }, 1, 4)).toBe(3);
  expect(frontOf({ actor: 1, copy: 3 }, 0, 4)).toBe(0);
  expect(frontOf({ actor: 1, copy: 3 }, 1, 2)).toBe(0);
});
