/** Runs that end on purpose, are interrupted, or fail, and how they go on. */
import type { Page } from "@playwright/test";
import { checkpointProblem } from "../../src/runtime/memory/checkpoint.ts";
import { planRun } from "../../src/runtime/plan/plan.ts";
import { hashOf, momentIn } from "../../src/runtime/seen/moment.ts";
import { decodeRun } from "../../src/ui/address/url.ts";
import type { Recording } from "../../src/ui/runs/recording.ts";
import { violations } from "./axe.ts";
import { expect, open, report, test, train, until } from "./page.ts";

const runs = (page: Page) => page.getByRole("region", { name: "Runs" });
const rows = (page: Page) => runs(page).getByRole("row");
const openRuns = (page: Page) => page.getByText("Runs", { exact: true }).click();
const interrupted = (page: Page) => page.getByRole("complementary", { name: "Interrupted run" });
const reset = (page: Page) =>
  page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();

/** Chooses Go on of the row with these words, the first row otherwise. */
async function goOn(page: Page, words: string | RegExp = /./): Promise<void> {
  const row = rows(page)
    .filter({ has: page.getByRole("checkbox"), hasText: words })
    .first();
  await row.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
}

interface Kept {
  readonly run: Recording;
  readonly parameters: Float32Array;
  readonly checkpoint: Uint8Array;
}

/** What the browser holds of every run, the newest first. */
async function stored(page: Page): Promise<Kept[]> {
  const all = await page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const text = async (bytes: BlobPart = ""): Promise<string> => {
      const reader = new FileReader();
      reader.readAsDataURL(new Blob([bytes]));
      await new Promise((resolve) => reader.addEventListener("load", resolve));
      return String(reader.result).replace(/^.*,/, "");
    };
    const db = await asked(indexedDB.open("cartpool"));
    const store = db.transaction(["runs", "weights"]);
    const [runs, ids, weights] = await Promise.all([
      asked(store.objectStore("runs").getAll()),
      asked(store.objectStore("weights").getAllKeys()),
      asked(store.objectStore("weights").getAll()),
    ]);
    db.close();
    return Promise.all(
      runs.map(async (run) => {
        const { parameters, checkpoint } = weights[ids.indexOf(run.id)] ?? {};
        return { run, parameters: await text(parameters ?? ""), checkpoint: await text(checkpoint ?? "") };
      }),
    );
  });
  return all
    .map(({ run, parameters, checkpoint }) => ({
      run: run as Recording,
      parameters: new Float32Array(Uint8Array.from(Buffer.from(parameters, "base64")).buffer),
      checkpoint: Uint8Array.from(Buffer.from(checkpoint, "base64")),
    }))
    .sort((a, b) => (a.run.created < b.run.created ? 1 : -1));
}

/** What is kept of a run, of so many updates at least, is of one moment; returns it. */
async function whole(page: Page, at = 0, updates = 0) {
  // A machine that is slow to write is not waited for by who ends a run.
  await expect.poll(async () => (await stored(page))[at]?.run.updates).toBeGreaterThanOrEqual(updates);
  const { run, parameters, checkpoint } = (await stored(page))[at];
  const moment = momentIn(planRun(decodeRun(run.query).config), checkpoint);
  const { envSteps, parametersHash, returnsHash } = run;
  expect(moment).toMatchObject({ envSteps, updates: run.updates, parametersHash, returnsHash });
  expect(hashOf(parameters)).toBe(parametersHash);
  return run;
}

/** Changes what the browser holds of its one run. */
const tamper = (page: Page, how: "further" | "empty") =>
  page.evaluate(async (what) => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const db = await asked(indexedDB.open("cartpool"));
    const store = db.transaction(["runs", "weights"], "readwrite");
    const [run] = await asked(store.objectStore("runs").getAll());
    const weights = await asked(store.objectStore("weights").get(run.id));
    if (what === "further") {
      const edit = { update: run.updates + 1, envSteps: run.envSteps + 1, seconds: 9, key: "lr", value: "0.001" };
      const further = { updates: 2 * run.updates, envSteps: 2 * run.envSteps, edits: [...run.edits, edit] };
      await asked(store.objectStore("runs").put({ ...run, ...further, name: "long", parametersHash: "0badf00d" }));
    } else {
      weights.checkpoint.fill(0, 16);
      await asked(store.objectStore("weights").put(weights, run.id));
    }
    db.close();
  }, how);

test("Reset, Restart to apply and Go on with another run keep the whole run that they end", async ({ page }) => {
  await open(page, "seed=3&engine=simd&actors=2&until=never");
  await openRuns(page);
  await train(page);
  const first = await until(page, "it trains", (r) => r.updates > 600);
  await reset(page);
  await until(page, "idle", (r) => r.status === "idle");
  const kept = await whole(page, 0, first.updates);

  await train(page);
  await until(page, "it trains", (r) => r.updates > 400);
  const seed = page.getByRole("textbox", { name: "Seed", exact: true }).first();
  await seed.fill("4");
  await seed.press("Enter");
  const { updates } = await report(page);
  const second = await until(page, "it goes on", (r) => r.updates > updates + 200);
  await page.getByRole("button", { name: "Restart to apply" }).click();
  await until(page, "another trains", (r) => r.query.includes("seed=4") && r.updates > 400);
  await whole(page, 1, second.updates);

  const third = await report(page);
  await expect(rows(page)).toHaveCount(4);
  await rows(page)
    .nth(3)
    .getByRole("button", { name: /^More about/ })
    .click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  const going = await until(page, "the first goes on", (r) => r.query.includes("seed=3") && r.status === "running");
  expect(going.updates).toBeGreaterThanOrEqual(kept.updates);
  await whole(page, 0, third.updates);
  await expect(page.getByRole("complementary", { name: "From where the run goes on" })).toContainText("Goes on from");
  await reset(page);
  await until(page, "idle", (r) => r.status === "idle");
  await whole(page, 2, going.updates);
  await expect(rows(page)).toHaveCount(4);

  // Nothing of all this was an interruption.
  await page.reload();
  await expect(rows(page)).toHaveCount(4);
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => /under way/.test(key)))).toEqual([]);
});

test("after a reload in mid-run the run is offered, and goes on from where it was kept", async ({ page, context }) => {
  await open(page, "seed=5&engine=simd&actors=2&until=never");
  await openRuns(page);
  await train(page);
  await until(page, "it trains", (r) => r.updates > 400);
  await expect.poll(async () => (await stored(page))[0]?.run.updates ?? 0, { timeout: 90_000 }).toBeGreaterThan(200);
  await page.reload();
  await expect(interrupted(page)).toContainText(/Your run of [\d.]+\s[kM] env-steps on CartPole-v1 was interrupted/);
  expect(await violations(page)).toEqual([]);
  const kept = await whole(page);
  // Another tab that holds the run is where it is under way.
  const other = await context.newPage();
  await other.goto("/systems.png"); // of this origin, and no page of its own
  await other.evaluate((name) => {
    void navigator.locks.request(name, () => new Promise(() => {}));
  }, `cartpool:${kept.id}`);
  await interrupted(page).getByRole("button", { name: "Go on" }).click();
  await expect(interrupted(page).getByRole("alert")).toContainText("under way in another tab");
  await other.close();
  await interrupted(page).getByRole("button", { name: "Go on" }).click();
  const going = await until(page, "it goes on", (r) => r.status === "running");
  expect(going.updates).toBeGreaterThanOrEqual(kept.updates);
  await expect(interrupted(page)).toHaveCount(0);
  await until(page, "it gets further", (r) => r.updates > kept.updates + 200);
  await expect(rows(page)).toHaveCount(2);
  await reset(page);
  await until(page, "idle", (r) => r.status === "idle");
  await whole(page, 0, kept.updates + 200);

  // A record that got further than its checkpoint stays, and what goes on is a run of its own, without the later change.
  await tamper(page, "further");
  await page.reload();
  const long = (await stored(page))[0].run;
  await goOn(page, "long");
  await expect(page.getByRole("complementary", { name: "From where the run goes on" })).toContainText("stays in Runs");
  await until(page, "the branch trains", (r) => r.status === "running" && r.updates < long.updates + 1e9);
  expect((await report(page)).edits).toEqual([]);
  await reset(page);
  await until(page, "idle", (r) => r.status === "idle");
  await expect(rows(page)).toHaveCount(3);
  await whole(page);
  expect((await stored(page))[1].run).toEqual(long);
});

/** A fault in the learner's thread after some updates. */
const breakLearner = (page: Page, fault: string) =>
  page.route(/learner\.worker/, async (route) => {
    const response = await route.fetch();
    const body = `{ const sqrt = Math.sqrt; let calls = 0; Math.sqrt = (x) => { if (++calls === 2000) { ${fault} } return sqrt(x); }; }\n`;
    await route.fulfill({ response, body: body + (await response.text()) });
  });

test("a fault leaves no checkpoint of nothing, and an empty one of an older page is refused in words", async ({
  page,
}) => {
  await breakLearner(page, 'throw new Error("a fault");');
  await open(page, "engine=simd&actors=2&until=never");
  await openRuns(page);
  await train(page);
  await until(page, "it fails", (r) => r.status === "failed");
  await expect.poll(async () => (await stored(page))[0]?.run.phase).toBe("failed");
  const [{ run, checkpoint, parameters }] = await stored(page);
  if (checkpoint.length > 0) expect(checkpointProblem(planRun(decodeRun(run.query).config), checkpoint)).toBeNull();
  else {
    expect(parameters.length).toBeGreaterThan(0);
    await goOn(page);
    await expect(runs(page).getByRole("alert")).toContainText("no checkpoint to go on from");
  }
  await page.unroute(/learner\.worker/);
  await page.evaluate(() => indexedDB.deleteDatabase("cartpool"));
  await page.reload();
  await train(page);
  await until(page, "it trains", (r) => r.updates > 500);
  await reset(page);
  await until(page, "idle", (r) => r.status === "idle");
  await whole(page);
  await tamper(page, "empty");
  await goOn(page);
  await expect(runs(page).getByRole("alert")).toContainText("this checkpoint is empty");
  expect((await report(page)).status).toBe("idle");
});

test("a thread that does not answer holds nobody up: Reset keeps what is known", async ({ page }) => {
  await breakLearner(page, "for (;;);");
  await open(page, "engine=simd&actors=2&until=never");
  await train(page);
  let updates = -1;
  const standsStill = (r: { updates: number }) => {
    const before = updates;
    updates = r.updates;
    return updates > 100 && updates === before;
  };
  await until(page, "it stands still", standsStill);
  await reset(page);
  await until(page, "idle", (r) => r.status === "idle");
  await expect.poll(async () => (await stored(page))[0]?.run.updates).toBeGreaterThan(100);
});
