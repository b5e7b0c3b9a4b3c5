/** The threads at work, and what a person does to them. */
import type { Page } from "@playwright/test";
import type { Report } from "../../src/ui/state/report.ts";
import { violations } from "./axe.ts";
import { ended, expect, open, report, test, train, trainToEnd, until } from "./page.ts";

const systems = (page: Page) => page.getByRole("region", { name: "Systems" });
const openSystems = (page: Page) => page.getByText("Systems", { exact: true }).click();

/** 212, 1.40 k, 50.2 MB as a number; NaN for anything else. */
function numberOf(text: string): number {
  const [, digits, prefix] = /^([\d.]+)\s?([kMG]?)B?$/.exec(text.trim()) ?? [];
  return Number(digits) * ({ k: 1e3, M: 1e6, G: 1e9 }[prefix] ?? 1);
}

interface Row {
  readonly works: number; // percent
  readonly waits: number;
  readonly held: number;
  readonly rate: number;
  readonly queue: string;
}

/** What the table says of each thread. */
async function rowsOf(page: Page): Promise<Row[]> {
  const rows = await systems(page).locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) => {
      const [works, waits, held, rate, queue] = await row.getByRole("cell").allTextContents();
      const percent = (text: string) => Number.parseInt(text, 10);
      return { works: percent(works), waits: percent(waits), held: percent(held), rate: numberOf(rate), queue };
    }),
  );
}

/** The same percents between two reports, by the engine's own totals. */
function engineSplit(from: Report, to: Report, i: number) {
  const spent = (...of: string[]) =>
    of.reduce((sum, activity) => sum + (to.lanes[i].spent[activity] ?? 0) - (from.lanes[i].spent[activity] ?? 0), 0);
  const all = spent(...Object.keys(to.lanes[i].spent));
  const [waits, held] = [spent("wait"), spent("delay", "pace")].map((ms) => (100 * ms) / all);
  return { works: 100 - waits - held, waits, held };
}

test("the straggler that holds everybody up is named; shares, queues and rates are the engine's", async ({ page }) => {
  await open(page, "actors=3&engine=simd&gradients=actors&straggler=2&pullDelay=20&until=never");
  await openSystems(page);
  await train(page);
  const sentence = systems(page).getByRole("status");
  await expect(sentence).toContainText(
    /^The learner waits for actor 2, \d+ % of the time\. Actor 2 is held up on purpose\.$/,
  );
  const first = await until(page, "it has run for a while", (r) => r.seconds > 2);
  const last = await until(page, "the stretch that is shown", (r) => r.seconds > first.seconds + 1.5);
  await page.keyboard.press("Space");
  await expect(sentence).toContainText(/^Paused\. Last seen: the learner waits for actor 2/);
  const before = await rowsOf(page);
  const paused = await report(page);
  expect(last.lanes[1].waitedFor).toBeGreaterThan(last.lanes[0].waitedFor! + last.lanes[2].waitedFor!);
  const perSecond = (last.updates - first.updates) / (last.seconds - first.seconds);
  // The stretch that is shown is about the one that was measured: where others use the cores, rates go up and down.
  for (const [i, row] of before.entries()) {
    const { name } = last.lanes[i];
    expect(row.works + row.waits + row.held, name).toBe(100);
    const engine = engineSplit(first, last, i);
    for (const key of ["works", "waits", "held"] as const)
      expect(Math.abs(row[key] - engine[key]), `${name} ${key} ${row[key]}, ${engine[key]}`).toBeLessThan(20);
    if (i < 4) expect(Math.abs(row.rate / perSecond - 1), `${name}: ${row.rate}, ${perSecond}`).toBeLessThan(0.5);
  }
  expect(before[1].held).toBeGreaterThan(Math.max(before[1].works, before[1].waits));
  const picture = await systems(page)
    .getByRole("img", { name: /^A2C, lockstep\. 3 actors/ })
    .getAttribute("aria-label");
  const [, handed, bytes] = /gradients to the learner: ([^/]+)\/s · ([^/]+)\/s/.exec(picture!)!;
  expect(Math.abs(numberOf(handed) / (3 * perSecond) - 1)).toBeLessThan(0.5);
  // 515 parameters: 4 × 64 + 64, 64 × 2 + 2, 64 + 1, four bytes each.
  expect(numberOf(bytes) / numberOf(handed) / (4 * 515)).toBeCloseTo(1, 1);

  // A step is no running time: rates stay what they were, and every actor's next unroll waits.
  await page.getByRole("button", { name: "Step one update" }).click();
  const after = await until(
    page,
    "a step",
    (r) => r.updates === paused.updates + 1 && r.lanes.slice(0, 3).every(({ unrolls }) => unrolls === r.updates + 1),
  );
  for (const [i, { queue, ...row }] of (await rowsOf(page)).entries()) {
    if (i < 3) await expect(systems(page).locator("tbody tr").nth(i).getByRole("cell").nth(4)).toHaveText(`${after.lanes[i].unrolls! - after.updates}/1`); // biome-ignore format: one check
    const { queue: _, ...old } = before[i];
    expect(row).toEqual(old);
  }
});

test("a killed actor is a new worker, the run goes on to the same bits, and the curve says so", async ({ page }) => {
  const query = "actors=3&engine=simd&seed=12&until=updates:600";
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
  expect(end.updates).toBe(600);
  expect(end.parametersHash).toBe(undisturbed.parametersHash);
  expect(end.lanes[1].replaced).toBe(1);
  await expect(page.getByText("actor 2 replaced", { exact: true })).toBeVisible();
});

/** Versions that the cards of all actors show, read in one moment. */
const versionsShown = (page: Page) =>
  page
    .getByRole("region", { name: "Actors" })
    .locator("dl div:first-child dd")
    .evaluateAll((all) => all.map((dd) => Number(dd.textContent)));

test("cards of lockstep actors are of one moment; actors rest and come back, others join, and a late one is marked", async ({
  page,
}) => {
  await open(page, "actors=4&engine=simd&pace=watchable");
  await train(page);
  for (let look = 0, last = 0; look < 5; look++) {
    await expect.poll(async () => Math.max(...(await versionsShown(page)))).toBeGreaterThan(last);
    const versions = await versionsShown(page);
    last = Math.max(...versions);
    expect(last - Math.min(...versions), versions.join()).toBeLessThanOrEqual(1);
  }
  await page.getByRole("button", { name: "Disturb actor 4" }).click();
  await page.getByRole("menuitem", { name: "Let it rest" }).click();
  const resting = await until(page, "it rests", (r) =>
    r.edits.some(({ key, value }) => key === "actors" && value === "3"),
  );
  const before = resting.lanes[3].unrolls!;
  await until(page, "the others go on", (r) => r.updates > resting.updates + 5);
  expect((await report(page)).lanes[3].unrolls! - before).toBeLessThanOrEqual(1);
  await page.getByRole("button", { name: "Disturb actor 4" }).click();
  await page.getByRole("menuitem", { name: /Back to work/ }).click();
  await until(page, "it works again", (r) => r.lanes[3].unrolls! > before + 3);

  await openSystems(page);
  await expect(systems(page).getByRole("row", { name: "actor 4" })).toContainText("%");
  for (const name of ["actor 5", "actor 6"]) {
    await page.getByRole("button", { name: "One actor more" }).click();
    await expect(systems(page).getByRole("row", { name })).toContainText("%"); // and nothing is thrown
  }

  const cards = page.getByRole("region", { name: "Actors" }).getByRole("listitem");
  const placed = () =>
    cards.evaluateAll((all) =>
      all.map((card) => {
        const { x, y, width, height } = card.getBoundingClientRect();
        return { x, y, width, height, pole: card.querySelector("canvas")?.getBoundingClientRect().y };
      }),
    );
  const undisturbed = await placed();
  expect(undisturbed).toHaveLength(6);
  await page.getByRole("button", { name: "Disturb actor 1" }).click();
  await page.getByRole("menuitem", { name: "50 ms after each pull" }).click();
  await until(page, "it is late", (r) => (r.lanes[0].spent.delay ?? 0) > 60);
  await expect(cards.first().getByText("50 ms late", { exact: true })).toBeVisible();
  expect(await placed()).toEqual(undisturbed); // what is done to an actor moves nothing
  const parts = cards.locator(":scope > :first-child > *");
  expect(await parts.evaluateAll((all) => all.every((e) => e.scrollWidth <= e.clientWidth + 1))).toBe(true); // nor is cut
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
  const { mean, max } = end.staleness;
  await expect(systems(page).getByText(`mean ${mean.toFixed(2)} · max ${max} · dropped ${end.dropped}`)).toBeVisible();
  const histogram = page.getByRole("img", { name: `mean ${mean.toFixed(2)} versions, most ${max}.` });
  const last = end.stalenessCounts.findLastIndex((n) => n > 0);
  const expected = end.stalenessCounts
    .slice(0, Math.max(8, last + 1))
    .map((count, i) => `${i} versions behind: ${count}`);
  // The picture follows a moment later.
  await expect
    .poll(async () => (await histogram.locator("rect title").allTextContents()).map((text) => text.replace("+", "")))
    .toEqual(expected);
  await expect(systems(page).getByRole("status")).not.toContainText("each other");
  // On a usual screen the picture of the topology and the histogram are in view.
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(histogram).toBeInViewport({ ratio: 1 });
  await expect(systems(page).locator("[data-part=evaluator]")).toBeInViewport({ ratio: 1 });
  // Where the gate acts is entered as every number: refused by name, and never as another.
  const beyond = systems(page).getByRole("textbox", { name: "Versions beyond which the gate acts" });
  for (const [text, words] of [
    ["1,000", '"1,000" is 1 or 1000: write which'],
    ["1001", "must be a whole number from 0 to 1000"],
    ["", "must be a whole number from 0 to 1000"],
  ]) {
    await beyond.fill(text);
    await beyond.press("Enter");
    await expect(systems(page).getByRole("alert")).toContainText(words);
    expect((await report(page)).query).toContain("maxStaleness=3");
  }
  await beyond.fill("1k");
  await beyond.press("Enter");
  await expect(beyond).toHaveValue("1000");
  await expect(systems(page).getByRole("alert")).toHaveCount(0);
});

test("a gate that waits keeps gradients fresh without dropping any", async ({ page }) => {
  await open(page, "algo=a3c&actors=3&engine=simd&straggler=1&pullDelay=15&maxStaleness=3&until=never");
  await openSystems(page);
  await train(page);
  await until(page, "one is late", (r) => r.staleness.max > 20);
  await systems(page).getByRole("combobox", { name: "Gate" }).selectOption("wait");
  const closed = await until(page, "it is recorded", (r) =>
    r.edits.some(({ key, value }) => key === "gate" && value === "wait"),
  );
  const at = closed.edits.find(({ key }) => key === "gate")!.update;
  const counted = (r: Report) => r.stalenessCounts.reduce((a, b) => a + b, 0);
  const settled = await until(page, "those under way are applied", (r) => counted(r) > at + 40);
  const later = await until(page, "it goes on", (r) => counted(r) > counted(settled) + 100);
  // Those that wait in the queue may age, one version for each of the others.
  const tooStale = (r: Report) => r.stalenessCounts.slice(3 + 2 + 1).reduce((a, b) => a + b, 0);
  expect(tooStale(later)).toBe(tooStale(settled));
  expect(tooStale(settled)).toBeGreaterThan(0);
  expect(later.dropped).toBe(0);
  await expect(systems(page).getByRole("status")).toContainText("the gate lets nobody run ahead of the slowest");
});

/** Milliseconds of "2.1 ms", "85 µs". */
function msOf(text: string): number {
  const [, digits, unit] = /([\d.]+) (s|ms|µs)$/.exec(text) ?? [];
  return Number(digits) * { s: 1000, ms: 1, µs: 0.001 }[unit as "ms"];
}

test("after a step a person walks through the stages of that update", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, "actors=2&engine=simd&gradients=actors&pace=step");
  await openSystems(page);
  await train(page);
  await until(page, "it waits", (r) => r.status === "paused");
  await page.getByRole("button", { name: /step/i }).first().click();
  const after = await until(
    page,
    "one update, and the next unrolls",
    (r) => r.updates === 1 && r.lanes[0].unrolls === 2 && r.lanes[1].unrolls === 2,
  );
  const stages = page.getByRole("list", { name: "Stages of update 1" });
  const stage = (name: string) => stages.getByRole("button", { name: new RegExp(`^${name}`) });
  await expect(stages.getByRole("listitem")).toHaveCount(5);
  await expect(stage("unroll")).toHaveAttribute("aria-current", "step"); // and stays: little motion is wanted
  await expect(systems(page).getByText("2 × 5 steps × 4 copies = 40 rows, and")).toBeVisible();
  // The learner has applied and published once, so its lane's totals are those of this update.
  const { apply, publish } = after.lanes[2].spent;
  expect(msOf((await stage("apply").textContent())!) / apply).toBeCloseTo(1, 1);
  expect(msOf((await stage("publish").textContent())!) / publish).toBeCloseTo(1, 1);

  await page.getByRole("button", { name: "Next stage" }).click();
  await expect(stage("gradient")).toHaveAttribute("aria-current", "step");
  await expect(systems(page).getByText(/^gradient ‖g‖ = [\d.]+ before clipping$/)).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(systems(page).getByText(/^apply (not clipped|clipped to 0\.5), adam, α = /)).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(systems(page).getByText("publish version 1, 2.1 kB")).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(stage("pull")).toHaveAttribute("aria-current", "step");
  await expect(systems(page).getByText("pull actors 1 to 2 act with version 1 now")).toBeVisible();
  await expect.poll(() => versionsShown(page)).toEqual([1, 1]);
  await page.keyboard.press("ArrowLeft");
  await expect(stage("publish")).toHaveAttribute("aria-current", "step");
  expect(await violations(page)).toEqual([]);

  // Where motion is welcome, the next update's stages follow each other by themselves.
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await stage("pull").click();
  await page.getByRole("button", { name: "Next update" }).click();
  const next = page.getByRole("list", { name: "Stages of update 2" });
  await expect(next.getByRole("button", { name: /^gradient/ })).toHaveAttribute("aria-current", "step");
});
