import type { Page } from "@playwright/test";
import type { Report } from "../../src/ui/state/report.ts";
import { violations } from "./axe.ts";
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

/**
 * Makes threads of a role end by themselves: no error, no message, nothing.
 *
 * @param when code that is true once it is time; `calls` of Atomics.load so far, and how long the last `rest` was in ms
 * @param threads the first so many only
 */
async function silentEnd(page: Page, role: string, when: string, threads = Number.POSITIVE_INFINITY): Promise<void> {
  let served = 0;
  await page.route(new RegExp(`${role}\\.worker`), async (route) => {
    const response = await route.fetch();
    const fault = `{
      const { load, wait } = Atomics;
      let calls = 0;
      let rest = 0;
      Atomics.wait = (...of) => {
        const began = performance.now();
        const woken = wait(...of);
        rest = performance.now() - began;
        return woken;
      };
      Atomics.load = (...of) => {
        calls++;
        if (!(${when})) return load(...of);
        Atomics.load = load;
        self.postMessage = () => {};
        self.close();
        throw new Error("the end");
      };
    }\n`;
    const body = await response.text();
    await route.fulfill({ response, body: ++served <= threads ? fault + body : body });
  });
}

test("an actor that ends without a word is followed by another, and no bit changes", async ({ page }) => {
  const query = "seed=5&engine=simd&until=updates:600";
  const calm = await trainToEnd(page, query);
  await silentEnd(page, "actor", 'name === "actor 2" && calls === 1000', 4);
  const end = await trainToEnd(page, query);
  expect(end).toMatchObject({ status: "stopped", parametersHash: calm.parametersHash, workerCount: 6 });
  expect(end.lanes.map(({ replaced }) => replaced)).toEqual([0, 1, 0, 0, undefined, undefined]);
});

for (const role of ["learner", "evaluator"])
  test(`${role === "learner" ? "a" : "an"} ${role} that ends without a word ends the run with the reason, and the next one trains`, async ({
    page,
  }) => {
    await silentEnd(page, role, "calls === 600");
    await open(page, "seed=5&engine=simd&evalEvery=10");
    await train(page);
    const failed = await until(page, "it fails", (r) => r.status === "failed");
    expect(failed.problem).toMatch(new RegExp(`^The ${role} thread died: it ended without a word.*press Train`));
    await page.unroute(new RegExp(`${role}\\.worker`));
    await train(page);
    await until(page, "it trains", (r) => r.status === "running" && r.updates > 50);
    expect(await report(page)).toMatchObject({ problem: null, workerCount: 6 });
  });

test("a learner that ends while the run is paused, by hand or at pace step, is noticed", async ({ page }) => {
  await silentEnd(page, "learner", "rest > 1000");
  for (const query of ["engine=simd&pace=step", "engine=simd"]) {
    await open(page, query);
    await train(page);
    if (query.endsWith("step")) await until(page, "it waits", (r) => r.status === "paused");
    else await page.getByRole("button", { name: "Pause" }).click();
    const rest = ({ lanes }: Report) => lanes.find(({ name }) => name === "learner")?.spent.pace ?? 0;
    await until(page, "the learner rests", (r) => rest(r) > 1500);
    // It ends as it wakes up: nothing comes of the step.
    await page.getByRole("button", { name: /^Step/ }).first().click();
    const failed = await until(page, "it fails", (r) => r.status === "failed");
    expect(failed.problem).toContain("The learner thread died: it ended without a word.");
  }
});

test("a thread that ends without a word while it reads a file is missed, and the next try reads it", async ({
  page,
}) => {
  await trainToEnd(page, "engine=simd&actors=1&until=updates:20");
  await page.getByText("Runs", { exact: true }).click();
  const runs = page.getByRole("region", { name: "Runs" });
  await page.route(/reading\.worker/, async (route) => {
    const response = await route.fetch();
    const fault = `Blob.prototype.arrayBuffer = () => {
      self.postMessage = () => {};
      self.close();
      return new Promise(() => {});
    };\n`;
    await route.fulfill({ response, body: fault + (await response.text()) });
  });
  const choose = () =>
    page
      .getByLabel("Run to import")
      .setInputFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from("1") });
  await choose();
  const alert = runs.getByRole("alert");
  await expect(alert).toContainText("The file was not read: its thread ended without a word.");
  await page.unroute(/reading\.worker/);
  await choose();
  await expect(alert).toContainText("no run of Cartpool");
});

test("a learner that is busy with something heavy keeps nobody waiting: neither the next run nor Reset", async ({
  page,
}) => {
  // Whatever is asked of it for TensorFlow.js takes it ten minutes.
  await page.route(/learner\.worker/, async (route) => {
    const response = await route.fetch();
    const stuck = `addEventListener("message", ({ data }) => {
      if (!JSON.stringify(data).includes("tfjs-cpu")) return;
      for (const end = performance.now() + 600_000; performance.now() < end; );
    });\n`;
    await route.fulfill({ response, body: stuck + (await response.text()) });
  });
  await open(page, "engine=tfjs-cpu");
  await expect.poll(async () => (await report(page)).workerCount).toBe(6); // it is being warmed up
  await page.getByRole("button", { name: "Defaults", exact: true }).click();
  await train(page);
  await until(page, "the light run trains", (r) => r.status === "running" && r.updates > 50);
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  await until(page, "it is idle", (r) => r.status === "idle");

  await page.getByLabel("Learner engine", { exact: true }).selectOption("tfjs-cpu");
  await train(page);
  await until(page, "it is being started", (r) => r.status === "starting");
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  await until(page, "it is idle again", (r) => r.status === "idle");
  await page.getByLabel("Learner engine", { exact: true }).selectOption("simd");
  await train(page);
  await until(page, "it trains again", (r) => r.status === "running" && r.updates > 50);
  expect((await report(page)).workerCount).toBe(6);
});

test("what costs much says so beside Train, and a first update that takes long says how far it is", async ({
  page,
}) => {
  await open(page, "actors=1&envs=256&unroll=256&hidden=512,512,512,512&engine=simd");
  const cost = page.getByRole("list", { name: "What this run will cost" });
  await expect(cost).toContainText(/≈ [\d.]+\s(s|min) an update/);
  await train(page);
  const card = page.getByRole("complementary", { name: "The first update" });
  await expect(card).toContainText(/^The first update takes (about [\d.]+\s(s|min)|long)\./);
  await expect(card).toContainText(/[1-9]\d* % of the actors' steps are done|The actors' steps are done/);
  expect(await violations(page)).toEqual([]);
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  await expect(card).toHaveCount(0);
  await page.getByRole("button", { name: "Defaults", exact: true }).click();
  await expect(cost.getByRole("listitem")).toHaveCount(0);
});

test("while the machine sleeps no training time passes, and what slept is known", async ({ page, browser }) => {
  await open(page, "actors=1&pace=watchable&engine=simd");
  await train(page);
  const before = await until(page, "it trains", (r) => r.seconds > 0.5);
  const began = performance.now();
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  expect(renderers.length).toBeGreaterThan(0);
  for (const id of renderers) process.kill(id, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 6000));
  for (const id of renderers) process.kill(id, "SIGCONT");
  const after = await until(page, "the sleep is noticed", (r) => r.sleptSeconds > 0 && r.updates > before.updates);
  const elapsed = (performance.now() - began) / 1000;
  expect(after.status).toBe("running");
  expect(after.sleptSeconds).toBeGreaterThan(3); // two seconds of every sleep count
  expect(after.seconds - before.seconds).toBeLessThan(elapsed - 3);
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
