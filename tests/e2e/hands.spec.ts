/** What a person can do with the pole. */
import { violations } from "./axe.ts";
import { ended, expect, open, test, train, until } from "./page.ts";

test("a push is felt by the pole, recorded, and marked on the curve", async ({ page }) => {
  await open(page, "engine=simd&actors=2&pace=watchable");
  await train(page);
  await until(page, "it runs", (r) => r.updates > 2);
  const pole = page.getByRole("button", { name: /^Push the pole of actor 2/ });
  await pole.focus();
  await page.keyboard.press("ArrowRight");
  await until(page, "it is recorded", (r) =>
    r.edits.some(({ key, value }) => key === "push" && value.startsWith("actor 2 copy 1")),
  );
  await expect(page.getByText("actor 2 pushed", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: /^Push the pole of actor 1/ }).click({ position: { x: 10, y: 40 } });
  await until(page, "by pointer too", (r) =>
    r.edits.some(({ key, value }) => key === "push" && value.startsWith("actor 1 ")),
  );
});

test("a person plays, and the score stands on the curve; then the trained policy, with other gravity", async ({
  page,
}) => {
  await open(page, "engine=simd&seed=2&until=steps:120000");
  await train(page);
  await until(page, "it is trained", ended);
  await page.getByRole("button", { name: "Hands on" }).click();
  const dialog = page.getByRole("dialog");
  const stage = dialog.getByRole("button", { name: /arrow keys drive/ });
  const scores = dialog.getByText(/^score/);
  /** Half a second of frames, in which a pole that nobody holds would have fallen twice. */
  const idle = () =>
    page.evaluate(async () => {
      for (let k = 0; k < 30; k++) await new Promise((next) => requestAnimationFrame(next));
    });
  await expect(dialog.getByText("Press ← or → to begin")).toBeVisible();
  await idle();
  await expect(scores).toContainText("score 0 · last – · best – · 0 episodes");
  expect(await violations(page)).toEqual([]);
  await expect(stage).toBeFocused();
  await page.keyboard.press("ArrowRight"); // held: it falls soon
  await expect(dialog.getByText(/You scored \d+\. Press ← or → to go again/)).toBeVisible();
  await idle();
  await expect(scores).toContainText(/ 1 episode(?!s)/);
  const [, best] = /best (\d+)/.exec((await scores.textContent())!)!;
  expect(Number(best)).toBeGreaterThan(4);
  expect(Number(best)).toBeLessThan(13); // nobody who only pushes right lasts longer
  await dialog.getByText("The trained policy").click();
  await expect(dialog.getByRole("button", { name: /arrow keys push/ })).toBeFocused();
  await page.keyboard.press("ArrowRight"); // pushes, and chooses nothing
  await expect(dialog.getByRole("radio", { name: "The trained policy" })).toBeChecked();
  // Ten times as long as who only pushes right.
  await expect.poll(async () => Number(await dialog.locator("b").first().textContent())).toBeGreaterThan(130);
  const gravity = dialog.getByRole("slider", { name: "Gravity" });
  await gravity.focus();
  await page.keyboard.press("End");
  await expect(dialog.getByText("Gravity 50 m/s²")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Hands on" })).toBeFocused();
  await expect(page.getByText(`you: best ${best}, last ${best}`)).toBeVisible();
});
