/** Runs that are kept in the browser. */
import { readFileSync } from "node:fs";
import { ended, expect, open, report, test, train, until } from "./page.ts";

type Page = import("@playwright/test").Page;
const runs = (page: Page) => page.getByRole("region", { name: "Runs" });
const openRuns = (page: Page) => page.getByText("Runs", { exact: true }).click();

async function trained(page: Page, query: string) {
  await open(page, query);
  await train(page);
  return until(page, "the run ends", ended);
}

test("a run survives a reload with its name and pin, shows beside another, and goes out and in as a file", async ({
  page,
}) => {
  const first = await trained(page, "seed=3&engine=simd&actors=2&until=updates:300");
  await openRuns(page);
  await expect(runs(page).getByRole("row")).toHaveCount(2);
  await runs(page)
    .getByRole("button", { name: /^Rename/ })
    .click();
  await page.getByRole("textbox", { name: "Name of the run" }).fill("first");
  await page.keyboard.press("Enter");
  await runs(page).getByRole("button", { name: "Pin first" }).click();
  await page.reload();
  const row = runs(page).getByRole("row", { name: /first/ });
  await expect(row).toBeVisible();
  await expect(row.getByRole("button", { name: "Pin first" })).toHaveText("pinned");
  // The engine's own counts.
  await expect(row.getByRole("cell").nth(3)).toHaveText(
    first.envSteps >= 1000 ? `${(first.envSteps / 1000).toFixed(1)} k` : String(first.envSteps),
  );

  await trained(page, "seed=4&engine=simd&actors=2&lr=0.003&until=updates:300");
  await expect(runs(page).getByRole("row")).toHaveCount(3);
  await expect(row.getByRole("cell", { name: /seed 3/ })).toContainText("α 0.01");
  await row.getByRole("checkbox").check();
  await expect(page.getByRole("listitem").filter({ hasText: /^first$/ })).toBeVisible(); // the legend

  await row.getByRole("button", { name: "More about first" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Run as JSON" }).click(),
  ]);
  const path = await file.path();
  const written = JSON.parse(readFileSync(path, "utf8"));
  expect(written.parametersHash).toBe(first.parametersHash);
  expect(written.updates).toBe(300);
  await row.getByRole("button", { name: "More about first" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
  await page.getByLabel("Run to import").setInputFiles(path);
  await expect(row).toBeVisible();
  await page
    .getByLabel("Run to import")
    .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(runs(page).getByRole("alert")).toContainText("no run of Cartpool");
});

test("a run goes on after the page was left, with the bits of one that was not interrupted", async ({ page }) => {
  const query = "seed=9&engine=simd&actors=2&until=updates:900";
  const whole = await trained(page, query);
  await open(page, `${query}&pace=watchable`);
  await train(page);
  await until(page, "it has begun", (r) => r.updates > 10);
  await page.keyboard.press("Space");
  const left = await until(page, "it pauses", (r) => r.status === "paused");
  await openRuns(page);
  await expect(runs(page).getByRole("row")).toHaveCount(3);
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(1);
  await page.waitForTimeout(500);
  await page.reload(); // as a crash of the tab
  const rows = runs(page).getByRole("row");
  await expect(rows).toHaveCount(3);
  await rows
    .nth(1)
    .getByRole("button", { name: /^More about/ })
    .click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  const going = await until(page, "it goes on", (r) => r.updates >= left.updates);
  expect(going.updates).toBeLessThan(900);
  await page.getByRole("button", { name: "Full speed" }).click();
  const end = await until(page, "it ends", ended);
  expect(end.updates).toBe(900);
  expect(end.parametersHash).toBe(whole.parametersHash);
  expect((await report(page)).episodes).toBe(whole.episodes);
});
