import { violations } from "./axe.ts";
import { expect, open, test, train, until } from "./page.ts";

test("a run that ends by a number that is none gets a remedy, and its button trains again", async ({ page }) => {
  // A fault in the learner's thread: one square root of a norm is no number.
  await page.route(/learner\.worker/, async (route) => {
    const response = await route.fetch();
    const fault = "{ const sqrt = Math.sqrt; let calls = 0; Math.sqrt = (x) => (++calls === 2000 ? NaN : sqrt(x)); }\n";
    await route.fulfill({ response, body: fault + (await response.text()) });
  });
  await open(page, "engine=simd&lr=0.03&clip=5&until=updates:4000"); // "auto" would take roots too
  await train(page);
  await until(page, "it fails", (r) => r.status === "failed");
  const card = page.getByRole("region", { name: "A number was no number any more" });
  await expect(card).toContainText("a tenth of the learning rate");
  expect(await violations(page)).toEqual([]);
  await card.getByRole("button", { name: "Train again with α = 0.003, ‖g‖ = 0.5" }).click();
  const again = await until(page, "it trains again", (r) => r.status === "stopped");
  expect(again.updates).toBe(4000);
  expect(again.query).toContain("lr=0.003");
  expect(again.query).not.toContain("clip");
  await expect(card).toHaveCount(0);
});

test("a collapsed policy is found while it trains; the card can be dismissed, and its remedy be pressed", async ({
  page,
}) => {
  await open(page, "lr=0.1&engine=simd&seed=1");
  await page.getByRole("button", { name: "Dismiss the introduction" }).click();
  const chart = page.locator('[data-chart="return"]');
  await expect(chart.locator("svg").first()).toBeVisible();
  const before = await chart.boundingBox();
  await train(page);
  const card = page.getByRole("region", { name: "The policy has stopped exploring" });
  await expect(card.getByRole("button", { name: "Train again with α = 0.03" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(await chart.boundingBox()).toEqual(before); // a card moves nothing
  const { x, width } = (await card.boundingBox())!;
  expect(x + width).toBeLessThanOrEqual(before!.x); // and covers neither charts nor actors
  await card.getByRole("button", { name: /^Dismiss/ }).click();
  await expect(card).toHaveCount(0);
  await page.waitForTimeout(1500); // the curves are looked at once a second
  await expect(card).toHaveCount(0);

  // A remedy that is pressed is gone at once with the old run's small charts, and the new run is not judged by them.
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  await until(page, "it is idle", (r) => r.status === "idle");
  await train(page);
  await expect(card.getByRole("button", { name: "Train again with α = 0.03" })).toBeVisible();
  await expect(page.getByRole("figure", { name: "Loss" }).getByText(/Latest/)).toBeAttached();
  const seen = await page.evaluate(async () => {
    const { cartpool } = window as unknown as { cartpool: { report(): { query: string } } };
    const frame = () => new Promise(requestAnimationFrame);
    const cards = () => document.querySelectorAll('[aria-label="Doctor"] > section').length;
    const loss = () => document.querySelector("#chart-loss-summary")?.textContent ?? "";
    const before = loss();
    document.querySelector<HTMLElement>('[aria-label="Doctor"] button')?.click();
    await frame();
    let withCard = 0;
    let ofOldRun = 0;
    // Six small charts take over what is new in a frame of their own each.
    for (let begun = 0; begun < 60; await frame()) {
      withCard += cards();
      if (!cartpool.report().query.includes("lr=0.03")) continue;
      begun++;
      if (begun > 10 && loss() === before) ofOldRun++;
    }
    return { withCard, ofOldRun };
  });
  expect(seen).toEqual({ withCard: 0, ofOldRun: 0 });
});

test("a spent learning rate and a dead critic are found, and their buttons mend the run as it goes on", async ({
  page,
}) => {
  await open(page, "engine=simd&seed=1&valueCost=0&schedule=linear&horizon=20000&until=never");
  await train(page);
  const spent = page.getByRole("region", { name: "The learning rate has fallen to nothing" });
  const dead = page.getByRole("region", { name: "The critic explains nothing" });
  await expect(spent).toContainText("reached its horizon after 20000 env-steps");
  await expect(dead).toContainText("The value cost is 0, so nothing teaches V");
  await spent.getByRole("button", { name: "Set Schedule = constant" }).click();
  await until(page, "the rate is back", (r) => r.edits.some((e) => e.key === "schedule" && e.value === "constant"));
  await expect(spent).toHaveCount(0);
  await dead.getByRole("button", { name: "Set b = 0.5" }).click(); // found again: the rate did not teach it
  const mended = await until(page, "it is taught", (r) =>
    r.edits.some((e) => e.key === "valueCost" && e.value === "0.5"),
  );
  expect(mended.status).toBe("running");
  await expect(dead).toHaveCount(0);
  const chart = page.getByRole("figure", { name: "Explained variance" });
  await expect(chart.getByText(/Latest: explained 0\.[1-9]/)).toBeAttached();
});

test("the way back to the best parameters is offered when returns fall, and marked on the curve", async ({ page }) => {
  await open(page, "seed=3");
  await train(page);
  const back = page.getByRole("button", { name: "Back to the best", exact: true });
  await until(page, "it is good", (r) => (r.evaluation?.mean ?? 0) > 400 && (r.meanReturn100 ?? 0) > 400);
  await expect(back).toBeHidden();
  // Without force nobody can balance a pole.
  const force = page.getByRole("textbox", { name: "Force", exact: true });
  await force.fill("0");
  await force.press("Enter");
  await back.click();
  const after = await until(page, "it went back", (r) => r.edits.some((e) => e.key === "rollback"));
  const mark = after.edits.find((e) => e.key === "rollback");
  await expect(page.locator("svg").getByText(`rollback ${mark?.value}`).first()).toBeVisible();
});
