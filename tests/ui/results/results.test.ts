import { describe, expect, test } from "vitest";
import {
  curveOf,
  fileOf,
  MOST_BYTES,
  MOST_POINTS,
  parseResults,
  type Results,
} from "../../../src/ui/results/results.ts";
import { fixture } from "./fixture.ts";

const many = (seeds: number): Results => ({
  ...fixture,
  points: MOST_POINTS,
  seeds: Array.from({ length: seeds }, (_, i) => ({
    ...fixture.seeds[0],
    seed: 11 + i,
    curve: Array.from({ length: MOST_POINTS }, (_, k) => -100.25 - k),
  })),
});

describe("curveOf", () => {
  test("is the mean of the evaluations within each stretch, its end included", () => {
    const evaluations = [
      [10, 1, 0],
      [25, 3, 0],
      [26, 8, 0],
      [100, 5, 0],
      [101, 7, 0], // the last update ends a little later
    ];
    expect(curveOf(evaluations, 100, 4)).toEqual([2, 8, null, 6]);
    expect(curveOf([[0, 4, 0]], 100, 2)).toEqual([4, null]);
  });
});

describe("fileOf", () => {
  test("comes back as it is where it is small", () => {
    expect(parseResults(JSON.parse(fileOf(fixture)))).toEqual(fixture);
    expect(
      fileOf(fixture)
        .trim()
        .split("\n")
        .filter((line) => line.includes('"seed":')),
    ).toHaveLength(fixture.seeds.length);
  });

  test("has thinner curves where there are many seeds, and is never too large", () => {
    expect(parseResults(JSON.parse(fileOf(many(30))))).toEqual(many(30));
    const fifty = parseResults(JSON.parse(fileOf(many(50))));
    expect(fifty).toMatchObject({ points: MOST_POINTS / 2 });
    expect(fifty?.seeds[0].curve.slice(0, 2)).toEqual([-100.75, -102.75]);
    for (const n of [1, 30, 60, 100]) {
      const text = fileOf(many(n));
      expect(text.length).toBeLessThanOrEqual(MOST_BYTES);
      expect(parseResults(JSON.parse(text))?.seeds).toHaveLength(n);
    }
    expect(() => fileOf(many(1000))).toThrow(/1000 seeds/);
  });
});

test("what is no results is refused", () => {
  expect(parseResults(null)).toBeNull();
  expect(parseResults({ ...fixture, seeds: [{ seed: 11 }] })).toBeNull();
  expect(parseResults({ ...fixture, points: fixture.points + 1 })).toBeNull();
});
