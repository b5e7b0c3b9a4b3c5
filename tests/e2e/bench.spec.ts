/** Every part of the benchmark, once and briefly: whether it runs, not how fast. */
import type { BenchReport } from "../../src/bench/bench.ts";
import { casesOf } from "../../src/bench/cases.ts";
import { type RatioName, ratioNames } from "../../src/bench/ratios.ts";
import { expect, open, test } from "./page.ts";

test("the benchmark measures every case and says all that it promises", async ({ page }) => {
  await open(page);
  const report: BenchReport = await page.evaluate('window.cartpool.bench({ scale: "glance" })');
  expect(report.missing).toEqual([]);
  const measured = report.results.map(({ name, engine, network, batch }) => [name, engine, network, batch].join(" "));
  for (const { name, engine, network, batch } of casesOf(true))
    expect(measured).toContain([name, engine, network, batch].join(" "));
  for (const result of report.results) {
    expect(Object.keys(result).sort()).toEqual(
      ["batch", "engine", "name", "network", "perSecond", "spread", "unit"].sort(),
    );
    expect(result.perSecond, `${result.name} ${result.engine}`).toBeGreaterThan(0);
  }
  expect(Object.keys(report.ratios)).toEqual(Object.keys(ratioNames));
  for (const name of Object.keys(report.ratios) as RatioName[]) expect(report.ratios[name], name).toBeGreaterThan(0);
  expect(report.ratios.encodeFusedVsOpByOp).toBeGreaterThan(5); // far from noise: dozens
  for (const network of ["L1", "L2"] as const) expect(report.endToEnd.stepsPerSecond[network]).toBeGreaterThan(1000);
  expect(report.endToEnd.runs.map(({ network, actors }) => `${network} ${actors}`)).toEqual([
    "L1 1",
    "L1 2",
    "L2 1",
    "L2 2",
  ]);
  expect(report.solve).toMatchObject({ seeds: 1, solved: 1 });
  expect(report.solve.medianEnvSteps).toBeLessThan(200_000);
});
