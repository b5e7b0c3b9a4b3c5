/** The page under attack: threads that die, graphics devices that are lost, files and links that nobody's page has made. */
import type { Page } from "@playwright/test";
import type { Recording } from "../../src/ui/runs/recording.ts";
import { Dice, size } from "../attack/dice.ts";
import { honestFile, hostileFile } from "../attack/files.ts";
import { hostileHash } from "../attack/hashes.ts";
import { hostileLink } from "../attack/links.ts";
import { expect, open, report, stored, test, train, until } from "./page.ts";

const kills = size(4, 60);
const devices = size(1, 2);
const files = size(3, 60);
const links = size(2, 60);

const runs = (page: Page) => page.getByRole("region", { name: "Runs" });
const openRuns = (page: Page) => page.getByText("Runs", { exact: true }).click();
const upload = (page: Page, name: string, bytes: Uint8Array) =>
  page.getByLabel("Run to import").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(bytes) });

/** Updates of the run that the browser has kept last. */
async function keptUpdates(page: Page): Promise<number> {
  const runs = await stored<Recording>(page, "runs");
  return runs.reduce((last, run) => (run.created > last.created ? run : last)).updates;
}

/** The last run is kept at least as far as the page shows it: threads may finish an update after one of them died. */
const isKept = (page: Page) =>
  expect.poll(async () => (await keptUpdates(page)) >= (await report(page)).updates).toBe(true);

/** The page draws, answers and trains. */
async function isAlive(page: Page): Promise<void> {
  if (!["running", "starting"].includes((await report(page)).status)) await train(page);
  const { updates } = await until(page, "it trains", (r) => r.status === "running" && r.updates > 0);
  await until(page, "it goes on", (r) => r.status === "running" && r.updates > updates);
}

/** Notes every thread that the page starts, and the names of those that it ends. */
const noteWorkers = (page: Page) =>
  page.addInitScript(() => {
    const threads: [string, Worker][] = [];
    const ended: string[] = [];
    Object.assign(window, { threads, ended });
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        threads.push([options?.name ?? "", this]);
        this.terminate = () => {
          ended.push(options?.name ?? "");
          super.terminate();
        };
      }
    };
  });

/** Files that the page has read to their end. */
const filesRead = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { ended: string[] }).ended.filter((name) => name === "file").length);

/** Ends the latest thread of this name as an error that escapes it does. */
const kill = (page: Page, name: string) =>
  page.evaluate((name) => {
    const { threads } = window as unknown as { threads: [string, Worker][] };
    const worker = threads.findLast(([of]) => of === name)![1];
    worker.terminate();
    worker.dispatchEvent(new ErrorEvent("error", { message: "an attack" }));
  }, name);

test(`${kills} kills of actors, learner and evaluator: the run goes on or fails with the reason, and is kept`, async ({
  page,
}) => {
  test.setTimeout(180_000 + kills * 20_000);
  await noteWorkers(page);
  await open(page, "actors=2&envs=2&hidden=16&engine=simd&evalEvery=50");
  for (let i = 0; i < kills; i++) {
    const dice = new Dice(23, i);
    await isAlive(page);
    const before = await report(page);
    await until(page, "it is somewhere", (r) => r.updates > before.updates + dice.below(300));
    const victim = ["actor 1", "learner", "actor 2", "evaluator"][i % 4];
    const at = await report(page);
    await kill(page, victim);
    if (victim.startsWith("actor")) {
      // Another takes its place.
      const actor = Number(victim.at(-1)) - 1;
      const replaced = (r: typeof at) => r.lanes.filter((lane) => lane.unrolls !== undefined)[actor]?.replaced ?? 0;
      const after = await until(page, "the actor is replaced", (r) => replaced(r) > replaced(at));
      await until(page, "it goes on", (r) => r.status === "running" && r.updates > after.updates);
      continue;
    }
    const end = await until(page, "it fails", (r) => r.status === "failed");
    expect(end.problem).toContain(`The ${victim} thread died: an attack`);
    expect(end.updates).toBeGreaterThanOrEqual(at.updates);
    await isKept(page);
  }
  await isAlive(page);
});

test(`${devices} graphics devices lost in mid-run: SIMD goes on with the same run, and it is kept`, async ({
  page,
  noise,
}) => {
  noise.allowed.push(/lost|destroyed|WebGPU|GPU/i);
  test.setTimeout(180_000 + devices * 60_000);
  for (let i = 0; i < devices; i++) {
    await open(page, `actors=2&envs=2&hidden=16&engine=webgpu&until=updates:${400 + i}`);
    await until(page, "the engine is prepared", (r) => r.backend !== "");
    const learner = page.workers().find((worker) => worker.url().includes("learner.worker"))!;
    await learner.evaluate(() => {
      const { createCommandEncoder } = GPUDevice.prototype;
      GPUDevice.prototype.createCommandEncoder = function (...of) {
        Object.assign(self, { device: this });
        return createCommandEncoder.apply(this, of);
      };
    });
    await train(page);
    const before = await until(page, "some updates are done", (r) => r.updates > 20 + new Dice(29, i).below(80));
    expect(before.backend).toBe("webgpu");
    if (i % 2 === 0) await learner.evaluate(() => (self as unknown as { device: GPUDevice }).device.destroy());
    else {
      const client = await page.context().browser()!.newBrowserCDPSession();
      await client.send("Browser.crashGpuProcess").catch(() => {}); // the answer may be lost with the process
    }
    const end = await until(page, "the run ends", (r) => r.status === "stopped");
    expect(end.updates).toBe(400 + i);
    expect(end.backend).toBe("simd");
    expect(end.backendReason).toMatch(/WebGPU failed during the run: .*Training goes on with SIMD/);
    await isKept(page);
  }
});

test("a file whose changes bear the names of what every object has is opened, and a damaged checkpoint is refused", async ({
  page,
}) => {
  const run = JSON.parse(honestFile);
  const keys = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "length", "learning"];
  run.edits = keys.map((key, i) => ({ update: i, envSteps: 90 * i, seconds: i / 50, key, value: "2" }));
  await open(page);
  await openRuns(page);
  await upload(page, "strange.json", Buffer.from(JSON.stringify(run)));
  await runs(page).getByRole("button", { name: "More about mine" }).click();
  await page.getByRole("menuitem", { name: "Open, with curves and weights" }).click();
  for (const key of ["constructor 2", "__proto__ 2"]) await expect(page.locator("#return-summary")).toContainText(key);
  await expect(page.locator("[data-chart=return] path.recharts-line-curve").first()).toBeAttached();
  // It goes on, and a new run begins.
  await runs(page).getByRole("button", { name: "More about mine" }).click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  await until(page, "it goes on", (r) => r.updates > 60 && r.status === "running");
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  await until(page, "it is reset", (r) => r.status === "idle");

  // A checkpoint that was damaged where it is kept.
  await page.evaluate(async (id) => {
    const opening = indexedDB.open("cartpool");
    await new Promise((done) => {
      opening.onsuccess = done;
    });
    const store = opening.result.transaction("weights", "readwrite").objectStore("weights");
    await new Promise<void>((done) => {
      const reading = store.get(id);
      reading.onsuccess = () => {
        reading.result.checkpoint.fill(0xff, 16, 24); // running time
        store.put(reading.result, id).onsuccess = () => done();
      };
    });
    opening.result.close();
  }, run.id);
  await runs(page).getByRole("button", { name: "More about mine" }).click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  const refused = await until(page, "it is refused", (r) => r.status === "failed");
  expect(refused.problem).toBe(
    "This run cannot be gone on with: this checkpoint is damaged (its running time: NaN is no time).",
  );
  await isAlive(page);
});

test("the largest file leaves the page alive while it is read, and makes way for another", async ({ page }) => {
  await open(page);
  await openRuns(page);
  await expect(page.getByLabel("Run to import")).toBeAttached();
  // In the page, so that no test has to carry it there.
  const choose = (piece: string, bytes: number, name: string) =>
    page.evaluate(
      ([piece, bytes, name]) => {
        const parts = Array(Math.floor(Number(bytes) / piece.length)).fill(piece);
        const chosen = new DataTransfer();
        chosen.items.add(new File(parts, name));
        const input = document.querySelector<HTMLInputElement>('input[aria-label="Run to import"]')!;
        input.files = chosen.files;
        const began = performance.now();
        input.dispatchEvent(new Event("change", { bubbles: true }));
        return performance.now() - began;
      },
      [piece, String(bytes), name] as const,
    );
  const large = 39 * 2 ** 20;
  const alert = runs(page).getByRole("alert");
  await choose("{},".repeat(5000), large, "much.json");
  await expect(alert).toContainText("it holds more than 150000 values");
  await choose("x".repeat(10_000), large, "text.json");
  await expect(alert).toContainText("The file is not JSON");
  await expect(runs(page).getByText(/^Reading/)).toHaveCount(0);
  await choose('"\\""'.repeat(2500), large, "slow.json"); // quotes to be stepped over one by one
  await upload(page, "mine.json", Buffer.from(honestFile));
  await expect(runs(page).getByRole("button", { name: "More about mine" })).toBeVisible();
  await expect(alert).toHaveCount(0);
  await isAlive(page);
});

test(`${files} hostile files are refused in a sentence or are a run that opens and goes on`, async ({ page }) => {
  test.setTimeout(180_000 + files * 15_000);
  await noteWorkers(page);
  await open(page, "actors=2&envs=2&hidden=16&engine=simd");
  await openRuns(page);
  const reading = runs(page).getByText(/^Reading/);
  const alert = runs(page).getByRole("alert");
  for (let i = 0; i < files; i++) {
    await upload(page, `file ${i}.json`, hostileFile(new Dice(31, i), 2 ** 20));
    await expect.poll(() => filesRead(page)).toBe(i + 1);
    await expect(reading).toHaveCount(0);
    if ((await alert.count()) > 0)
      expect(await alert.innerText()).toMatch(/^The (file|weights of the file) [\s\S]{10,400}\.$/);
    else {
      const more = runs(page)
        .getByRole("row")
        .nth(1)
        .getByRole("button", { name: /^More about/ });
      await more.click();
      const item = page.getByRole("menuitem", { name: /^(Open, with curves|Close)/ });
      const isOpen = (await item.innerText()) === "Close";
      await item.click();
      if (isOpen) {
        await more.click();
        await item.click();
      }
      await until(page, "it is open", (r) => r.status === "idle");
    }
  }
  await isAlive(page);
});

test(`${links} hostile links: the page opens, names what is wrong and trains`, async ({ page }) => {
  test.setTimeout(180_000 + links * 15_000);
  for (let i = 0; i < links; i++) {
    const query = hostileLink(new Dice(37, i)).toWellFormed().slice(0, 8000);
    const hash = (await hostileHash(new Dice(41, i), 2 ** 20)).toWellFormed();
    await page.goto("about:blank");
    await page.goto(`/?${query.replaceAll("#", "%23")}#run=${hash}`);
    await expect(page.locator("#root")).not.toBeEmpty();
    expect((await report(page)).status).toBe("idle");
  }
  await page.goto("about:blank");
  await open(page, "actors=2&envs=2&hidden=16&engine=simd&__proto__=1&constructor=2");
  await isAlive(page);
});
