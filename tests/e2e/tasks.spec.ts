/** Every task that the page offers, one after the other, as a person would walk through it. */
import type { Page } from "@playwright/test";
import { type Environment, goodReturn } from "../../src/envs/environment.ts";
import { envs } from "../../src/envs/index.ts";
import { hasMiddle } from "../../src/ui/hands/sandbox.ts";
import { short } from "../../src/ui/parts/format.ts";
import { violations } from "./axe.ts";
import { atRest, expect, open, test, train, until } from "./page.ts";

const choice = (page: Page) => page.getByRole("combobox", { name: "Environment" });
const chart = (page: Page) => page.locator('[data-chart="return"]');

/** Pictures of the actors move, and a push goes where it is said to. */
async function pushes(page: Page, { subject }: Environment): Promise<void> {
  const picture = page.getByRole("button", { name: new RegExp(`^Push the ${subject.one} of actor 2`) });
  await expect(picture).toHaveAttribute("title", new RegExp(`beside the ${subject.one}.*one of the ${subject.many}`));
  await picture.press("ArrowRight");
  await until(page, "the push is recorded", (r) =>
    r.edits.some(({ key, value }) => key === "push" && value.startsWith("actor 2 ")),
  );
}

/** The map has the names and ends of the task's own state, and every action has a probability, or its numbers a mean. */
async function looksInside(page: Page, { state, actions }: Environment): Promise<void> {
  const insides = page.getByRole("region", { name: "Insides" });
  const [x, y] = state.slice(-2);
  await expect(insides.getByRole("img", { name: new RegExp(`over ${x.name} and ${y.name}: from`) })).toBeVisible();
  await expect(insides.getByText(short(x.shown[1]), { exact: true }).first()).toBeVisible();
  if (actions.kind === "continuous") {
    const [{ name, low, high }] = actions.components;
    const numbers = insides.getByLabel(/^Action, mean and spread/).getByRole("definition");
    await expect(numbers).toHaveText(actions.components.map(() => /^−?[\d.]+ ± [\d.]+/));
    await expect(insides.getByRole("img", { name: `mean ${name} over` })).toBeVisible();
    for (const end of [low, high])
      await expect(insides.locator("figcaption").getByText(short(end), { exact: true })).toBeVisible();
    await insides.getByText("Entropy", { exact: true }).first().click();
    await expect(insides.getByRole("img", { name: "entropy over" })).toBeVisible();
    await expect(insides.getByRole("row", { name: /^KL an update/ })).toContainText("nats");
    return;
  }
  const probabilities = insides.getByLabel(/^Action probabilities/).getByRole("definition");
  await expect(probabilities).toHaveCount(actions.names.length);
  const shares = (await probabilities.allTextContents()).map(Number);
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
  if (actions.names.length === 2) return;
  await insides.getByRole("combobox", { name: "of the action" }).selectOption(actions.names[0]);
  await expect(insides.getByRole("img", { name: `probability of "${actions.names[0]}" over` })).toBeVisible();
}

/** A person plays an episode's beginning, then the policy does. */
async function plays(page: Page, { id, actions, subject }: Environment): Promise<void> {
  await page.getByRole("button", { name: "Hands on" }).click();
  const dialog = page.getByRole("dialog", { name: `Hands on ${id}` });
  const score = dialog
    .getByText(/^score/)
    .locator("b")
    .first();
  await expect(dialog.getByText("Press ← or → to begin")).toBeVisible();
  await expect(score).toHaveText("0");
  await page.keyboard.down("ArrowRight");
  await expect(score).not.toHaveText("0");
  await page.keyboard.up("ArrowRight");
  // Let go, a task with a middle goes on by itself; the other one goes on to the same side, and soon has ended. Where only force
  // costs, nothing is lost at rest.
  if (id === "MountainCarContinuous-v0") await expect(dialog.getByText("Press ← or → to begin")).toHaveCount(0);
  else if (hasMiddle(actions)) {
    const before = await score.textContent();
    await expect(score).not.toHaveText(before!);
  } else await expect(dialog.getByText(/You scored/)).toBeVisible();
  await dialog.getByText("The trained policy").click();
  await expect(dialog.getByText(`Push the ${subject.one} with the arrow keys`)).toBeVisible();
  const begun = await score.textContent();
  await expect(score).not.toHaveText(begun!);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
}

test("every task is trained, pushed, looked into and played on one page", async ({ page }) => {
  await open(page, "engine=simd&actors=2&pace=watchable&until=never");
  await page.getByText("Insides", { exact: true }).click();
  const ids = await choice(page)
    .getByRole("option")
    .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
  expect(ids.length).toBeGreaterThanOrEqual(4);
  for (const id of ids) {
    await test.step(id, async () => {
      const environment: Environment = envs[id as keyof typeof envs];
      await choice(page).selectOption(id);
      await expect(page.getByText(`the higher, ${environment.returns.higher}.`)).toBeVisible();
      await expect(
        chart(page)
          .getByText(short(goodReturn(environment)), { exact: true })
          .first(),
      ).toBeVisible();
      await train(page);
      await until(page, "it trains", (r) => r.status === "running" && r.updates > 2);
      await pushes(page, environment);
      await looksInside(page, environment);
      await page.getByText("Full", { exact: true }).click();
      await until(page, "episodes end", (r) => r.curve.length > 3);
      await page.getByRole("button", { name: "Pause" }).click();
      await atRest(page);
      await plays(page, environment);
      expect(await violations(page)).toEqual([]);
      await page.getByText("Watchable", { exact: true }).click();
      await page.getByRole("button", { name: "Reset" }).click();
    });
  }
});

test("a run of another task is not drawn on the chart, and says why", async ({ page }) => {
  await open(page, "engine=simd&actors=2&until=updates:100");
  await train(page);
  await until(page, "it ends", (r) => r.status === "stopped");
  await page.getByText("Runs", { exact: true }).click();
  const runs = page.getByRole("region", { name: "Runs" });
  const mine = runs.getByRole("row", { name: /A2C on CartPole-v1/ }).getByRole("checkbox");
  await page.getByRole("button", { name: "Reset" }).click();
  await mine.check();
  await expect(page.getByText("of another task: not on this chart")).toHaveCount(0);
  await choice(page).selectOption("Acrobot-v1");
  await expect(mine).toBeDisabled();
  await expect(mine).not.toBeChecked();
  await expect(mine).toHaveAttribute("title", /another task/);
  await expect(page.getByText("1 run of another task: not on this chart")).toBeVisible();
  await choice(page).selectOption("CartPole-v0"); // another version of the same task
  await expect(mine).toBeChecked();
});
