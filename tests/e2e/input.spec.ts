/** What is typed, pasted, dropped and linked means what it says, and what goes out as a file is whole or says why not. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Download, Locator } from "@playwright/test";
import { ended, expect, open, report, sharedLink, test, train, until } from "./page.ts";

type Page = import("@playwright/test").Page;

/** Puts a text into a field as one paste. */
async function paste(field: Locator, text: string): Promise<void> {
  await field.evaluate((input: HTMLInputElement, pasted) => {
    input.focus();
    input.select();
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    if (input.dispatchEvent(event)) document.execCommand("insertText", false, pasted);
  }, text);
}

/** Enter as an input method's: it confirms what was composed. */
const confirmComposition = (field: Locator, isComposing: boolean): Promise<void> =>
  field.evaluate((input, composing) => {
    const keyCode = composing ? 13 : 229;
    const enter = { key: "Enter", isComposing: composing, keyCode, bubbles: true, cancelable: true };
    input.dispatchEvent(new KeyboardEvent("keydown", enter));
  }, isComposing);

test("the comparison runs what was entered, or says what is wrong and runs nothing", async ({ page }) => {
  await open(page, "engine=simd&actors=1");
  await page.getByRole("button", { name: "Compare runs" }).click();
  const dialog = page.getByRole("dialog");
  const seeds = dialog.getByRole("textbox", { name: "Seeds" });
  const steps = dialog.getByRole("textbox", { name: "Env-steps each" });
  const run = dialog.getByRole("button", { name: /^Run \d+ runs?$/ });
  const refused = dialog.getByRole("alert");
  await expect(run).toHaveText("Run 5 runs");
  await paste(steps, "20,000");
  await steps.press("Enter");
  await expect(refused).toContainText('"20,000" is 20 or 20000: write which');
  await expect(run).toBeDisabled();
  // Escape gives the text up, and then closes the dialog.
  await steps.press("Escape");
  await expect(steps).toHaveValue("200000");
  await expect(refused).toHaveCount(0);
  for (const [text, value] of [
    ["2e4", "20000"],
    ["030000", "30000"],
    ["４０k", "40000"],
    ["50 000", "50000"],
  ]) {
    await steps.fill(text);
    await steps.press("Enter");
    await expect(steps).toHaveValue(value);
  }
  for (const text of ["", "999", "1e12", "1000,5", "ten"]) {
    await steps.fill(text);
    await seeds.focus(); // leaving says it as well
    await expect(refused).toContainText("must be a whole number from 1000 to 100000000");
    await expect(run).toBeDisabled();
  }
  await steps.fill("1000");
  await steps.blur();
  for (const [text, runs] of [
    ["07", 7],
    ["1e1", 10],
    ["２", 2],
  ] as const) {
    await seeds.fill(text);
    await seeds.press("Enter");
    await expect(run).toHaveText(`Run ${runs} runs`);
  }
  for (const text of ["50", "0", "", "1,000"]) {
    await seeds.fill(text);
    await seeds.press("Enter");
    await expect(refused).toContainText("must be a whole number from 1 to 20");
  }
  await expect(run).toBeDisabled();
  await seeds.fill("2");
  // An input method's Enter ends nothing.
  await confirmComposition(seeds, true);
  await confirmComposition(seeds, false);
  await seeds.press("Enter");
  await expect(run).toBeEnabled();
  const values = dialog.getByRole("textbox", { name: "values, with commas" });
  const list = dialog.getByRole("list", { name: "Configurations" }).getByRole("listitem");
  await values.fill("0,003, 0,03");
  await confirmComposition(values, true);
  await confirmComposition(values, false);
  await expect(list).toHaveCount(1);
  await values.press("Enter");
  await expect(list).toHaveText(["α 0.01", "α 0.003", "α 0.03"]);
  await dialog.getByRole("combobox", { name: "Vary" }).selectOption("gamma");
  await values.fill("0,1");
  await values.press("Enter");
  await expect(dialog.getByText('gamma "0,1" is "0; 1" or "0.1": write which')).toBeVisible();
  await expect(list).toHaveCount(3);
});

test("a link that was passed on says the same, and passes nothing on", async ({ page }) => {
  const trackers = "fbclid=IwAR0&utm_source=a&amp;utm_medium=b&gclid=c&_gl=1*d";
  await page.goto(`/?seed=7&amp;lr=0,02&${trackers}#_gl=1*d`);
  await expect(page.getByRole("button", { name: /^Train/ }).first()).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Seed" })).toHaveValue("7");
  await expect(page.getByRole("textbox", { name: "Learning rate", exact: true })).toHaveValue("0.02");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page).toHaveURL(/\/\?seed=7&lr=0,02$/);
  expect(await sharedLink(page)).toMatch(/\/\?v=2&seed=7&lr=0\.02$/);
  // The page's own fields read numbers in the same way.
  const lr = page.getByRole("textbox", { name: "Learning rate", exact: true });
  await lr.fill("０，００５");
  await confirmComposition(lr, false);
  await lr.press("Enter");
  await expect(lr).toHaveValue("0.005");
  const seed = page.getByRole("textbox", { name: "Seed" });
  await seed.fill("20,000");
  await seed.press("Enter");
  await expect(page.getByRole("alert")).toContainText('"20,000" is 20 or 20000: write which. In effect: 7.');
  await seed.fill("20k");
  await seed.press("Enter");
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect((await report(page)).query).toBe("v=2&seed=20000&lr=0.005");
  // And a script is not left waiting for somebody to press.
  const refusal = page.evaluate(() =>
    (window as unknown as { cartpool: { run(q: string): Promise<never> } }).cartpool.run("pace=step").catch(String),
  );
  expect(await refusal).toContain("pace must be full or watchable");
  // Whoever comes by a tracked link without a run is a visitor as any other.
  await page.goto(`/?${trackers}`);
  await expect(page.getByRole("button", { name: /^Train/ }).first()).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  expect((await report(page)).query).toBe("v=2&pace=watchable");
});

/** Drops a file of the machine onto a place of the page, as a person does. */
async function drop(page: Page, path: string, at: { x: number; y: number }): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await devtools.send("Input.dispatchDragEvent", { type, ...at, data });
  await devtools.detach();
}

test("files have names of their own and hold what they should; a refusal says why", async ({ page }, info) => {
  await open(page, "seed=3&engine=simd&actors=2&until=updates:100");
  await train(page);
  const first = await until(page, "the run ends", ended);
  await page.getByText("Runs", { exact: true }).click();
  const runs = page.getByRole("region", { name: "Runs" });
  const rename = async (text: string) => {
    await runs.getByRole("button", { name: /^Rename/ }).click();
    const field = page.getByRole("textbox", { name: "Name of the run" });
    await paste(field, text);
    await confirmComposition(field, true);
    await confirmComposition(field, false);
    await field.press("Enter");
  };
  /** What is downloaded, in order, when something is pressed. */
  const downloads = async (count: number, press: () => Promise<void>): Promise<Download[]> => {
    const files: Download[] = [];
    const hear = (file: Download) => files.push(file);
    page.on("download", hear);
    await press();
    await expect.poll(() => files.length).toBe(count);
    page.off("download", hear);
    return files;
  };
  const choose = async (item: string) => {
    await runs.getByRole("button", { name: /^More about/ }).click();
    await page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  const refused = runs.getByRole("alert");

  await rename("学習\u000b一\n<&>");
  await expect(runs.getByRole("button", { name: "Rename 学習 一 <&>" })).toBeVisible();
  const [csv] = await downloads(1, () => choose("Curves as CSV"));
  expect(csv.suggestedFilename()).toBe("cartpool-学習-一.csv");
  const model = await downloads(2, () => choose("Weights as TensorFlow.js model"));
  const stem = `cartpool-学習-一.${first.parametersHash}`;
  expect(model.map((file) => file.suggestedFilename())).toEqual([`${stem}.model.json`, `${stem}.weights.bin`]);
  const { weightsManifest } = JSON.parse(readFileSync(await model[0].path(), "utf8"));
  expect(weightsManifest[0].paths).toEqual([`${stem}.weights.bin`]);

  // A name with what XML forbids, as an older version kept it.
  await page.evaluate(async () => {
    const opened = indexedDB.open("cartpool");
    await new Promise((done) => opened.addEventListener("success", done));
    const store = opened.result.transaction("runs", "readwrite").objectStore("runs");
    const all = store.getAll();
    await new Promise((done) => all.addEventListener("success", done));
    const kept = store.put({ ...all.result[0], name: "old\u000bname" });
    await new Promise((done) => kept.addEventListener("success", done));
    opened.result.close();
  });
  await page.reload();
  await runs.getByRole("checkbox").check();
  await expect(page.locator("[data-chart=return] svg.recharts-surface")).toBeVisible();
  const [svg] = await downloads(1, () => runs.getByRole("button", { name: "Chart as SVG" }).click());
  const text = readFileSync(await svg.path(), "utf8");
  expect(text).toMatch(/old.name/);
  const wrong = await page.evaluate(
    (source) =>
      new DOMParser().parseFromString(source, "image/svg+xml").querySelector("parsererror")?.textContent ?? "",
    text,
  );
  expect(wrong).toBe("");
  const [png] = await downloads(1, () => runs.getByRole("button", { name: "PNG", exact: true }).click());
  expect([...readFileSync(await png.path()).subarray(1, 4)]).toEqual([..."PNG"].map((c) => c.charCodeAt(0)));

  // Every way out says why there is none.
  await page.evaluate(() => {
    OffscreenCanvas.prototype.convertToBlob = () => Promise.reject(new Error("Encoding failed."));
  });
  await runs.getByRole("button", { name: "PNG", exact: true }).click();
  await expect(refused).toHaveText("The chart as PNG cannot be exported: Encoding failed.");
  const [again] = await downloads(1, () => choose("Run as JSON"));
  await expect(refused).toHaveCount(0);
  await page.evaluate(() => {
    OffscreenCanvas.prototype.getContext = () => null;
    const { get } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.get = () => {
      throw new Error("Storage is gone.");
    };
    Object.assign(window, {
      bringStorageBack() {
        IDBObjectStore.prototype.get = get;
      },
    });
  });
  await runs.getByRole("button", { name: "PNG", exact: true }).click();
  await expect(refused).toHaveText("The chart as PNG cannot be exported: the browser has no canvas to draw it on.");
  for (const item of ["Run as JSON, with weights", "Weights as safetensors", "Weights as TensorFlow.js model"]) {
    await choose(item);
    await expect(refused).toContainText("Storage is gone");
    await choose("Run as JSON");
    await expect(refused).toHaveCount(0);
  }
  await page.evaluate(() => {
    URL.createObjectURL = () => {
      throw new Error("Out of memory");
    };
  });
  for (const item of ["Run as JSON", "Curves as CSV"]) {
    await choose(item);
    await expect(refused).toContainText("cannot be exported: Out of memory.");
  }
  for (const button of ["Chart as SVG", "PNG"]) {
    await runs.getByRole("button", { name: button, exact: true }).click();
    await expect(refused).toContainText(`The chart as ${button.slice(-3)} cannot be exported: Out of memory.`);
  }

  await page.evaluate(() => (window as unknown as { bringStorageBack(): void }).bringStorageBack());

  // A file beside the zone changes nothing; in it, it is imported.
  const path = info.outputPath("run.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(await again.path(), "utf8")), id: "dropped" }));
  /** Whether the page keeps the browser from opening what is dropped on an element. */
  const kept = (selector: string, what: "file" | "link" | "text") =>
    page
      .locator(selector)
      .first()
      .evaluate((element, kind) => {
        const dataTransfer = new DataTransfer();
        if (kind === "file") dataTransfer.items.add(new File(["{}"], "run.json"));
        else dataTransfer.setData(kind === "link" ? "text/uri-list" : "text/plain", "https://example.org/");
        return ["dragover", "drop"].map(
          (type) => !element.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true })),
        );
      }, what);
  for (const place of ["header", "body", "main", "#seed"]) expect(await kept(place, "file")).toEqual([true, true]);
  expect(await kept("main", "link")).toEqual([true, true]);
  expect(await kept("#seed", "text")).toEqual([false, false]);
  await expect(runs.getByRole("row")).toHaveCount(2);
  const zone = await runs.boundingBox();
  await drop(page, path, { x: zone!.x + 40, y: zone!.y + 40 });
  await expect(runs.getByRole("row")).toHaveCount(3);
});
