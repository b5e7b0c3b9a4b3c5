/** The threads at work, and what a person does to them. */
import { ended, expect, open, report, test, train, trainToEnd, until } from "./page.ts";

const systems = (page: import("@playwright/test").Page) => page.getByRole("region", { name: "Systems" });
const openSystems = (page: import("@playwright/test").Page) => page.getByText("Systems", { exact: true }).click();

test("the straggler that holds everybody up is named, and the shares are the lanes' own", async ({ page }) => {
  await open(page, "actors=3&engine=simd&straggler=2&pullDelay=20&until=seconds:6");
  await openSystems(page);
  await train(page);
  await expect(systems(page).getByRole("status")).toContainText(
    /The learner waits for actor 2, \d+ % of the time\. Actor 2 is held up/,
    {
      timeout: 10_000,
    },
  );
  const end = await until(page, "the run ends", ended);
  const [first, second, third, learner] = end.lanes;
  expect(second.waitedFor).toBeGreaterThan(3 * (first.waitedFor! + third.waitedFor!));
  expect(second.spent.delay).toBeGreaterThan(0.8 * 1000 * end.seconds);
  expect(learner.spent.wait).toBeGreaterThan(0.8 * 1000 * end.seconds);
  expect(second.unrolls).toBeGreaterThanOrEqual(end.updates);
  const row = systems(page).getByRole("row", { name: /actor 1/ });
  await expect(row.getByRole("cell").nth(1)).toHaveText(/(9\d|100) %/); // waits
});

test("a killed actor is a new worker, the run goes on to the same bits, and the curve says so", async ({ page }) => {
  const query = "actors=3&engine=simd&seed=12&until=updates:1500";
  const undisturbed = await trainToEnd(page, query);
  const started: string[] = [];
  await open(page, `${query}&pace=watchable`);
  await train(page);
  await until(page, "some updates", (r) => r.updates > 3);
  page.on("worker", (worker) => started.push(worker.url()));
  await page.getByRole("button", { name: "Disturb actor 2" }).click();
  await page.getByRole("menuitem", { name: /Kill it/ }).click();
  await until(page, "it is recorded", (r) =>
    r.edits.some(({ key, value }) => key === "actor" && value === "2 replaced"),
  );
  await page.getByRole("button", { name: "Full speed" }).click();
  const end = await until(page, "the run ends", ended);
  expect(started.filter((url) => url.includes("actor"))).toHaveLength(1);
  expect(end.problem).toBeNull();
  expect(end.updates).toBe(1500);
  expect(end.parametersHash).toBe(undisturbed.parametersHash);
  expect(end.lanes[1].replaced).toBe(1);
  await expect(page.getByText("actor 2 replaced", { exact: true })).toBeVisible();
});

test("actors rest and come back, and a late actor is marked", async ({ page }) => {
  await open(page, "actors=4&engine=simd&pace=watchable");
  await train(page);
  await until(page, "some updates", (r) => r.updates > 2);
  await page.getByRole("button", { name: "Disturb actor 4" }).click();
  await page.getByRole("menuitem", { name: "Let it rest" }).click();
  const resting = await until(page, "it rests", (r) =>
    r.edits.some(({ key, value }) => key === "active" && value === "3"),
  );
  const before = resting.lanes[3].unrolls!;
  await until(page, "the others go on", (r) => r.updates > resting.updates + 5);
  expect((await report(page)).lanes[3].unrolls! - before).toBeLessThanOrEqual(1);
  await page.getByRole("button", { name: "Disturb actor 4" }).click();
  await page.getByRole("menuitem", { name: /Back to work/ }).click();
  await until(page, "it works again", (r) => r.lanes[3].unrolls! > before + 3);
  await page.getByRole("button", { name: "Disturb actor 1" }).click();
  await page.getByRole("menuitem", { name: "50 ms after each pull" }).click();
  await until(page, "it is late", (r) => (r.lanes[0].spent.delay ?? 0) > 60);
  await expect(page.getByText("50 ms late")).toBeVisible();
});

test("the histogram counts every gradient, and the gate drops those that are too stale", async ({ page }) => {
  await open(
    page,
    "algo=a3c&actors=4&engine=simd&straggler=1&pullDelay=15&gate=drop&maxStaleness=3&until=updates:3000",
  );
  await openSystems(page);
  await train(page);
  const end = await until(page, "the run ends", ended);
  expect(end.dropped).toBeGreaterThan(0);
  expect(end.stalenessCounts.reduce((a, b) => a + b, 0)).toBe(end.updates + end.dropped);
  expect(end.staleness.max).toBeLessThanOrEqual(3);
  expect(end.stalenessCounts.slice(0, 4).reduce((a, b) => a + b, 0)).toBe(end.updates);
  await expect(systems(page).getByText(`dropped ${end.dropped}`)).toBeVisible();
  await expect(page.getByRole("img", { name: /^Staleness of .* gradients: mean/ })).toBeVisible();
});

test("step by step, the stages of an update are shown with what each took", async ({ page }) => {
  await open(page, "actors=2&engine=simd&pace=step");
  await openSystems(page);
  await train(page);
  await until(page, "it waits", (r) => r.status === "paused");
  await page.getByRole("button", { name: /step/i }).first().click();
  await until(page, "one update", (r) => r.updates === 1);
  const stages = page.getByRole("list", { name: "Stages of update 1" });
  await expect(stages).toContainText("unroll");
  await expect(stages).toContainText(/apply.*ms/);
  await expect(stages.getByRole("listitem")).toHaveCount(5);
});
