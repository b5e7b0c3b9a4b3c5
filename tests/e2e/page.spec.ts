import type { Page } from "@playwright/test";
import { compact, elapsed } from "../../src/ui/parts/format.ts";
import { violations } from "./axe.ts";
import { atRest, ended, expect, open, report, test, train, until } from "./page.ts";

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** Axe finds nothing in either scheme. */
async function expectLegible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page), colorScheme).toEqual([]);
  }
}

test("axe finds nothing, in both schemes, wide and narrow, idle and while training", async ({ page }) => {
  for (const viewport of [wide, narrow]) {
    await page.setViewportSize(viewport);
    await open(page);
    await expectLegible(page);
    // The first stop of the keyboard leads past the parameters.
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the curves" })).toBeInViewport();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("slider", { name: "Smoothing" })).toBeFocused();
  }
  await train(page);
  await until(page, "it trains", (r) => r.updates > 20);
  for (const viewport of [narrow, wide]) {
    await page.setViewportSize(viewport);
    await expectLegible(page);
  }
});

test("axe finds nothing in Systems, Insides and Runs, in both schemes, while training and narrow", async ({ page }) => {
  await open(page, "engine=simd&algo=a3c&actors=3&pace=watchable");
  await train(page);
  await until(page, "it trains", (r) => r.updates > 10);
  for (const name of ["Systems", "Insides", "Runs"])
    await test.step(name, async () => {
      const pane = page.getByRole("region", { name });
      await page.setViewportSize(wide);
      await page.getByText(name, { exact: true }).click();
      await expect(pane).toBeVisible();
      await expectLegible(page);
      await page.setViewportSize(narrow);
      await page.getByRole("tab", { name: "Curves" }).click();
      await expect(pane).toBeVisible();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(narrow.width);
    });
});

test("the tabs below the curve stay where they are; the line above them can be moved, and stays", async ({ page }) => {
  await page.setViewportSize(wide);
  await open(page, "until=updates:200");
  await train(page);
  await until(page, "it ends", ended);
  await expect(page.locator("figcaption")).toHaveText([
    /^Loss· dimensionless/,
    /^Entropy· H, nats$/,
    /^Explained variance· dimensionless$/,
    /^Gradient norm· ‖g‖, dimensionless$/,
    /^Learning rate· α, dimensionless$/,
    /^Staleness· versions/,
  ]);
  const tabs = page.getByRole("radiogroup", { name: "Below the reward curve" });
  const place = async () => (await tabs.boundingBox())?.y;
  const before = await place();
  for (const pane of ["Systems", "Insides", "Runs", "Learning"]) {
    // The chart is under the pointer, then the tab: nothing of the chart follows.
    await page.locator('[data-chart="return"]').hover();
    await expect(page.getByText("min–max", { exact: true })).toBeVisible();
    await tabs.getByText(pane, { exact: true }).click();
    await expect(page.getByText("min–max", { exact: true })).toHaveCount(0);
    if (pane !== "Learning") await expect(page.getByRole("region", { name: pane })).toBeVisible();
    expect(await place()).toBe(before);
  }
  const line = page.getByRole("separator", { name: "Height of the reward curve" });
  await line.focus();
  for (let k = 0; k < 5; k++) await page.keyboard.press("ArrowUp");
  const higher = await place();
  expect(higher).toBeLessThan((before ?? 0) - 40);
  await line.hover();
  await page.mouse.down();
  await page.mouse.move(700, (higher ?? 0) + 50);
  await page.mouse.up();
  const lower = await place();
  expect(lower).toBeGreaterThan((higher ?? 0) + 20);
  await page.reload();
  await expect(tabs).toBeVisible();
  expect(Math.abs(((await place()) ?? 0) - (lower ?? 0))).toBeLessThan(1);
});

test("nothing is wider than a phone", async ({ page }) => {
  await page.setViewportSize(narrow);
  await open(page);
  for (const tab of ["Parameters", "Curves", "Actors"]) {
    await page.getByRole("tab", { name: tab }).click();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `overflow of the tab ${tab}`).toBeLessThanOrEqual(0);
    await expect(page.getByRole("button", { name: /^Train/ }).first()).toBeInViewport();
  }
  // What stands further along a row is reached sideways.
  for (const reached of [
    page.locator("dt", { hasText: "Staleness" }),
    page.getByRole("button", { name: /^Learner backend/ }),
  ]) {
    await expect(reached).not.toBeInViewport({ ratio: 1 });
    await reached.scrollIntoViewIfNeeded();
    await expect(reached).toBeInViewport({ ratio: 1 });
  }
});

test("a first visit says what this is, starts watchable and offers full speed", async ({ page }) => {
  await open(page);
  await expect(page.getByText(/Web Workers learn/)).toBeVisible();
  await train(page);
  const slow = await until(page, "it runs", (r) => r.updates > 5);
  expect(slow.query).toContain("pace=watchable");
  await page.getByRole("button", { name: /Full speed/ }).click();
  await expect(page.getByText(/Web Workers learn/)).toHaveCount(0); // said once: now it is seen
  await until(page, "it is fast", (r) => !r.query.includes("pace") && r.stepsPerSecond > 2000); // 16 copies at 100
  await page.reload(); // no first visit any more
  await expect.poll(async () => (await report(page)).query).not.toContain("watchable");
});

test("a live hyperparameter takes effect at the next update and is marked on the curve; physics too; an illegal value is refused", async ({
  page,
}) => {
  await open(page, "seed=3");
  await train(page);
  await until(page, "it runs", (r) => r.updates > 30);
  const slider = page.getByRole("slider", { name: "Learning rate" });
  await slider.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowLeft");
  const shown = await page.getByRole("textbox", { name: "Learning rate", exact: true }).inputValue();
  expect(Number(shown)).toBeLessThan(0.01);
  const edited = await until(page, "the learner took it over", (r) =>
    r.edits.some((e) => e.key === "lr" && e.value === shown),
  );
  expect(edited.edits[0].update).toBeGreaterThan(30);
  await expect(page.locator("svg").getByText(`α ${shown}`, { exact: true }).first()).toBeVisible();
  // Tied to its line, and what counts as solved stands where no curve is.
  const apart = await page.locator("[data-chart=return]").evaluate((chart) => {
    const box = (selector: string) => chart.querySelector(selector)!.getBoundingClientRect();
    const dot = box("[data-mark] circle");
    const line = [...chart.querySelectorAll(".recharts-reference-line")].find((one) =>
      one.querySelector("[data-mark]"),
    );
    const at = line!.querySelector(".recharts-reference-line-line")!.getBoundingClientRect();
    const plot = box(".recharts-cartesian-grid");
    return [(dot.left + dot.right - at.left - at.right) / 2, box("[data-threshold]").left - plot.right];
  });
  expect(Math.abs(apart[0])).toBeLessThan(1);
  expect(apart[1]).toBeGreaterThanOrEqual(0);
  expect(edited.query).toContain(`lr=${shown}`);
  await expect.poll(() => page.url()).toContain(`lr=${shown}`);
  const gravity = page.getByRole("textbox", { name: "Gravity", exact: true });
  await gravity.fill("20");
  await gravity.press("Enter");
  await until(page, "gravity changed", (r) => r.edits.some((e) => e.key === "gravity" && e.value === "20"));
  // With its legal range, and the last legal one stays.
  const gamma = page.getByRole("textbox", { name: "Discount", exact: true });
  await gamma.fill("1.5");
  await gamma.press("Enter");
  await expect(page.getByText(/must be a number from 0 to 1, not "?1\.5"?/)).toBeVisible();
  expect((await report(page)).query).not.toContain("gamma");
});

test("a limit is off at the right end of its slider, in a link and while it runs", async ({ page }) => {
  await open(page, "clip=off&optimizer=sgd&seed=3");
  const text = page.getByRole("textbox", { name: "Gradient clip", exact: true });
  await expect(text).toHaveValue("off");
  const slider = page.getByRole("slider", { name: "Gradient clip" });
  await expect(slider).toHaveAttribute("aria-valuetext", "off");
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(text).toHaveValue("100");
  await train(page);
  await until(page, "it runs", (r) => r.updates > 20);
  await text.fill("Off");
  await text.press("Enter");
  await until(page, "nothing is clipped", (r) => r.edits.some((e) => e.key === "clip" && e.value === "off"));
  expect((await report(page)).query).toContain("clip=off");
});

test("a shared link gives the same run to somebody else", async ({ page, browser, baseURL }) => {
  await open(page, "actors=2&envs=2&seed=5&hidden=32&engine=tfjs-wasm&until=updates:60");
  await train(page);
  const mine = await until(page, "my run ends", ended);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText(/Copied/)).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).origin).toBe(new URL(baseURL as string).origin);
  const elsewhere = await browser.newContext();
  try {
    const other = await elsewhere.newPage();
    await other.goto(link);
    await train(other);
    const theirs = await until(other, "their run ends", ended);
    expect(theirs.query).toBe(mine.query);
    expect(theirs.parametersHash).toBe(mine.parametersHash);
    expect(theirs.curve.map(([steps, , mean]) => [steps, mean])).toEqual(
      mine.curve.map(([steps, , mean]) => [steps, mean]),
    );
  } finally {
    await elsewhere.close();
  }
});

test("space trains and pauses, s steps, ? helps; poles move, and the benchmark opens and closes", async ({ page }) => {
  await open(page, "seed=1&pace=watchable");
  await page.locator("body").click({ position: { x: 2, y: 2 } });
  await page.keyboard.press("Space");
  await until(page, "it runs", (r) => r.status === "running" && r.updates > 2);
  const canvas = page.locator("canvas").first();
  const picture = await canvas.screenshot();
  expect(picture.length).toBeGreaterThan(700); // an empty picture of this size is smaller
  await expect.poll(async () => (await canvas.screenshot()).equals(picture)).toBe(false);
  await page.keyboard.press("Space");
  await until(page, "it is paused", (r) => r.status === "paused");
  const { updates } = await atRest(page);
  await page.keyboard.press("s");
  await until(page, "one more", (r) => r.updates === updates + 1);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Help" })).toContainText("push it");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");

  // The benchmark is opened from the backend's badge.
  await page
    .getByRole("button", { name: /Learner backend/ })
    .first()
    .click();
  await page.getByRole("button", { name: "How fast is this machine?" }).click();
  await expect(page.getByRole("dialog", { name: "How fast is this machine?" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "How fast is this machine?" })).toHaveCount(0);
});

test("an ended run says how much memory it shared, how long it took and how fast it was, and moves no chart", async ({
  page,
}) => {
  await open(page, "until=updates:300");
  await page.getByRole("button", { name: "Dismiss the introduction" }).click();
  const chart = page.locator('[data-chart="return"]');
  await expect(chart.locator("svg").first()).toBeVisible();
  const before = await chart.boundingBox();
  await train(page);
  const end = await until(page, "it ends", ended);
  expect(end.sharedMemoryBytes).toBeGreaterThan(100_000);
  await expect(page.getByText(/[\d.]+\s[KM]iB shared memory/)).toBeVisible();
  const readout = (name: string) =>
    page
      .locator("header dl > div")
      .filter({ has: page.locator("dt", { hasText: new RegExp(`^${name}`) }) })
      .locator("dd");
  expect(end.seconds).toBeGreaterThan(0);
  await expect(readout("Elapsed")).toHaveText(elapsed(end.seconds));
  await expect(readout("Steps/s")).toHaveText(compact(end.envSteps / end.seconds));
  await expect(readout("Updates/s")).toHaveText(compact(end.updates / end.seconds));
  const card = page.getByRole("complementary", { name: "End of the run" });
  await expect(card).toHaveText(/The run has ended: 300 updates\./);
  expect(await chart.boundingBox()).toEqual(before);
  await card.getByRole("button", { name: /^Dismiss/ }).click();
  await expect(card).toHaveCount(0);
});
