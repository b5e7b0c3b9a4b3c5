import type { Report } from "../../src/ui/report.ts";
import { expect, open, report, test, train, trainToEnd, until } from "./page.ts";

test("a gradient that is not a number stops training with the reason, and keeps the last good parameters", async ({
  page,
}) => {
  // A fault in the learner's thread: after some hundred updates the square root of a norm is no number any more.
  await page.route(/learner\.worker/, async (route) => {
    const response = await route.fetch();
    const fault = "{ const sqrt = Math.sqrt; let calls = 0; Math.sqrt = (x) => (++calls > 2000 ? NaN : sqrt(x)); }\n";
    await route.fulfill({ response, body: fault + (await response.text()) });
  });
  const end = await trainToEnd(page, "engine=simd&until=updates:100000");
  expect(end.status).toBe("failed");
  expect(end.problem).toMatch(/became NaN at update \d+/);
  expect(end.updates).toBeGreaterThan(50);
  expect(end.parametersHash).toMatch(/^[0-9a-f]{8}$/);
  await expect(page.getByText(/last good parameters are kept/).first()).toBeVisible();
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  await until(page, "idle", (r) => r.status === "idle");
});

test("a worker whose script cannot be loaded is named, and the next try works", async ({ page, noise }) => {
  noise.allowed.push(/Failed to load resource|net::ERR/);
  await page.route(/actor\.worker/, (route) => route.abort());
  await open(page);
  await train(page);
  const failed = await until(page, "it fails", (r) => r.status === "failed");
  expect(failed.problem).toMatch(/actor \d thread died/);
  await page.unroute(/actor\.worker/);
  await train(page);
  await until(page, "it trains", (r) => r.status === "running" && r.updates > 5);
});

test("more actors than cores: it says what that means, and runs", async ({ page }) => {
  await open(page, "actors=32&envs=1");
  await expect(page.getByText(/they take turns/)).toBeVisible();
  await train(page);
  await until(page, "it runs", (r) => r.updates > 20);
  expect((await report(page)).workerCount).toBe(34);
});

test("a broken link keeps what is legal and names the rest", async ({ page }) => {
  await open(page, "v=1&gamma=7&lr=0.02&actors=2&nonsense=1&%E0%A4%A=x&__proto__=1&lambda=");
  await expect(page.getByText(/gamma/).first()).toBeVisible();
  await expect(page.getByText(/nonsense/).first()).toBeVisible();
  const { query } = await report(page);
  expect(query).toContain("lr=0.02");
  expect(query).toContain("actors=2");
  expect(query).not.toContain("gamma");
});

test("scripts can run a query; one that is wrong is refused with its reason and starts nothing", async ({ page }) => {
  await open(page, "actors=2");
  const run = (query: string) =>
    page.evaluate((q) => {
      const { cartpool } = window as unknown as { cartpool: { run(query: string): Promise<Report> } };
      return cartpool.run(q);
    }, query);
  await expect(run("gamma=7&until=updates:5")).rejects.toThrow(/gamma/);
  expect((await report(page)).status).toBe("idle");
  expect(await run("actors=2&until=updates:5")).toMatchObject({ status: "stopped", updates: 5, targetReached: true });
  await expect(page).toHaveURL(/until=updates:5/);
});
