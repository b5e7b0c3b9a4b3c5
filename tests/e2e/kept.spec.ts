/** What is kept: by two tabs at once, and by a browser that does not keep it. */
import { readFileSync } from "node:fs";
import type { BrowserContext, Page } from "@playwright/test";
import type { Recording } from "../../src/ui/runs/recording.ts";
import type { Study } from "../../src/ui/studies/outcome.ts";
import { ended, expect, listenTo, open, report, stored, test, train, until } from "./page.ts";

const runs = (page: Page) => page.getByRole("region", { name: "Runs" });
const openRuns = (page: Page) => page.getByText("Runs", { exact: true }).click();
const row = (page: Page, name: string | RegExp) => runs(page).getByRole("row", { name });
const cards = (page: Page) => page.locator(".cards").getByRole("alert");

async function choose(page: Page, name: string, item: string): Promise<void> {
  await row(page, name)
    .getByRole("button", { name: /^More about/ })
    .click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

/** A second tab of the same browser. Its console must stay silent too. */
async function anotherTab(context: BrowserContext, query: string): Promise<{ page: Page; heard: string[] }> {
  const page = await context.newPage();
  const heard = listenTo(page);
  await open(page, query);
  return { page, heard };
}

test("two tabs keep each other's runs: what a person says, what a run produces, and what is deleted", async ({
  page: a,
  context,
}) => {
  await open(a, "seed=3&engine=simd&actors=2&pace=watchable&until=updates:3000");
  await train(a);
  await until(a, "it has begun", (r) => r.updates > 5);
  await openRuns(a);
  await expect(row(a, /^Show/)).toHaveCount(1);
  const { page: b, heard } = await anotherTab(context, "seed=4&engine=simd&actors=2");
  await openRuns(b);
  const [{ id }] = await stored<Recording>(a, "runs");
  // The other tab lists it and follows it.
  const steps = () => row(b, /seed/).locator("[data-name=env-steps]").innerText();
  await expect(row(b, /^Show/)).toHaveCount(1);
  const before = await steps();
  await expect.poll(steps).not.toBe(before);
  // One owner at a time.
  await choose(b, "", "Go on with it");
  await expect(runs(b).getByRole("alert")).toContainText("under way in another tab");
  expect((await report(b)).status).toBe("idle");
  await choose(b, "", "Delete");
  await expect(runs(b).getByRole("alert")).toContainText("under way in another tab");
  await expect(row(b, /^Show/)).toHaveCount(1);

  // It ends while the other tab hears nothing of it and shows an old state of it.
  await a.evaluate(() => {
    BroadcastChannel.prototype.postMessage = () => {};
  });
  await a.getByRole("button", { name: "Full speed" }).click();
  const end = await until(a, "it ends", ended);
  expect(end.updates).toBe(3000);
  await expect.poll(async () => (await stored<Recording>(a, "runs"))[0].updates).toBe(3000);
  expect(await steps()).not.toBe(await row(a, /^Show/).locator("[data-name=env-steps]").innerText());
  await row(b, /^Show/).getByRole("button", { name: /^Pin/ }).click();
  await row(b, /^Show/)
    .getByRole("button", { name: /^Rename/ })
    .click();
  await b.getByRole("textbox", { name: "Name of the run" }).fill("mine");
  await b.keyboard.press("Enter");
  await expect(row(a, /mine/).getByRole("button", { name: /^Pin/ })).toHaveText("pinned");
  const [kept] = await stored<Recording>(b, "runs");
  expect(kept).toMatchObject({ id, name: "mine", pinned: true, updates: 3000, parametersHash: end.parametersHash });
  expect(kept.returns.length).toBe(end.curve.length);
  await expect.poll(steps).toBe(await row(a, /mine/).locator("[data-name=env-steps]").innerText());

  // Deleted by one, it is not written again by the other, which still lists it.
  await choose(a, "mine", "Delete");
  await expect(row(a, /mine/)).toHaveCount(0);
  await expect(row(b, /mine/)).toHaveCount(1);
  await row(b, /mine/).getByRole("button", { name: /^Pin/ }).click();
  await expect(row(b, /mine/)).toHaveCount(0);
  expect(await stored(b, "runs")).toEqual([]);
  await runs(a).getByRole("button", { name: "Undo" }).click();
  await expect(row(a, /mine/)).toHaveCount(1);
  expect(await stored(b, "runs")).toEqual([kept]);
  await b.close();
  expect(heard).toEqual([]);
});

test("two tabs that compare keep both comparisons, and one of them makes the runs that are left", async ({
  page: a,
  context,
}) => {
  const compare = (page: Page) => page.getByRole("button", { name: /^Compar/ }).click();
  const { page: b, heard } = await anotherTab(context, "engine=simd&actors=1&seed=8");
  await open(a, "engine=simd&actors=1&seed=3");
  await compare(a);
  await a.getByRole("button", { name: "A2C against A3C" }).click();
  await a.getByText("together", { exact: true }).click();
  await a.getByRole("textbox", { name: "Seeds" }).fill("2");
  await a.getByRole("textbox", { name: "Env-steps each" }).fill("2000");
  await a.getByRole("radiogroup", { name: "Pace of the comparison" }).getByText("watchable").click();
  await a.getByRole("button", { name: "Run 4 runs" }).click();
  await expect(a.getByRole("list", { name: "Runs under way" }).getByRole("listitem")).toHaveCount(2);
  // The other tab may look at it, and not make its runs too.
  await compare(b);
  const which = b.getByRole("combobox", { name: "Kept comparisons" });
  await expect(which.getByRole("option")).toHaveCount(2);
  await which.selectOption({ label: await which.getByRole("option").nth(1).innerText() });
  await b.getByRole("button", { name: /^Go on: \d of 4 runs left/ }).click();
  await expect(b.getByRole("dialog").getByRole("alert")).toContainText("being made in another tab");
  await b.getByRole("button", { name: "The controls alone" }).click();
  await b.getByRole("textbox", { name: "Seeds" }).fill("1");
  await b.getByRole("textbox", { name: "Env-steps each" }).fill("1000");
  await b.getByRole("button", { name: "Run 1 run" }).click();
  await expect(b.getByText("1 run done, kept")).toBeVisible();
  await b.getByRole("dialog").getByText("Stop", { exact: true }).waitFor({ state: "detached" });
  // The tab that makes them dies in the midst.
  await expect(a.getByText(/^[123] of 4 done/)).toBeVisible({ timeout: 120_000 });
  await a.close();
  const totals = async () => (await stored<Study>(b, "studies")).map(({ total }) => total).sort();
  expect(await totals()).toEqual([1, 4]);
  await which.selectOption({
    label: (await which.getByRole("option").allInnerTexts()).find((t) => t.includes("of 4 runs"))!,
  });
  await b.getByRole("button", { name: /^Go on: \d of 4 runs left/ }).click();
  await expect(b.getByText("4 runs done, kept")).toBeVisible({ timeout: 120_000 });
  expect(await totals()).toEqual([1, 4]);
  const four = (await stored<Study>(b, "studies")).find(({ total }) => total === 4)!;
  expect(new Set(four.outcomes.map(({ group, seed }) => `${group} ${seed}`)).size).toBe(4);
  expect(heard).toEqual([]);
});

test("a database that an older tab holds, or a newer one has upgraded, is said; nothing is lost", async ({
  page,
  context,
}) => {
  // An old page holds the database when this one opens.
  const old = await context.newPage();
  await old.goto("/favicon.svg");
  await old.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opened = indexedDB.open("cartpool", 1);
        opened.onupgradeneeded = () => {
          opened.result.createObjectStore("runs", { keyPath: "id" });
          opened.result.createObjectStore("weights");
        };
        opened.onsuccess = () => {
          (window as unknown as { held: IDBDatabase }).held = opened.result;
          resolve();
        };
      }),
  );
  await open(page, "seed=5&engine=simd&actors=2&until=updates:300");
  await expect(cards(page)).toContainText("another tab with an older Cartpool holds the database");
  await openRuns(page);
  await expect(runs(page)).not.toContainText("kept in this browser");
  await train(page);
  const first = await until(page, "the run ends", ended);
  await expect(runs(page).getByRole("row")).toHaveCount(0);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    cards(page).getByRole("button", { name: "Save as a file" }).click(),
  ]);
  const saved = JSON.parse(readFileSync(await file.path()).toString());
  expect(saved).toMatchObject({ updates: 300, parametersHash: first.parametersHash });
  expect(saved.parameters.length).toBeGreaterThan(100);
  // When that page is gone, everything is written by itself.
  await old.close();
  await expect(cards(page)).toHaveCount(0);
  await expect(runs(page)).toContainText("1 kept in this browser");
  expect(await stored<Recording>(page, "runs")).toMatchObject([{ updates: 300 }]);

  // A newer page in another tab: this one closes its connection, and says so.
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opened = indexedDB.open("cartpool", 99);
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
          opened.result.close();
          resolve();
        };
      }),
  );
  await expect(cards(page)).toContainText("a newer Cartpool has been opened in another tab: reload this one");
  await cards(page).getByRole("button", { name: "Try again" }).click();
  await expect(cards(page)).toContainText("a newer Cartpool");
});

test("storage that is full, or never answers, is said wherever one is, tried again, and said no more when it works", async ({
  page,
  context,
  baseURL,
}) => {
  await page.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (this: IDBFactory, ...of) {
      const request = open.apply(this, of);
      // As a database that never answers.
      if (sessionStorage.getItem("silent")) request.addEventListener = () => {};
      return request;
    };
  });
  const devtools = await context.newCDPSession(page);
  const quota = (size?: number) =>
    devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(baseURL!).origin, quotaSize: size });
  await quota(1);
  await open(page, "seed=5&engine=simd&actors=2&pace=watchable");
  await train(page);
  await expect(cards(page)).toContainText("its storage for this site is full");
  await expect(cards(page)).toContainText("Training goes on");
  await page.getByRole("button", { name: /^Compare/ }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("its storage for this site is full");
  await page.keyboard.press("Escape");
  await cards(page).getByRole("button", { name: "Try again" }).click();
  await expect(cards(page)).toContainText("its storage for this site is full");
  await openRuns(page);
  await expect(runs(page)).toContainText("0 kept in this browser");
  // There is room again: the next save goes through by itself.
  await quota();
  await expect(cards(page)).toHaveCount(0);
  await expect(runs(page)).toContainText("1 kept in this browser");
  expect(await stored(page, "runs")).toHaveLength(1);
  await page.evaluate(() => sessionStorage.setItem("silent", "1"));
  await page.reload();
  await expect(cards(page)).toContainText("its database does not answer");
  await expect(runs(page)).not.toContainText("kept in this browser");
  await page.evaluate(() => sessionStorage.removeItem("silent"));
  await cards(page).getByRole("button", { name: "Try again" }).click();
  await expect(cards(page)).toHaveCount(0);
  await expect(runs(page)).toContainText("1 kept in this browser");
});

test("a file of a run that is here already is asked about, and too many runs are never dropped unasked", async ({
  page,
}) => {
  await open(page, "seed=6&engine=simd&actors=2&until=updates:40");
  await train(page);
  await until(page, "the run ends", ended);
  await openRuns(page);
  await expect(runs(page).getByRole("row")).toHaveCount(2);
  const whole = async () => {
    await row(page, /seed|same as/)
      .nth(0)
      .getByRole("button", { name: /^More about/ })
      .click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Run as JSON, with weights" }).click(),
    ]);
    return readFileSync(await file.path()).toString();
  };
  const given = async (text: string) =>
    page
      .getByLabel("Run to import")
      .setInputFiles({ name: "run.json", mimeType: "application/json", buffer: Buffer.from(text) });
  const asked = runs(page).getByRole("group", { name: "A run that is here already" });
  const kept = await whole();
  await given(kept);
  await expect(runs(page).getByText("here already, as far as in the file")).toBeVisible();
  await expect(asked).toHaveCount(0);
  // An older state of it, with weights of its own.
  const run = JSON.parse(kept);
  const older = { ...run, updates: 7, envSteps: 280, parametersHash: "0badf00d", returns: [], name: "older" };
  await given(JSON.stringify(older));
  await expect(asked).toContainText(
    "is here already: with 40 updates (1.60\u202fk env-steps); in the file it has 7 updates",
  );
  await asked.getByRole("button", { name: "The one here" }).click();
  await expect(asked).toHaveCount(0);
  expect(JSON.parse(await whole())).toEqual(run);
  await given(JSON.stringify(older));
  await asked.getByRole("button", { name: "Both, the file as a copy" }).click();
  await expect(row(page, /older \(copy\)/)).toHaveCount(1);
  const both = await stored<Recording>(page, "runs");
  expect(both.map(({ id, updates }) => [id === run.id, updates]).sort()).toEqual([
    [false, 7],
    [true, 40],
  ]);
  await given(JSON.stringify({ ...older, parameters: undefined, checkpoint: undefined }));
  await expect(asked).toContainText("and no weights");
  await asked.getByRole("button", { name: "The one of the file" }).click();
  await expect(runs(page).getByRole("button", { name: "Rename older", exact: true })).toHaveCount(1);
  // Curve and weights are of one run: those of the other are gone with it.
  const weights = await stored<{ parameters: Float32Array }>(page, "weights");
  expect(weights).toHaveLength(1);

  await page.evaluate(
    (like) =>
      new Promise<void>((resolve) => {
        const opened = indexedDB.open("cartpool");
        opened.onsuccess = () => {
          const change = opened.result.transaction("runs", "readwrite");
          for (let i = 0; i < 201; i++)
            change.objectStore("runs").put({
              ...like,
              id: `run-${i}`,
              name: `number ${i}`,
              created: new Date(Date.UTC(2020, 0, 1) + i * 60_000).toISOString(),
            });
          change.oncomplete = () => {
            opened.result.close();
            resolve();
          };
        };
      }),
    { ...run, parameters: undefined, checkpoint: undefined, returns: [], evaluations: [], updateSeries: [] },
  );
  await page.reload();
  const room = runs(page).getByRole("group", { name: "Too many runs" });
  await expect(room).toContainText("203 runs without a pin are kept here, 3 more than this page is made for");
  await expect(runs(page)).toContainText("203 kept in this browser");
  await train(page);
  await until(page, "another run ends", ended);
  await expect(room).toContainText("204 runs without a pin");
  await room.getByRole("button", { name: "Show the 4 oldest" }).click();
  await expect(runs(page).getByRole("row")).toHaveCount(5);
  await row(page, /number 0 /)
    .getByRole("button", { name: /^Pin/ })
    .click();
  await expect(room).toContainText("203 runs without a pin");
  // An old run from a file is kept like any other.
  await given(JSON.stringify({ ...run, id: "ancient", name: "ancient", created: "2001-01-01T00:00:00.000Z" }));
  await expect(room).toContainText("204 runs without a pin");
  await expect(row(page, /ancient/)).toHaveCount(1);
  await room.getByRole("button", { name: "Delete the 4 oldest" }).click();
  await expect(room).toHaveCount(0);
  expect(await stored(page, "runs")).toHaveLength(201);
  await expect(runs(page)).toContainText("201 kept in this browser");
  await runs(page).getByRole("button", { name: "Undo" }).click();
  await expect(room).toContainText("204 runs without a pin");
  const all = await stored<Recording>(page, "runs");
  expect(all.filter(({ id }) => ["ancient", "run-0", "run-1"].includes(id)).map(({ pinned }) => pinned)).toEqual([
    false,
    true,
    false,
  ]);
});
