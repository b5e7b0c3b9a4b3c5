import { host } from "./host.ts";
import { expect, test, train, until } from "./page.ts";

test.use({ serviceWorkers: "allow" });

test("the served page is isolated from the start", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.headers()["cross-origin-opener-policy"]).toBe("same-origin");
  expect(response?.headers()["cross-origin-embedder-policy"]).toBe("require-corp");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test("on a host without headers the service worker isolates the page, which then trains", async ({ page }) => {
  const { server, url } = await host();
  try {
    await page.goto(`${url}?actors=2&until=updates:10`);
    await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
    await train(page);
    const end = await until(page, "it ends", (r) => r.status === "stopped");
    expect(end.updates).toBe(10);
  } finally {
    server.close();
  }
});

test("where nothing can isolate the page, it says what is missing and what to do", async ({ browser }) => {
  const { server, url } = await host();
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(url);
    await page.clock.fastForward(10_000); // as long as a service worker may take
    await expect(page.getByText(/cross-origin isolated/).first()).toBeVisible();
    await expect(page.getByText(/_headers|ordinary window/).first()).toBeVisible();
    await expect(page.getByRole("button", { name: /^Train/ })).toHaveCount(0);
  } finally {
    await context.close();
    server.close();
  }
});
