/** Several configurations, several seeds. */
import { readFileSync } from "node:fs";
import type { Outcome, Summary } from "../../src/ui/studies/study.ts";
import { expect, open, test } from "./page.ts";

const axeSource = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
interface Axe {
  run(of: Element): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}
type Page = import("@playwright/test").Page;
const study = (page: Page): Promise<{ outcomes: Outcome[]; summaries: Summary[] }> =>
  page.evaluate(() => (window as unknown as { cartpool: { study(): never } }).cartpool.study());

async function compare(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Compare runs" }).click();
  await expect(page.getByRole("heading", { name: "Compare" })).toBeVisible();
}

/** The middle half's mean, written once more. */
function middleMean(values: number[]): number {
  const s = [...values].sort((a, b) => a - b);
  const n = s.length;
  let [sum, weight] = [0, 0];
  for (let i = 0; i < 4 * n; i++)
    if (i >= n && i < 3 * n) {
      sum += s[Math.floor(i / 4)];
      weight++;
    }
  return sum / weight;
}

test("seeds of two configurations: the table is an independent computation of what the runs gave", async ({ page }) => {
  test.setTimeout(90_000);
  await open(page, "engine=simd&actors=2&seed=40");
  await compare(page);
  await page.getByRole("textbox", { name: "values, with commas" }).fill("0.001");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const list = page.getByRole("list", { name: "Configurations" });
  await expect(list.getByRole("listitem")).toHaveText(["α 0.01", "α 0.001"]);
  await page.getByRole("textbox", { name: "Seeds" }).fill("4");
  await page.getByRole("textbox", { name: "Env-steps each" }).fill("30000");
  await page.getByRole("button", { name: "Run 8 runs" }).click();
  await expect(page.getByText("8 runs done")).toBeVisible({ timeout: 40_000 });
  const { outcomes, summaries } = await study(page);
  expect(outcomes.map(({ seed, group }) => [seed, group])).toEqual(
    [40, 41, 42, 43].flatMap((s) => [
      [s, 0],
      [s, 1],
    ]),
  );
  for (const o of outcomes) expect(o.envSteps).toBeGreaterThanOrEqual(30_000);
  for (const group of [0, 1]) {
    const finals = outcomes.filter((o) => o.group === group).map(({ final }) => final);
    const expected = middleMean(finals);
    expect(summaries[group].final.iqm).toBeCloseTo(expected, 9);
    expect(summaries[group].final.low).toBeGreaterThanOrEqual(Math.min(...finals));
    expect(summaries[group].final.high).toBeLessThanOrEqual(Math.max(...finals));
    const row = page
      .getByRole("table", { name: "Results" })
      .getByRole("row")
      .nth(group + 1);
    await expect(row).toContainText(`${expected.toFixed(1)} [`);
  }
  // A seed of the study is the run of its query.
  const one = outcomes[2];
  const again = await page.evaluate(
    (query) =>
      (window as unknown as { cartpool: { run(q: string): Promise<{ parametersHash: string }> } }).cartpool.run(query),
    one.query,
  );
  expect(again.parametersHash).toBe(one.parametersHash);
  // The axis can be wall time, because they ran one after the other.
  await page.getByRole("radiogroup", { name: "Horizontal axis of the comparison" }).getByText("Wall time").click();
  await expect(page.getByRole("dialog").getByText("wall time (s)")).toBeVisible();
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const dialog = document.querySelector("[role=dialog]")!;
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(dialog);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(found).toEqual([]);
});

test("a race run together shares the cores, so its wall time is not offered; a bad value is named", async ({
  page,
}) => {
  await open(page, "engine=simd&actors=1&seed=3");
  await compare(page);
  await page.getByRole("button", { name: "A2C against A3C" }).click();
  await expect(page.getByRole("list", { name: "Configurations" }).getByRole("listitem")).toHaveText(["A2C", "A3C"]);
  await page.getByRole("textbox", { name: "values, with commas" }).fill("7");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText(/lr must be a number from/)).toBeVisible();
  await page.getByText("together", { exact: true }).click();
  await page.getByRole("textbox", { name: "Seeds" }).fill("1");
  await page.getByRole("textbox", { name: "Env-steps each" }).fill("20000");
  await page.getByRole("button", { name: "Run 2 runs" }).click();
  await expect(page.getByText("2 runs done")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("radio", { name: "Wall time" }).last()).toBeDisabled();
  const { outcomes } = await study(page);
  expect(new Set(outcomes.map(({ group }) => group))).toEqual(new Set([0, 1]));
});
