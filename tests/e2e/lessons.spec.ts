import { violations } from "./axe.ts";
import { ended, expect, open, report, test, until } from "./page.ts";

test("a lesson opens by its address, asks first, runs, and then explains", async ({ page }) => {
  await open(page, "lesson=straggler");
  const lesson = page.getByRole("region", { name: /straggler/ });
  await expect(lesson).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const runs = lesson.getByRole("button", { name: /^Run [A-C]:/ });
  await expect(runs).toHaveCount(3);
  await expect(runs.first()).toBeDisabled();
  await lesson.getByRole("radio", { name: /Only its speed/ }).check();
  await lesson.getByRole("button", { name: "Run C: A2C, no straggler" }).click();
  await expect(lesson.getByRole("radio").first()).toBeHidden(); // folded: the curve has the room
  const fast = await until(page, "it is solved", (r) => ended(r) && r.solved);
  await expect(lesson.getByText(/As you predicted/)).toBeVisible();
  const legend = page.getByRole("region", { name: "Return" }).getByRole("list").first().getByRole("listitem");
  await expect(legend).toHaveCount(3);
  await lesson.getByRole("button", { name: "Run A: A2C, straggler" }).click();
  const slow = await until(
    page,
    "the run with the straggler is solved",
    (r) => ended(r) && r.query.includes("straggler"),
  );
  // The lesson's claim: the straggler costs time and changes no bit.
  const rows = lesson.getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText(slow.parametersHash);
  await expect(rows.nth(2)).toContainText(slow.parametersHash);
  expect(page.url()).toContain("lesson=straggler");
  expect(page.url()).toContain("slowdown=20");
  expect(await violations(page)).toEqual([]);
  // The first run stays on the chart behind the second, and both are kept with the guess.
  await expect(legend).toHaveCount(4);
  await expect(legend.first()).toHaveText("straggler 1 · slowdown 20, smoothed");
  await expect(legend.last()).toHaveText("no straggler");
  // Wherever it is pointed at, every run is read, and the charts below show the same place.
  const chart = page.locator('[data-chart="return"]');
  const { width } = (await chart.boundingBox())!;
  for (const share of [0.35, 0.5, 0.62]) {
    await chart.hover({ position: { x: share * width, y: 40 } });
    const reading = chart.locator("[data-reading]");
    await expect(reading).toContainText(/straggler 1 · slowdown 20[\d.]+no straggler[\d.]+mean/);
    await expect(page.locator("[data-cursor]")).toHaveCount(6);
  }
  await page.mouse.move(2, 2);
  await expect(page.locator("[data-cursor]")).toHaveCount(0);
  expect(slow.envSteps).toBe(fast.envSteps);
  await page.reload();
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(2)).toContainText(slow.parametersHash);
  await expect(lesson.getByText(/As you predicted/)).toBeVisible();
  await expect(legend).toHaveCount(5); // now neither is the run under way
  await expect(page.locator('[data-chart="return"]').getByText("environment steps")).toBeInViewport();
  await lesson.getByRole("button", { name: "Close the lesson" }).click();
  await expect(lesson).toHaveCount(0);
  await expect(legend).toHaveCount(3);
  await expect.poll(() => page.url()).not.toContain("lesson");
});

test("the menu opens a lesson, on a phone too; an unknown one is named", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "lesson=entropi");
  await expect(page.getByText(/Did you mean entropy\?/)).toBeVisible();
  await page.getByRole("combobox", { name: "Lessons" }).selectOption("entropy");
  const lesson = page.getByRole("region", { name: /Entropy collapse/ });
  await expect(lesson).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await expect(lesson.getByRole("button", { name: "Fold" })).toBeInViewport({ ratio: 1 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await lesson.getByRole("radio", { name: "No, as many collapse" }).check();
  await lesson.getByRole("button", { name: /^Run C/ }).click();
  await until(page, "it is solved", ended);
  expect((await report(page)).query).toContain("until=solved,steps:300000");
  await expect(lesson.getByText(/As you predicted/)).toBeVisible();
  await lesson.getByRole("button", { name: "Begin anew" }).click();
  await expect(lesson.getByRole("radio", { checked: true })).toHaveCount(0);
  await expect(lesson.getByRole("row")).toHaveCount(0);
  // Nor does a run that ended before the prediction answer it.
  await lesson.getByRole("button", { name: "Close the lesson" }).click();
  await page.getByRole("combobox", { name: "Lessons" }).selectOption("entropy");
  await expect(lesson.getByText("Predict first, then run.")).toBeVisible();
  await expect(lesson.getByRole("row")).toHaveCount(0);
});
