import { expect, test } from "vitest";
import { type Sample, stretches, walked } from "../../../src/ui/insides/trail.ts";

/** Looks 16 ms apart. rate: steps a second */
const looks = (steps: readonly number[], rate: number): Sample[] =>
  steps.map((step, i) => ({ at: 16 * i, step, rate, x: i / 10, y: 1 - i / 10 }));
const joined = (steps: readonly number[], rate: number) =>
  stretches(looks(steps, rate)).map((stretch) => stretch.map(({ step }) => step));

test("a way joins what follows within one episode, and ends with it", () => {
  expect(joined([7, 8, 10, 11, 0, 1, 3], 80)).toEqual([
    [7, 8, 10, 11],
    [0, 1, 3],
  ]);
  // Another episode, whose first look is at a later step than the last one; and one look alone.
  expect(joined([7, 8, 30, 31, 2], 80)).toEqual([
    [7, 8],
    [30, 31],
  ]);
});

test("nothing is joined at full speed, where a step that is just greater is another episode's", () => {
  expect(joined([100, 102, 350, 351], 8000)).toEqual([]);
});

test("an angle that leaves the plane on one side and comes in at the other is not joined across", () => {
  const way = looks([1, 2, 3, 4], 80).map((look, i) => ({ ...look, x: [0.9, 0.98, 0.06, 0.14][i] }));
  expect(stretches(way).map((stretch) => stretch.map(({ step }) => step))).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("a pole that stands still or is paused is one look, and old ones are forgotten", () => {
  const [a, b] = looks([4, 5], 80);
  const way = walked(walked(walked([], 100, a), 100, { ...a, at: 8 }), 100, b);
  expect(way).toEqual([a, b]);
  expect(walked(way, 100, { ...b, at: 110 })).toEqual([b]);
  expect(walked(way, 100, { ...b, at: 500 })).toEqual([]);
});
