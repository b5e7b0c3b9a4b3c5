/** A run that is sent to somebody else: its curve as a ghost, and whether it was repeated. */
import type { Page } from "@playwright/test";
import { algorithms } from "../../src/algorithms/index.ts";
import { packedIn, unpackRun } from "../../src/ui/share/shared.ts";
import { ended, expect, listenTo, open, report, sharedLink, test, train, until } from "./page.ts";

const query = "seed=31&engine=simd&actors=2&unroll=8&until=updates:400";

/** Pixels by which the line of the shared run and the smoothed line of the page's lie apart, where they do most. */
const farthestApart = (page: Page): Promise<number> =>
  page.locator("[data-chart=return] path.recharts-line-curve").evaluateAll((paths) => {
    const [ghost, , live] = paths.map((path) =>
      [...(path.getAttribute("d") ?? "").matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
    );
    const heightAt = (line: number[][], x: number) => {
      const k = line.findIndex(([end]) => end >= x);
      if (k <= 0) return line.at(k)?.[1] ?? Number.NaN;
      const [[a, ya], [b, yb]] = [line[k - 1], line[k]];
      return ya + ((yb - ya) * (x - a)) / (b - a || 1);
    };
    return live.length < 20 ? Number.NaN : Math.max(...live.map(([x, y]) => Math.abs(y - heightAt(ghost, x))));
  });

test("a lockstep run with a live change, a push and another actor is repeated bit for bit by whoever opens its link", async ({
  page,
  browser,
}) => {
  await open(page, `${query}&pace=watchable`);
  await train(page);
  await until(page, "it has begun", (r) => r.updates > 2);
  const field = page.getByRole("textbox", { name: "Learning rate", exact: true });
  await field.fill("0.002");
  await field.press("Enter");
  await page.getByRole("button", { name: "One actor more" }).click();
  const joined = await until(page, "a third actor acts", (r) => (r.lanes[2]?.unrolls ?? 0) > 1);
  expect(joined.lanes.filter(({ name }) => name.startsWith("actor"))).toHaveLength(3);
  await page.getByRole("button", { name: /^Push the pole of actor 3/ }).press("ArrowRight");
  await until(page, "all of it is recorded", (r) => r.edits.length === 3);
  await page.getByRole("button", { name: "Full speed" }).click();
  const sharer = await until(page, "the run ends", ended);
  expect(sharer.edits.map(({ key }) => key)).toEqual(["lr", "actors", "push"]);
  expect(sharer.edits[2].value).toMatch(/^actor 3 copy 1 step \d by 0\.6$/);
  const link = await sharedLink(page);
  expect(link.length).toBeLessThanOrEqual(1800);

  const context = await browser.newContext();
  const other = await context.newPage();
  const noise = listenTo(other);
  await other.goto(link.replace("pace=watchable", "pace=full"));
  const strip = other.getByRole("complementary", { name: "Shared run" });
  await expect(strip).toContainText("A shared run");
  await expect(strip).toContainText("3 live changes");
  await expect(other.getByText("shared run", { exact: true })).toBeVisible(); // the legend
  await train(other);
  await until(other, "the repeated run ends", ended);
  await expect(strip).toContainText("Reproduced, bit for bit.");
  const repeated = await report(other);
  expect(repeated.parametersHash).toBe(sharer.parametersHash);
  expect(repeated.edits).toEqual(sharer.edits);
  // The ghost lies on the curve within its quantisation, of which a level is a third of a pixel.
  const ghost = await unpackRun(packedIn(new URL(link).hash)!);
  expect(ghost.curve.length).toBeGreaterThan(20);
  expect(ghost.curve.reduce((sum, p) => sum + p.episodes, 0)).toBe(sharer.episodes);
  await expect.poll(() => farthestApart(other)).toBeLessThan(1);

  // Another seed is another run.
  await other.getByRole("button", { name: "Dismiss the shared run" }).click();
  await expect(strip).toHaveCount(0);
  expect(new URL(other.url()).hash).toBe("");
  expect(noise).toEqual([]);
  await context.close();
});

test("changed on the way, the link still opens its configuration, and says what is wrong", async ({ page }) => {
  await page.goto(`/?v=1&seed=9&lr=0.002#run=AAAA`);
  await expect(page.getByRole("alert")).toContainText("The curve in this link cannot be read");
  expect((await report(page)).query).toContain("seed=9");
  // Before a run there is a configuration to share, and no curve.
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("The link carries the configuration only")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Address of this run" })).toHaveValue(/seed=9&lr=0\.002$/);
});

test("an asynchronous run is the same configuration, and another configuration repeats nothing", async ({ page }) => {
  expect(algorithms.a3c.synchrony).toBe("asynchronous");
  await open(page, "algo=a3c&seed=5&engine=simd&actors=2&until=updates:200");
  await train(page);
  await until(page, "the run ends", ended);
  const link = await sharedLink(page);
  // What the link carries is said: this run, or what the controls show instead of it.
  const share = page.getByRole("button", { name: "Share", exact: true });
  const dialog = page.getByRole("dialog", { name: "Share" });
  await share.click();
  await expect(dialog.getByRole("status")).toContainText("sees this curve and can race it");
  await page.keyboard.press("Escape");
  const field = page.getByRole("textbox", { name: "Learning rate", exact: true });
  await field.fill("0.002");
  await field.press("Enter");
  await share.click();
  await expect(dialog.getByRole("status")).toContainText("no longer show the run on screen");
  const address = page.getByRole("textbox", { name: "Address of this run" });
  await expect(address).toHaveValue(/lr=0\.002$/);
  await dialog.getByRole("button", { name: "Share the run on screen instead" }).click();
  await expect(address).toHaveValue(link);
  await expect(dialog.getByRole("status")).toContainText("sees this curve");
  await page.goto("about:blank");
  await page.goto(link);
  const strip = page.getByRole("complementary", { name: "Shared run" });
  await train(page);
  await until(page, "it ends again", ended);
  await expect(strip).toContainText("Same configuration.");
  await page.goto("about:blank");
  await page.goto(link.replace("seed=5", "seed=6"));
  await train(page);
  await until(page, "the other run ends", ended);
  await expect(strip).toContainText("A shared run");
});
