/** Looking into the policy. */
import { ended, expect, open, test, train, until } from "./page.ts";

test("the map, the watched pole and the numbers are those of the run", async ({ page }) => {
  await open(page, "engine=simd&seed=2&until=steps:120000");
  await page.getByText("Insides", { exact: true }).click();
  await train(page);
  const end = await until(page, "the run ends", ended);
  const insides = page.getByRole("region", { name: "Insides" });
  await expect(insides.getByText(`Version ${end.updates}`)).toBeVisible();
  const map = insides.getByRole("img", {
    name: /^probability of "push right" over pole angle and pole angular velocity/,
  });
  // A policy that balances leans from one side to the other.
  const [, low, high] = /from ([\d.e−]+) to ([\d.]+)/.exec((await map.getAttribute("aria-label"))!)!;
  expect(Number(low.replace("−", "-"))).toBeLessThan(0.1);
  expect(Number(high)).toBeGreaterThan(0.9);
  const shares = await insides.getByRole("definition").allTextContents();
  expect(shares.map(Number).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
  await expect(insides.getByRole("row", { name: /KL an update/ })).toContainText(/\d/);
  await expect(insides.getByRole("img", { name: /^256 weights from/ })).toBeVisible(); // 4 × 64

  const before = await map.getAttribute("aria-label");
  const slider = insides.getByRole("slider", { name: "cart position" });
  await slider.focus();
  for (let k = 0; k < 15; k++) await page.keyboard.press("ArrowRight");
  await expect(map).not.toHaveAttribute("aria-label", before!);
  await insides.getByText("Value", { exact: true }).click();
  await expect(insides.getByRole("img", { name: /^value over pole angle/ })).toBeVisible();
  await insides.getByRole("combobox", { name: "across" }).selectOption("cart position");
  await expect(insides.getByRole("img", { name: /^value over cart position and pole angular velocity/ })).toBeVisible();
});
