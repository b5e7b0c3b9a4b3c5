import { violations } from "./axe.ts";
import { host } from "./host.ts";
import { ended, expect, open, sharedLink, test, train, trainToEnd, until } from "./page.ts";

test.use({ serviceWorkers: "allow", sharesTab: false });

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

/** As in WebKitGTK: the page is isolated, and no port takes a shared memory. */
function clonesNoMemory(): void {
  const isShared = (what: unknown): boolean =>
    what instanceof WebAssembly.Memory ||
    (typeof what === "object" && what !== null && Object.values(what).some((part) => isShared(part)));
  for (const { prototype } of [Worker, MessagePort]) {
    const { postMessage } = prototype as { postMessage(this: unknown, ...rest: unknown[]): void };
    prototype.postMessage = function (this: unknown, ...rest: unknown[]) {
      if (isShared(rest[0])) throw new DOMException("The object can not be cloned.", "DataCloneError");
      postMessage.apply(this, rest);
    };
  }
}

test("where no memory can be sent to a thread, the whole page runs on one: it says so, and what it has works", async ({
  page,
}) => {
  const query = "seed=6&engine=simd&actors=2&evalEvery=100&until=updates:400";
  const threads = await trainToEnd(page, query);
  await page.addInitScript(clonesNoMemory);
  await open(page, query);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(page.getByRole("note")).toContainText("does not let the page share memory with its threads");
  expect(await violations(page)).toEqual([]);
  await page.getByText("Systems", { exact: true }).click();
  await expect(page.getByText("Everything runs on one, so nobody waits")).toBeVisible();

  const alone = await trainToEnd(page, query);
  expect(alone).toMatchObject({ status: "stopped", problem: null, updates: 400, backend: "simd", workerCount: 1 });
  expect(alone.parametersHash).toBe(threads.parametersHash);
  expect(alone.evaluation).toEqual(threads.evaluation);
  await expect(page.getByRole("button", { name: "Restart to apply" })).toHaveCount(0);

  // Its weights are there to be looked at, and are kept with a checkpoint to go on from.
  await page.getByText("Insides", { exact: true }).click();
  await expect(page.getByRole("region", { name: "Insides" }).getByRole("row", { name: /KL an update/ })).toBeVisible();
  await page.getByText("Runs", { exact: true }).click();
  await page
    .getByRole("button", { name: /^More about/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  const further = await until(page, "it goes on", (r) => r.status === "running" && r.updates > 500);
  expect(further.edits).toEqual([]);
  await expect(page.getByRole("button", { name: /^Disturb/ })).toHaveCount(0);
  await page
    .getByRole("button", { name: /^Pause/ })
    .first()
    .click();
  await until(page, "it is paused", (r) => r.status === "paused");

  await page.getByRole("button", { name: /^Learner backend/ }).click();
  await expect(page.getByText("so everything runs on one thread, on the SIMD kernels.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Measure every engine" })).toBeDisabled();
  await page.getByRole("button", { name: "How fast is this machine?" }).click();
  await expect(page.getByText("It measures threads that share memory")).toBeVisible();
  await expect(page.getByRole("button", { name: "Measure", exact: true })).toBeDisabled();
});

test("runs are compared on one thread each, and a shared run is repeated, where no memory can be sent", async ({
  page,
}) => {
  const sharer = await trainToEnd(page, "seed=12&engine=simd&actors=2&until=updates:200");
  const link = await sharedLink(page);
  await page.addInitScript(clonesNoMemory);
  await page.goto(link);
  await train(page);
  expect((await until(page, "it ends", ended)).parametersHash).toBe(sharer.parametersHash);
  await expect(page.getByText("Reproduced, bit for bit.")).toBeVisible();

  await page.getByRole("button", { name: "Compare runs" }).click();
  await page.getByRole("textbox", { name: "Seeds" }).fill("2");
  await page.getByRole("textbox", { name: "Env-steps each" }).fill("2000");
  await page.getByRole("button", { name: "Run 2 runs" }).click();
  const study = () =>
    page.evaluate(() =>
      (window as unknown as { cartpool: { study(): { outcomes: { problem: unknown }[] } } }).cartpool.study(),
    );
  await expect.poll(async () => (await study()).outcomes.length, { timeout: 90_000 }).toBe(2);
  expect((await study()).outcomes.map(({ problem }) => problem)).toEqual([null, null]);
});

test("a thread that all runs on is missed when it ends without a word, and a long update of it is not waited for", async ({
  page,
}) => {
  await page.addInitScript(clonesNoMemory);
  await page.route(/solo\.worker/, async (route) => {
    const response = await route.fetch();
    const fault = `addEventListener("message", ({ data }) => {
      if (data.do !== "mode") return;
      self.postMessage = () => {};
      self.close();
    });\n`;
    await route.fulfill({ response, body: fault + (await response.text()) });
  });
  const press = (name: RegExp) => page.getByRole("button", { name }).first().click();
  await open(page, "actors=2");
  await train(page);
  await until(page, "it trains", (r) => r.updates > 5);
  await press(/^Pause/);
  const failed = await until(page, "it fails", (r) => r.status === "failed");
  expect(failed.problem).toMatch(/^The thread of the run died: it ended without a word\..*press Train/);
  expect(failed.updates).toBeGreaterThan(5);
  await page.unroute(/solo\.worker/);
  await train(page);
  await until(page, "the next one trains", (r) => r.status === "running" && r.updates > 5);

  // An update of minutes, paused or not.
  for (const pauses of [true, false]) {
    await open(page, "actors=1&envs=256&unroll=256&hidden=512,512,512,512");
    await train(page);
    await until(page, "it runs", (r) => r.status === "running");
    if (pauses) {
      await press(/^Pause/);
      await until(page, "it is paused", (r) => r.status === "paused");
    }
    await press(/^Reset/);
    await until(page, "it is idle", (r) => r.status === "idle");
    await page.getByRole("button", { name: "Defaults", exact: true }).click();
    await train(page);
    await until(page, "a light one trains", (r) => r.status === "running" && r.updates > 5);
  }
});

test("a damaged checkpoint is refused on one thread too, and the next run trains", async ({ page }) => {
  await page.addInitScript(clonesNoMemory);
  await trainToEnd(page, "actors=2&envs=2&hidden=8&until=updates:50");
  await page.getByText("Runs", { exact: true }).click();
  const more = page.getByRole("button", { name: /^More about/ }).first();
  await expect(more).toBeVisible();
  const damaged = () =>
    page.evaluate(async () => {
      const opening = indexedDB.open("cartpool");
      await new Promise((done) => {
        opening.onsuccess = done;
      });
      const store = opening.result.transaction("weights", "readwrite").objectStore("weights");
      const count = await new Promise<number>((done) => {
        const reading = store.openCursor();
        let seen = 0;
        reading.onsuccess = () => {
          const at = reading.result;
          if (!at) return done(seen);
          if (at.value.checkpoint) {
            at.value.checkpoint.fill(0xff, 16, 24); // running time
            at.update(at.value);
            seen++;
          }
          at.continue();
        };
      });
      opening.result.close();
      return count;
    });
  await expect.poll(damaged).toBe(1);
  await more.click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  const refused = await until(page, "it is refused", (r) => r.status === "failed");
  expect(refused.problem).toBe(
    "This run cannot be gone on with: this checkpoint is damaged (its running time: NaN is no time).",
  );
  await train(page);
  await until(page, "the next one trains", (r) => r.status === "running" && r.updates > 5);
});
