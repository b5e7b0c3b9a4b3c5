import { describe, expect, test } from "vitest";
import { algorithms } from "../../../src/algorithms/index.ts";
import { envs } from "../../../src/envs/index.ts";
import { paramsOf } from "../../../src/runtime/plan/config.ts";
import { neighbour, positionOf, stopsOf, valueAt } from "../../../src/ui/controls/stops.ts";

const sliders = Object.values(algorithms).flatMap(({ id: algo }) =>
  Object.keys(envs).flatMap((env) =>
    Object.entries(paramsOf(algo as keyof typeof algorithms, env as keyof typeof envs)).flatMap(([key, param]) =>
      param.control.type === "slider" ? [{ key, param, stops: stopsOf(param.control, param.kind === "integer") }] : [],
    ),
  ),
);

describe("stops of every slider", () => {
  test.each(sliders)("$key", ({ key, param, stops }) => {
    if (key === "seed") {
      expect(stops).toEqual([]);
      return;
    }
    if (param.control.type !== "slider") throw new Error("not a slider");
    expect(stops[0]).toBe(param.control.min);
    const { max, open } = param.control;
    expect(stops.slice(open ? -2 : -1)).toEqual(open ? [max, Number.POSITIVE_INFINITY] : [max]);
    expect(stops.length).toBeGreaterThan(10);
    expect(stops.length).toBeLessThan(1000);
    for (const stop of stops) expect(param.check(stop)).toBeNull();
    for (let i = 1; i < stops.length; i++) expect(stops[i]).toBeGreaterThan(stops[i - 1]);
    for (const stop of stops) expect(valueAt(stops, positionOf(stops, stop))).toBe(stop);
  });
});

test("a log scale with minimum 0 starts at 0 and then covers five decades", () => {
  const stops = stopsOf({ type: "slider", min: 0, max: 1, step: 0, scale: "log" }, false);
  expect(stops.slice(0, 3)).toEqual([0, 1e-5, 1.2e-5]);
  expect(stops).toContain(0.01);
});

test("an arrow key goes to the next stop from between two", () => {
  const stops = [0, 1, 2, 5, 10];
  expect(positionOf(stops, 3.5)).toBe(2.5);
  expect(neighbour(stops, 3, 1)).toBe(5);
  expect(neighbour(stops, 3, -1)).toBe(2);
  expect(neighbour(stops, 5, 1)).toBe(10);
  expect(neighbour(stops, 5, -1)).toBe(2);
  expect(neighbour(stops, 10, 1)).toBe(10);
  expect(neighbour(stops, 0, -1)).toBe(0);
});
