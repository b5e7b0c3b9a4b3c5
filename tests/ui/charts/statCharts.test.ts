import { describe, expect, test } from "vitest";
import { stat, statGroup } from "../../../src/core/stats.ts";
import { axisOf, chartsOf, chartsOfAlgorithm, drawnAt, helpOf, unitOf } from "../../../src/ui/charts/statCharts.ts";

const shared = statGroup("Shared", { include: [0] });
const one = stat({ label: "one", unit: "nats", help: "The first.", group: shared });
const two = stat({ label: "two", unit: "nats", help: "The second.", group: shared });
const alone = stat({ label: "alone", symbol: "α", help: "By itself.", group: statGroup("Alone") });
const hidden = stat({ label: "hidden", help: "Not drawn." });

test("a chart for every group, in the order in which they are declared first", () => {
  const charts = chartsOf({ hidden, one, alone, two });
  expect(charts.map(({ group, curves }) => [group.title, ...curves.map(({ key }) => key)])).toEqual([
    ["Shared", "one", "two"],
    ["Alone", "alone"],
  ]);
  expect(charts.map(unitOf)).toEqual(["nats", "α, dimensionless"]);
  expect(charts.map(helpOf)).toEqual(["one: The first.\ntwo: The second.", "By itself."]);
});

test("A2C and A3C have the same charts", () => {
  const titles = ["Loss", "Entropy", "Explained variance", "Gradient norm", "Learning rate", "Staleness"];
  for (const algo of ["a2c", "a3c"] as const)
    expect(chartsOfAlgorithm(algo).map(({ group }) => group.title)).toEqual(titles);
  expect(chartsOfAlgorithm("a2c")).toBe(chartsOfAlgorithm("a2c")); // charts that are drawn again compare it
});

describe("the axis", () => {
  const marked = (of: ReturnType<typeof axisOf>) => of.ticks.map(of.mark);

  test("of a group that follows its values holds them, and what it always shows", () => {
    const { domain, ticks } = axisOf(shared, [3, 4, Number.NaN, undefined]);
    expect(domain[0]).toBeLessThan(0);
    expect(domain[1]).toBeGreaterThan(4);
    expect(ticks).toContain(0);
  });

  test("of a range that stands fast is that range; what lies beyond is drawn along its edge, and the mark says so", () => {
    const { group } = stat({ label: "", help: "", group: statGroup("Explained", { range: [-1, 1] }) });
    expect(marked(axisOf(group!, [0.5, -1, 1]))).toEqual(["−1", "0", "1"]);
    expect(marked(axisOf(group!, [0.5, -40]))).toEqual(["≤ −1", "0", "1"]);
    expect(marked(axisOf(group!, [undefined, 2]))).toEqual(["−1", "0", "≥ 1"]);
    const [low, high] = axisOf(group!, [-40, 40]).domain;
    expect(low).toBeGreaterThan(-1.2);
    expect(high).toBeLessThan(1.2);
    expect([-40, 0.5, 40].map((x) => drawnAt(group!, x))).toEqual([-1, 0.5, 1]);
  });

  test.each([[[0.003, 40]], [[1e-9, 1e9]], [[4, 9]], [[30, 40]], [[7, 7]]])(
    "of a logarithm holds %j, and has two to six marks within it: powers of ten where there are two",
    (values) => {
      const { domain, ticks } = axisOf(statGroup("Log", { scale: "log" }), values);
      for (const x of values) expect(x > domain[0] && x < domain[1]).toBe(true);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(6);
      for (const x of ticks) expect(x >= domain[0] && x <= domain[1]).toBe(true);
      const decades = Math.log10(domain[1] / domain[0]);
      if (decades >= 2) for (const x of ticks) expect(Number.isInteger(Math.log10(x))).toBe(true);
    },
  );

  test("of a logarithm leaves out what has none", () => {
    const group = statGroup("Log", { scale: "log" });
    expect([0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined].map((x) => drawnAt(group, x))).toEqual(
      Array(5).fill(null),
    );
    expect(axisOf(group, [0, -5, 2, 20])).toMatchObject({ domain: axisOf(group, [2, 20]).domain });
    for (const end of axisOf(group, []).domain) expect(end).toBeGreaterThan(0);
  });
});
