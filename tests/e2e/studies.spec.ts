/** Several configurations, several seeds. */
import { readFileSync } from "node:fs";
import type { Outcome } from "../../src/ui/studies/outcome.ts";
import type { Summary } from "../../src/ui/studies/study.ts";
import { expect, open, test } from "./page.ts";

const axeSource = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
interface Axe {
  run(of: Element): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}
type Page = import("@playwright/test").Page;
const study = (page: Page): Promise<{ outcomes: Outcome[]; summaries: Summary[] }> =>
  page.evaluate(() => (window as unknown as { cartpool: { study(): never } }).cartpool.study());

async function compare(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Compare runs" }).click();
  await expect(page.getByRole("heading", { name: "Compare" })).toBeVisible();
}

/** The middle half's mean, written once more. */
function middleMean(values: number[]): number {
  const s = [...values].sort((a, b) => a - b);
  const n = s.length;
  let [sum, weight] = [0, 0];
  for (let i = 0; i < 4 * n; i++)
    if (i >= n && i < 3 * n) {
      sum += s[Math.floor(i / 4)];
      weight++;
    }
  return sum / weight;
}

/** Interquartile means of every way to draw as many values again as there are: the bootstrap's whole distribution, in order. */
function allResamples(values: number[]): number[] {
  const n = values.length;
  return Array.from({ length: n ** n }, (_, code) =>
    middleMean(values.map((_, i) => values[Math.floor(code / n ** i) % n])),
  ).sort((a, b) => a - b);
}

/** Holds an interval to the bootstrap's distribution: its ends are where 2.5 % are cut off, within the noise of resampling. */
function expectInterval([low, high]: number[], values: number[], noise: number): void {
  const all = allResamples(values);
  const at = (q: number) => all[Math.min(all.length - 1, Math.max(0, Math.round(q * all.length)))];
  const rounded = 0.051; // as they are written
  expect(low).toBeGreaterThanOrEqual(at(0.025 - noise) - rounded);
  expect(low).toBeLessThanOrEqual(at(0.025 + noise) + rounded);
  expect(high).toBeGreaterThanOrEqual(at(0.975 - noise) - rounded);
  expect(high).toBeLessThanOrEqual(at(0.975 + noise) + rounded);
}

/** A run's mean return at x, by a line between its points; its last one beyond them, and nothing before it begins. */
function between({ curve }: Outcome, axis: "envSteps" | "seconds", x: number): number[] {
  const y = (p: Outcome["curve"][number]) => (Number.isNaN(p.mean100) ? p.mean : p.mean100);
  const next = curve.findIndex((p) => p[axis] >= x);
  if (next < 0) return [y(curve.at(-1)!)];
  if (next === 0) return [];
  const [a, b] = [curve[next - 1], curve[next]];
  return [y(a) + ((x - a[axis]) / (b[axis] - a[axis])) * (y(b) - y(a))];
}

/** What the chart says where the cursor is, at a share of its width: x as it is written, and each configuration's line. */
async function hovered(page: Page, share: number): Promise<{ x: string; lines: string[] }> {
  const plot = page.locator("[data-chart=study] .recharts-cartesian-grid");
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + share * box.width, box.y + 20);
  const text = page.locator("[data-chart=study] .recharts-tooltip-wrapper > div > div");
  await expect(text.first()).toBeVisible();
  const [x, ...lines] = await text.allInnerTexts();
  return { x, lines };
}

test("a study that goes on after a reload has every run once; table, band and curves are an independent computation of what they gave", async ({
  page,
}) => {
  await open(page, "env=CartPole-v0&engine=simd&actors=2&seed=40");
  await compare(page);
  await page.getByRole("textbox", { name: "values, with commas" }).fill("0.001");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const list = page.getByRole("list", { name: "Configurations" });
  await expect(list.getByRole("listitem")).toHaveText(["α 0.01", "α 0.001"]);
  await page.getByRole("textbox", { name: "Seeds" }).fill("4");
  await page.getByRole("textbox", { name: "Env-steps each" }).fill("70000");
  await page.getByRole("button", { name: "Run 8 runs" }).click();
  await expect.poll(async () => (await study(page)).outcomes.length, { intervals: [20] }).toBeGreaterThan(1);
  await page.reload();
  await page.getByRole("button", { name: /^Compare runs: \d of 8 left$/ }).click();
  await expect(list.getByRole("listitem")).toHaveText(["α 0.01", "α 0.001"]);
  const before = (await study(page)).outcomes;
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(8);
  await expect(page.getByRole("textbox", { name: "Seeds" })).toHaveValue("4");
  await expect(page.getByText(`${before.length} of 8 runs done, kept under Runs`)).toBeVisible();
  // Nothing begins by itself, and what is asked for begins with the next.
  expect((await study(page)).outcomes).toEqual(before);
  await page.getByRole("button", { name: `Go on: ${8 - before.length} of 8 runs left` }).click();
  await expect(page.getByText("8 runs done, kept")).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole("button", { name: /^Go on/ })).toHaveCount(0);
  const { outcomes, summaries } = await study(page);
  expect(outcomes.slice(0, before.length)).toEqual(before);
  expect(outcomes.map(({ seed, group }) => [seed, group])).toEqual(
    [40, 41, 42, 43].flatMap((s) => [
      [s, 0],
      [s, 1],
    ]),
  );
  for (const o of outcomes) expect(o.envSteps).toBeGreaterThanOrEqual(70_000);
  const median = (xs: number[]) => {
    const s = [...xs].sort((a, b) => a - b);
    return (s[Math.floor((s.length - 1) / 2)] + s[Math.ceil((s.length - 1) / 2)]) / 2;
  };
  for (const group of [0, 1]) {
    const own = outcomes.filter((o) => o.group === group);
    const finals = own.map(({ final }) => final);
    const expected = middleMean(finals);
    const { final } = summaries[group];
    expect(final.iqm).toBeCloseTo(expected, 9);
    const [low, high] = final.interval!;
    expectInterval([low, high], finals, 0.015);
    const written = `${expected.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
    await expect(page.locator("#study-summary")).toContainText(`${["α 0.01", "α 0.001"][group]}: ${written}`);
    const row = page
      .getByRole("table", { name: "Results" })
      .getByRole("row")
      .nth(group + 1);
    const cells = row.getByRole("cell");
    await expect(cells.last()).toHaveText(written);
    const solved = own.flatMap(({ solvedAt }) => (solvedAt ? [solvedAt] : []));
    await expect(cells.nth(0)).toHaveText("4");
    await expect(cells.nth(1)).toHaveText(`${25 * solved.length} %`);
    if (solved.length === 0) await expect(cells.nth(2)).toHaveText("–");
    else {
      const steps = median(solved.map(({ envSteps }) => envSteps));
      await expect(cells.nth(2)).toHaveText(`${(steps / 1000).toFixed(1)}\u202fk`);
      await expect(cells.nth(3)).toHaveText(median(solved.map(({ seconds }) => seconds)).toFixed(2));
    }
  }
  expect(outcomes.some(({ solvedAt }) => solvedAt !== null)).toBe(true);
  // The axis can be wall time, because they ran one after the other.
  for (const axis of ["envSteps", "seconds"] as const) {
    const end = Math.max(...outcomes.map((o) => o[axis]));
    // From where the last one begins to where the first one ends; in seconds, a run that was held up may begin after that.
    const first = Math.max(...outcomes.map(({ curve }) => curve[0][axis])) / end;
    const last = Math.min(...outcomes.map((o) => o[axis])) / end;
    if (axis === "seconds") {
      await page.getByRole("radiogroup", { name: "Horizontal axis of the comparison" }).getByText("Wall time").click();
      await expect(page.getByRole("dialog").getByText("wall time (s)", { exact: true })).toBeVisible();
    }
    // And at the right edge, where the curves are at what the table says.
    for (const share of [first + 0.4 * (last - first), first + 0.8 * (last - first), 0.999]) {
      const { x, lines } = await hovered(page, share);
      const step = Math.round((100 * Number.parseFloat(x) * (axis === "envSteps" ? 1000 : 1)) / end);
      expect(Math.abs(step - 100 * share)).toBeLessThan(1.1);
      for (const group of [0, 1]) {
        const own = outcomes.filter((o) => o.group === group);
        const values = own.flatMap((o) => between(o, axis, (step / 100) * end));
        const over = own.filter((o) => o[axis] <= ((step - 1) / 100) * end).length;
        const line = lines.find((l) => l.startsWith(`${["α 0.01", "α 0.001"][group]}\n`));
        if (values.length < 2) {
          expect(line).toBeUndefined();
          continue;
        }
        const [iqm, ...range] = line!.match(/\d+\.\d(?=[ ,\]])/g)!.map(Number);
        expect(Math.abs(iqm - middleMean(values))).toBeLessThan(0.051);
        if (values.length < 4) expect(line).toContain(`(${values.length} of 4 runs)`);
        else {
          expectInterval(range, values, 0.035);
          expect(/\(\d of 4 ended\)/.exec(line!)?.[0]).toBe(over === 0 ? undefined : `(${over} of 4 ended)`);
        }
        if (share > 0.99) expect(iqm).toBeCloseTo(summaries[group].final.iqm, 1);
      }
    }
  }
  await page.getByRole("switch", { name: "every seed" }).click();
  await expect(page.locator(".study-seed path")).toHaveCount(8);
  // A seed of the study is the run of its query, whether it was made before the reload or after.
  for (const one of [outcomes[0], outcomes[before.length]]) {
    const again = await page.evaluate(
      (query) =>
        (window as unknown as { cartpool: { run(q: string): Promise<{ parametersHash: string }> } }).cartpool.run(
          query,
        ),
      one.query,
    );
    expect(again.parametersHash).toBe(one.parametersHash);
  }
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const dialog = document.querySelector("[role=dialog]")!;
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(dialog);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(found).toEqual([]);
});

test("a race run together shares the cores, so its wall time is not offered; a bad value is named", async ({
  page,
}) => {
  await open(page, "engine=simd&actors=1&seed=3");
  await compare(page);
  await page.getByRole("button", { name: "A2C against A3C" }).click();
  await expect(page.getByRole("list", { name: "Configurations" }).getByRole("listitem")).toHaveText(["A2C", "A3C"]);
  await page.getByRole("textbox", { name: "values, with commas" }).fill("7");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText(/lr must be a number from/)).toBeVisible();
  await page.getByRole("textbox", { name: "values, with commas" }).fill("0.02, 0.01");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("A2C · α 0.01 would be compared with itself: it is there already")).toBeVisible();
  // A grid over two hyperparameters, and back.
  await page.getByRole("textbox", { name: "values, with commas" }).fill("0.003, 0.03");
  await page.getByRole("button", { name: "Make a grid" }).click();
  await expect(page.getByRole("list", { name: "Configurations" }).getByRole("listitem")).toHaveText([
    "A2C · α 0.003",
    "A2C · α 0.03",
    "A3C · α 0.003",
    "A3C · α 0.03",
  ]);
  await page.getByRole("button", { name: "A2C against A3C" }).click();
  await page.getByText("together", { exact: true }).click();
  await page.getByRole("textbox", { name: "Seeds" }).fill("1");
  await page.getByRole("textbox", { name: "Env-steps each" }).fill("20000");
  await page.getByRole("radiogroup", { name: "Pace of the comparison" }).getByText("watchable").click();
  await page.getByRole("button", { name: "Run 2 runs" }).click();
  // Both curves grow while they run, and a line says how far each is.
  const curves = page.locator(".study-live path");
  await expect(curves).toHaveCount(2);
  const before = await curves.evaluateAll((paths) => paths.map((path) => path.getAttribute("d")));
  await expect
    .poll(() => curves.evaluateAll((paths) => paths.map((path) => path.getAttribute("d"))))
    .not.toEqual(before);
  const lines = page.getByRole("list", { name: "Runs under way" }).getByRole("listitem");
  await expect(lines).toHaveText([/^A2C · seed 3.*of 20\.0.k env-steps/, /^A3C · seed 3.*of 20\.0.k env-steps/]);
  // They go on when the dialog is closed, and are there when it is opened again.
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Comparing: 0 of 2" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(lines).toHaveCount(2);
  // Called off, they can be gone on with, as they were planned.
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByRole("textbox", { name: "Env-steps each" }).fill("30000");
  await page.getByRole("button", { name: "Go on: 2 of 2 runs left" }).click();
  await expect(lines).toHaveText([/^A2C · seed 3.*of 20\.0.k env-steps/, /^A3C · seed 3.*of 20\.0.k env-steps/]);
  await expect(page.getByRole("textbox", { name: "Env-steps each" })).toHaveValue("20000");
  await page.getByRole("radiogroup", { name: "Pace of the comparison" }).getByText("full speed").click();
  await expect(page.getByText("2 runs done")).toBeVisible({ timeout: 90_000 });
  const axis = page.getByRole("radiogroup", { name: "Horizontal axis of the comparison" });
  await expect(axis.getByRole("radio", { name: "Wall time" })).toBeDisabled();
  const { outcomes } = await study(page);
  expect(new Set(outcomes.map(({ group }) => group))).toEqual(new Set([0, 1]));
  // After a reload the study is there, and its runs are among the others.
  await page.reload();
  await compare(page);
  await expect(page.getByText("2 runs done")).toBeVisible();
  await expect(page.getByRole("list", { name: "Configurations" }).getByRole("listitem")).toHaveText(["A2C", "A3C"]);
  expect((await study(page)).outcomes).toEqual(outcomes);
  await expect(axis.getByRole("radio", { name: "Wall time" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.getByText("Runs", { exact: true }).click();
  for (const { group, seed, envSteps } of outcomes)
    await expect(
      page.getByRole("row", { name: new RegExp(`Rename ${["A2C", "A3C"][group]} · seed ${seed}`) }),
    ).toContainText(`${(envSteps / 1000).toFixed(1)}\u202fk`);
  // A study that is kept in pieces is none, and harms nothing.
  await page.evaluate(async () => {
    const opened = indexedDB.open("cartpool");
    await new Promise((done) => opened.addEventListener("success", done));
    const change = opened.result.transaction("studies", "readwrite");
    const kept = change.objectStore("studies").getAllKeys();
    kept.addEventListener("success", () => {
      for (const key of [...kept.result, "last"])
        change.objectStore("studies").put({ queries: ["v=1"], total: 2, outcomes: [{ group: 7 }] }, key);
    });
    await new Promise((done) => change.addEventListener("complete", done));
  });
  await page.reload();
  await page.getByRole("button", { name: "Compare runs", exact: true }).click();
  await expect(page.getByRole("button", { name: "Run 5 runs" })).toBeEnabled();
  await expect(page.getByRole("table", { name: "Results" })).toHaveCount(0);
});
