/** Cartpool in a frame of somebody else's page. */
import { violations } from "./axe.ts";
import { host, isolationHeaders } from "./host.ts";
import { ended, expect, open, type report, test, train, trainToEnd, until } from "./page.ts";

test("in a page that is not isolated it runs on one thread, says so, and gives the same bits", async ({ page }) => {
  const query = "seed=6&engine=simd&actors=2&until=updates:400";
  const whole = await trainToEnd(page, query);
  const frame = await host({ headers: isolationHeaders() });
  const around = await host({
    answer(request, response) {
      if (request.url !== "/talk.html") return false;
      response.writeHead(200, { "content-type": "text/html" });
      response.end(
        `<!doctype html><link rel="icon" href="data:,"><title>A talk</title><iframe src="${frame.url}?${query}&embed=1" width="760" height="560"></iframe>`,
      );
      return true;
    },
  });
  try {
    await page.goto(`${around.url}talk.html`);
    const inner = page.frameLocator("iframe");
    await expect(inner.getByRole("note")).toContainText("no shared memory");
    await expect(inner.getByRole("link", { name: "Open in Cartpool" })).toHaveAttribute(
      "href",
      `${frame.url}?v=2&${query.replace("seed=6&engine=simd&actors=2", "actors=2&seed=6&engine=simd")}`,
    );
    const handle = page.frames().find((one) => one.url().startsWith(frame.url))!;
    expect(await handle.evaluate(() => window.crossOriginIsolated)).toBe(false);
    await inner.getByRole("button", { name: /^Train/ }).click();
    const look = () =>
      handle.evaluate(() => (window as unknown as { cartpool: { report(): never } }).cartpool.report()) as ReturnType<
        typeof report
      >;
    await expect.poll(async () => (await look()).status, { timeout: 90_000 }).toBe("stopped");
    const end = await look();
    expect(end.updates).toBe(400);
    expect(end.parametersHash).toBe(whole.parametersHash);
    expect(end.workerCount).toBe(1);
    await expect(inner.getByText("return of an episode")).toBeVisible();
  } finally {
    frame.server.close();
    around.server.close();
  }
});

test("on a slide it shows what was asked for, on threads where it can", async ({ page }) => {
  const axisName = page.locator('[data-chart="return"]').getByText("environment steps");
  await page.goto("/?embed=1&show=curve&engine=simd&actors=2&schedule=linear&horizon=1000&until=updates:50");
  await expect(page.getByRole("heading", { name: "Return" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Actors" })).toHaveCount(0);
  await expect(page.getByText("Env-steps", { exact: true }).first()).toBeVisible(); // the axis' name, not a number
  await expect(page.getByRole("heading", { name: "Parameters" })).toHaveCount(0);
  await expect(page.getByRole("note")).toHaveCount(0);
  await train(page);
  const end = await until(page, "it ends", ended);
  expect(end.workerCount).toBeGreaterThan(2);
  // At the size of the code that Share offers, and on a phone, all of the chart is seen.
  for (const show of ["curve", "numbers,curve,actors"]) {
    if (show !== "curve") await page.goto(`/?embed=1&show=${show}&engine=simd&actors=2&until=updates:50`);
    for (const width of [720, 390]) {
      await page.setViewportSize({ width, height: 480 });
      await expect(axisName).toBeInViewport({ ratio: 0.8 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    expect(await violations(page)).toEqual([]);
    // That the learning rate is spent would be said over the chart, and a frame has no parameters to mend it.
    await expect(page.getByText("The learning rate has fallen to nothing")).toHaveCount(0);
  }
  await expect(page.getByText(/Web Workers learn/)).toHaveCount(0); // a frame has no parameters to change
});

test("Share offers the code for a page", async ({ page }) => {
  await open(page, "seed=12");
  await page.getByRole("button", { name: "Share" }).click();
  const { length } = await page.getByRole("textbox", { name: "Address of this run" }).inputValue();
  await expect(page.getByText(`${length} of 1,800 characters`)).toBeVisible();
  await page.getByText("For a page or slide").click();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("checkbox", { name: "actors" }).uncheck();
  await expect(page.getByRole("textbox", { name: "Code for a page" })).toHaveValue(
    /<iframe src=".*seed=12&amp;embed=1&amp;show=numbers,curve"/,
  );
});
