/** Runs that are kept in the browser. */
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import type { Recording } from "../../src/ui/runs/recording.ts";
import { ended, expect, open, report, stored, test, train, until } from "./page.ts";

type Page = import("@playwright/test").Page;
const runs = (page: Page) => page.getByRole("region", { name: "Runs" });
const openRuns = (page: Page) => page.getByText("Runs", { exact: true }).click();

/** What is downloaded when an item of a run's menu is chosen. */
async function exported(page: Page, name: string, item: string): Promise<{ path: string; bytes: Buffer }> {
  await runs(page)
    .getByRole("button", { name: `More about ${name}` })
    .click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: item, exact: true }).click(),
  ]);
  const path = await file.path();
  return { path, bytes: readFileSync(path) };
}

async function trained(page: Page, query: string) {
  await open(page, query);
  await train(page);
  return until(page, "the run ends", ended);
}

test("a run survives a reload with its name and pin, shows beside another, and goes out and in as a file", async ({
  page,
}, info) => {
  const first = await trained(page, "seed=3&engine=simd&actors=2&until=updates:300");
  await openRuns(page);
  await expect(runs(page).getByRole("row")).toHaveCount(2);
  await runs(page)
    .getByRole("button", { name: /^Rename/ })
    .click();
  await page.getByRole("textbox", { name: "Name of the run" }).fill("first");
  await page.keyboard.press("Enter");
  await runs(page).getByRole("button", { name: "Pin first" }).click();
  await page.reload();
  const row = runs(page).getByRole("row", { name: /first/ });
  await expect(row).toBeVisible();
  await expect(row.getByRole("button", { name: "Pin first" })).toHaveText("pinned");
  // The engine's own counts.
  await expect(row.getByRole("cell").nth(3)).toHaveText(
    first.envSteps >= 1000 ? `${(first.envSteps / 1000).toFixed(1)} k` : String(first.envSteps),
  );

  await trained(page, "seed=4&engine=simd&actors=2&lr=0.003&until=updates:300");
  await expect(runs(page).getByRole("row")).toHaveCount(3);
  await expect(row.getByRole("cell", { name: /seed 3/ })).toContainText("α 0.01");
  await row.getByRole("checkbox").check();
  const legend = page.getByRole("listitem").filter({ hasText: /^first$/ });
  await expect(legend).toBeVisible();
  await expect(page.locator("#return-summary")).toContainText("first: ");

  // The run that has just ended is drawn in full, in its own colour, which can be changed.
  const last = runs(page).getByRole("row").filter({ hasNotText: "first" }).nth(1);
  await expect(last.getByRole("checkbox")).toBeChecked();
  await expect(last.getByRole("checkbox")).toBeDisabled();
  const bold = page.locator("[data-chart=return] path.recharts-line-curve[stroke-width='2.5']");
  const swatch = last.getByRole("button", { name: /^Another colour/ }).locator("path");
  const colour = async () => (await swatch.getAttribute("stroke")) as string;
  const before = await colour();
  await expect(bold).toHaveAttribute("stroke", before);
  await last.getByRole("button", { name: /^Another colour/ }).click();
  await expect.poll(colour).not.toBe(before);
  await expect(bold).toHaveAttribute("stroke", await colour());

  const search = page.getByRole("textbox", { name: "Search runs" });
  await search.fill("FIRST");
  await expect(runs(page).getByRole("row")).toHaveCount(2);
  await search.fill("lr=0.003");
  await expect(runs(page).getByRole("row")).toHaveCount(2);
  await expect(row).toHaveCount(0);
  await search.fill("nothing like this");
  await expect(runs(page).getByText("No run matches.")).toBeVisible();
  await search.fill("");

  for (const [button, ending] of [
    ["Chart as SVG", "svg"],
    ["PNG", "png"],
  ] as const) {
    const [picture] = await Promise.all([
      page.waitForEvent("download"),
      runs(page).getByRole("button", { name: button, exact: true }).click(),
    ]);
    const bytes = readFileSync(await picture.path());
    expect(picture.suggestedFilename()).toBe(`cartpool-curve.${ending}`);
    expect(bytes.length).toBeGreaterThan(5000);
    if (ending === "png") expect([...bytes.subarray(1, 4)]).toEqual([..."PNG"].map((c) => c.charCodeAt(0)));
    else expect(bytes.toString()).toMatch(/^<svg [\s\S]*return of an episode/);
    if (ending === "svg") {
      const svg = bytes.toString();
      expect(svg).not.toContain("var(--");
      // It says what it shows to whom it is sent alone.
      expect(svg).toContain("<title>Return of an episode by environment steps, CartPole-v1</title>");
      expect(svg).toMatch(/<desc>Return by environment steps, up to[^<]+first: [^<]+<\/desc>/);
      expect(svg).toMatch(/>[^<]*seed 4[^<]*, smoothed<\/text>/);
      expect(svg).toMatch(/>first<\/text>/);
      expect(svg).toMatch(/>first: \?[^<]*seed=3/);
    }
  }
  // Files hold what the engine counted.
  const csv = (await exported(page, "first", "Curves as CSV")).bytes.toString().split("\n");
  expect(csv[0]).toMatch(/^what,envSteps \(env-steps\),updates \(updates\),seconds \(s\)/);
  const training = csv.filter((line) => line.startsWith("training,")).map((line) => line.split(","));
  expect(training.map((cells) => [Number(cells[1]), Number(cells[3]), Number(cells[5])])).toEqual(first.curve);
  const tensors = (await exported(page, "first", "Weights as safetensors")).bytes;
  const length = Number(tensors.readBigUInt64LE(0));
  const header = JSON.parse(tensors.subarray(8, 8 + length).toString());
  expect(header["hidden1.weight"]).toMatchObject({ dtype: "F32", shape: [4, 64] });
  expect(header["logits.bias"].shape).toEqual([2]);
  expect(header.__metadata__.query).toContain("seed=3");
  const ends = Object.entries(header).map(([name, of]) =>
    name === "__metadata__" ? 0 : (of as { data_offsets: number[] }).data_offsets[1],
  );
  expect(tensors.length).toBe(8 + length + Math.max(...ends));
  const plain = JSON.parse((await exported(page, "first", "Run as JSON")).bytes.toString());
  expect(plain.parametersHash).toBe(first.parametersHash);
  expect(plain.updates).toBe(300);
  expect(plain.parameters).toBeUndefined();
  const { path } = await exported(page, "first", "Run as JSON, with weights");

  await row.getByRole("button", { name: "More about first" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
  await page.getByLabel("Run to import").setInputFiles(path);
  await expect(row).toBeVisible();
  await page
    .getByLabel("Run to import")
    .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(runs(page).getByRole("alert")).toContainText("no run of Cartpool");
  const large = info.outputPath("large.json");
  writeFileSync(large, "");
  truncateSync(large, 40 * 2 ** 20 + 1);
  await page.getByLabel("Run to import").setInputFiles(large);
  await expect(runs(page).getByRole("alert")).toContainText("larger than 40 MB");

  // After a reload the tick is still there; the imported run opens with curve and weights, without training.
  await row.getByRole("checkbox").check();
  await page.reload();
  await expect(legend).toBeVisible();
  await expect(row.getByRole("checkbox")).toBeChecked();
  await row.getByRole("button", { name: "More about first" }).click();
  await page.getByRole("menuitem", { name: "Open, with curves and weights" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "first, smoothed" })).toBeVisible();
  await expect(page.locator("#return-summary")).toContainText(`mean ${first.curve.at(-1)![2].toFixed(1)},`);
  expect(new URLSearchParams((await report(page)).query).get("seed")).toBe("3");
  expect((await report(page)).status).toBe("idle");
  const numbers = page.getByRole("banner").getByRole("definition");
  await expect(numbers.nth(4)).toHaveText("300");
  await expect(numbers.nth(5)).toHaveText(String(first.episodes));
  await expect(numbers.nth(6)).toHaveText(first.meanReturn100!.toFixed(1));
  const pane = page.getByRole("radiogroup", { name: "Below the reward curve" });
  await pane.getByText("Insides").click();
  await expect(page.getByText("Version 300")).toBeVisible();
  await page.getByRole("button", { name: /^Hands on/ }).click();
  await page.getByRole("dialog").getByText("The trained policy").click();
  await expect(page.getByRole("radio", { name: "The trained policy" })).toBeChecked();
  await page.keyboard.press("Escape");
  // And it can be gone on with.
  await pane.getByText("Runs").click();
  await row.getByRole("button", { name: "More about first" }).click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  await until(page, "it goes on", (r) => r.updates > 300 && r.status === "running");
});

test("a file of format 1 opens with curves and weights; its checkpoint is not gone on with, and why is said", async ({
  page,
}) => {
  const buffer = brotliDecompressSync(readFileSync("tests/ui/runs/fixtures/format1.json.br"));
  await open(page);
  await openRuns(page);
  await page.getByLabel("Run to import").setInputFiles({ name: "format1.json", mimeType: "application/json", buffer });
  const more = runs(page).getByRole("button", { name: /^More about/ });
  await more.click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  await expect(runs(page).getByRole("alert")).toHaveText(
    /This run cannot go on: this checkpoint was written by an earlier version of Cartpool, .*\. Take its configuration/,
  );
  await more.click();
  await page.getByRole("menuitem", { name: "Open, with curves and weights" }).click();
  await expect(page.locator("#return-summary")).toContainText("up to 3.2");
  const pane = page.getByRole("radiogroup", { name: "Below the reward curve" });
  await pane.getByText("Learning", { exact: true }).click();
  await expect(
    page.getByRole("figure", { name: "Loss" }).getByText(/Latest: policy −1\.82, value 18\.5/),
  ).toBeAttached();
  await pane.getByText("Insides").click();
  await expect(page.getByText("Version 200")).toBeVisible();
});

test("a run goes on after the page was left, with the bits of one that was not interrupted", async ({ page }) => {
  const query = "seed=9&engine=simd&actors=2&until=updates:500";
  const whole = await trained(page, query);
  await open(page, `${query}&pace=watchable`);
  await train(page);
  await until(page, "it has begun", (r) => r.updates > 10);
  // A live change that Adam does not heed.
  const decay = page.getByRole("textbox", { name: "RMSProp decay", exact: true });
  await decay.fill("0.95");
  await decay.press("Enter");
  await until(page, "it is in effect", (r) => r.edits.length === 1);
  await decay.blur();
  await page.keyboard.press("Space");
  const left = await until(page, "it pauses", (r) => r.status === "paused");
  await openRuns(page);
  await expect(runs(page).getByRole("row")).toHaveCount(3);
  const isKept = async () => {
    const { updates } = await report(page);
    return (await stored<Recording>(page, "runs")).some((run) => run.updates === updates);
  };
  await expect.poll(isKept).toBe(true);
  await page.reload(); // as a crash of the tab
  const rows = runs(page).getByRole("row");
  await expect(rows).toHaveCount(3);
  await rows
    .nth(1)
    .getByRole("button", { name: /^More about/ })
    .click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  const going = await until(page, "it goes on", (r) => r.updates >= left.updates);
  expect(going.updates).toBeLessThan(500);
  // With the values that are in effect, in the controls and in the address.
  await expect(decay).toHaveValue("0.95");
  await expect(page).toHaveURL(/&decay=0\.95/);
  await page.getByRole("button", { name: "Full speed" }).click();
  const end = await until(page, "it ends", ended);
  expect(end.updates).toBe(500);
  expect(end.parametersHash).toBe(whole.parametersHash);
  expect((await report(page)).episodes).toBe(whole.episodes);
});
