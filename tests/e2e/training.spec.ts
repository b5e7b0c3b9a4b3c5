import type { Scripted } from "../../src/cli/headless/chromium.ts";
import { hashOf } from "../../src/runtime/seen/moment.ts";
import { lockstepPins } from "../runtime/pins.ts";
import { atRest, ended, expect, open, report, sharedLink, test, train, trainToEnd, until } from "./page.ts";
import { runHere } from "./within.ts";

test("A2C with the defaults solves CartPole-v1 within 500 k steps", async ({ page }) => {
  const end = await trainToEnd(page, "until=solved,steps:500000");
  expect(end.stopReason).toContain("solved");
  expect(end.solved).toBe(true);
  expect(end.meanReturn100).toBeGreaterThanOrEqual(475);
  expect(end.envSteps).toBeLessThan(500_000);
  expect(end.staleness).toEqual({ mean: 0, max: 0 });
  expect(end.evaluation?.mean).toBeGreaterThan(400);
  expect(end.curve.length).toBeGreaterThan(50);
});

test("A3C with the defaults solves CartPole-v1, with stale gradients", async ({ page }) => {
  const end = await trainToEnd(page, "algo=a3c&until=solved,steps:500000");
  expect(end.solved).toBe(true);
  expect(end.staleness.mean).toBeGreaterThan(0.05); // how stale depends on who gets a core
});

test("the pinned runs have their bits on the threads of the page", async ({ page }) => {
  await open(page);
  const pins = lockstepPins();
  expect(pins.length).toBeGreaterThan(5);
  for (const { name, query, promised } of pins)
    expect(await page.evaluate(runHere, query), name).toMatchObject(promised);
  // What a script is given of the last of them is what was published.
  const policy = await page.evaluate(() => (window as unknown as Scripted).cartpool.policy());
  const { updates, parametersHash } = pins[pins.length - 1].promised;
  expect(policy?.update).toBe(updates);
  expect(hashOf(Float32Array.from(policy?.parameters ?? []))).toBe(parametersHash);
});

for (const [engine, updates] of [
  ["simd", 2000],
  ["tfjs-wasm", 80],
] as const)
  test(`an A2C run on ${engine} is a pure function of its URL, however its threads are disturbed`, async ({ page }) => {
    const query = `algo=a2c&actors=3&envs=4&seed=11&engine=${engine}&evalEvery=20&until=updates:${updates}`;
    const calm = await trainToEnd(page, query);
    await open(page, query);
    await train(page);
    for (let i = 0; i < 12; i++) {
      if (ended(await report(page))) break;
      await page.keyboard.press("Space"); // pause or go on
      await page.evaluate(
        (ms) => {
          const end = performance.now() + ms; // keeps a core busy
          while (performance.now() < end);
        },
        40 + 10 * i,
      );
      if (i % 2 === 1) await page.waitForTimeout(30);
    }
    const status = (await report(page)).status;
    if (status === "paused") await page.keyboard.press("Space");
    const disturbed = await until(page, "the disturbed run ends", ended);
    expect(disturbed.parametersHash).toBe(calm.parametersHash);
    expect(disturbed.curve.map(([steps, , mean]) => [steps, mean])).toEqual(
      calm.curve.map(([steps, , mean]) => [steps, mean]),
    );
    expect(disturbed.evaluation).toEqual(calm.evaluation);
    if (engine !== "simd") return;
    const otherSeed = await trainToEnd(page, query.replace("seed=11", "seed=12"));
    expect(otherSeed.parametersHash).not.toBe(calm.parametersHash);
  });

test("pause, go on, step and reset, four times, leave no worker behind", async ({ page }) => {
  await open(page, "actors=3");
  for (let round = 0; round < 4; round++) {
    await train(page);
    await until(page, "it runs", (r) => r.status === "running" && r.updates > 3);
    await page
      .getByRole("button", { name: /^Pause/ })
      .first()
      .click();
    await until(page, "it is paused", (r) => r.status === "paused");
    const before = await atRest(page);
    await page.getByRole("button", { name: /^Step/ }).first().click();
    await until(page, "one update more", (r) => r.updates === before.updates + 1);
    await train(page);
    await until(page, "it goes on", (r) => r.status === "running" && r.updates > before.updates + 3);
    await page
      .getByRole("button", { name: /^Reset/ })
      .first()
      .click();
    await until(page, "it is idle", (r) => r.status === "idle");
  }
  expect((await report(page)).workerCount).toBe(5); // three actors, learner, evaluator
  expect(page.workers().length).toBe(5);
});

test("step pace makes exactly one update a press", async ({ page }) => {
  await open(page, "pace=step");
  await train(page);
  await until(page, "it waits", (r) => r.status === "paused");
  for (let press = 1; press <= 3; press++) {
    await page.getByRole("button", { name: /^Step/ }).first().click();
    await until(page, `update ${press}`, (r) => r.updates === press);
    await page.waitForTimeout(150);
    expect((await report(page)).updates).toBe(press);
  }
});

test("watchable pace is slow enough to watch and changes no bit", async ({ page }) => {
  const query = "envs=2&until=updates:20";
  const full = await trainToEnd(page, query);
  await open(page, `${query}&pace=watchable`);
  const began = performance.now();
  await train(page);
  const slow = await until(page, "the slow run ends", ended);
  expect(slow.parametersHash).toBe(full.parametersHash);
  // 100 steps at 60 a second, of which at most a quarter of a second is made up for after a delay
  expect(performance.now() - began).toBeGreaterThan(1400);
});

test("a page that gets no animation frames, as in a hidden tab, loses nothing", async ({ page, browser }) => {
  const query = "envs=2&hidden=32&seed=4&engine=tfjs-wasm&until=updates:100";
  const seen = await trainToEnd(page, query);
  const hidden = await browser.newPage();
  try {
    await hidden.addInitScript(() => {
      window.requestAnimationFrame = () => 0;
    });
    const unseen = await trainToEnd(hidden, query);
    expect(unseen.parametersHash).toBe(seen.parametersHash);
    expect(unseen.episodes).toBe(seen.episodes);
    expect(unseen.curve.map(([steps, , mean]) => [steps, mean])).toEqual(
      seen.curve.map(([steps, , mean]) => [steps, mean]),
    );
  } finally {
    await hidden.close();
  }
});

test("when to stop is set while it trains, by the box, the field and the address, and nothing asks for a restart", async ({
  page,
}) => {
  await open(page, "seed=3&engine=simd");
  const stops = page.getByRole("checkbox", { name: "Stop when solved" });
  const field = page.getByRole("textbox", { name: "Stop when" });
  await field.fill("steps:400000");
  await field.press("Enter");
  await stops.check();
  await expect(page).toHaveURL(/until=solved,steps:400000/);
  await field.fill("never");
  await field.press("Enter");
  await expect(stops).not.toBeChecked();
  await train(page);
  await until(page, "it is solved", (r) => r.solved);
  await expect(page.getByText(/not in the run yet/)).toHaveCount(0);
  await stops.check();
  const end = await until(page, "it ends", ended);
  expect(end).toMatchObject({ stopReason: "solved", targetReached: true, edits: [] });
  await expect(page.getByRole("complementary", { name: "End of the run" })).toContainText(/^Solved after/);
  expect(await sharedLink(page)).toContain("until=solved");

  await stops.uncheck();
  await train(page);
  await until(page, "it trains", (r) => r.status === "running" && r.updates > 500);
  await expect(field).toHaveValue("never");
  await field.fill("seconds:9999,updates:400");
  await field.press("Enter");
  expect(await until(page, "it ends again", ended)).toMatchObject({ stopReason: "400 updates" });
});

test("what is set while the threads are being started is in effect when they are", async ({ page }) => {
  let letThrough = () => {};
  const gate = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route(/learner\.worker/, async (route) => {
    await gate;
    await route.continue();
  });
  await open(page, "algo=a3c&engine=simd");
  await train(page);
  await until(page, "it is being started", (r) => r.status === "starting");
  await page.getByRole("checkbox", { name: "Stop when solved" }).check();
  await page.getByLabel("Staleness gate", { exact: true }).selectOption("drop");
  await expect(page.getByText(/not in the run yet/)).toHaveCount(0);
  letThrough();
  const end = await until(page, "it ends", ended);
  expect(end.stopReason).toBe("solved");
  expect(end.query).toContain("gate=drop");
});
