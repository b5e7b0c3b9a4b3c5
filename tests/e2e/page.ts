/** What the end-to-end tests share: opening the page, pressing its buttons, reading its report, listening to its console. */
import { test as base, expect, type Page } from "@playwright/test";
import type { Report } from "../../src/ui/state/report.ts";
import { borrowTab, returnTab } from "./tab.ts";

/**
 * What a page says aloud from now on: warnings, errors and what nobody caught. That tests go without a service worker is no
 * news, nor that a tab left empty (see tab.ts) has no icon.
 */
export function listenTo(page: Page): string[] {
  const heard: string[] = [];
  page.on("console", (message) => {
    const isNews =
      ["warning", "error"].includes(message.type()) &&
      !/registration blocked by Play/.test(message.text()) &&
      !message.location().url.endsWith("/favicon.ico");
    if (isNews) heard.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => heard.push(`uncaught: ${error.message}`));
  return heard;
}

export interface TabOptions {
  /** Whether tests of a worker get the same tab, see tab.ts. */
  sharesTab: boolean;
}

/** A page whose console must stay silent, whatever a test does with it. `noise.allowed` allows what a test provokes. */
export const test = base.extend<TabOptions & { noise: { allowed: RegExp[] } }>({
  sharesTab: [false, { option: true }],
  context: async ({ browser, sharesTab }, use, { errors }) => {
    const context = await (sharesTab ? borrowTab(browser) : browser.newContext());
    await use(context);
    if (sharesTab) await returnTab(errors.length === 0);
    else await context.close();
  },
  page: async ({ context, sharesTab }, use) => {
    await use(sharesTab ? context.pages()[0] : await context.newPage());
  },
  noise: [
    async ({ page }, use) => {
      const noise = { allowed: [] as RegExp[] };
      const heard = listenTo(page);
      await use(noise);
      expect(heard.filter((line) => !noise.allowed.some((pattern) => pattern.test(line)))).toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };

export const report = (page: Page): Promise<Report> =>
  page.evaluate(() => (window as unknown as { cartpool: { report(): Report } }).cartpool.report());

/** Opens the page with a run query. */
export async function open(page: Page, query = ""): Promise<void> {
  await page.goto(query ? `/?${query}` : "/");
  await expect(page.getByRole("button", { name: /^Train/ }).first()).toBeVisible();
}

export const train = (page: Page) =>
  page
    .getByRole("button", { name: /^Train/ })
    .first()
    .click();

/** Waits until the report satisfies a condition; returns it. */
export async function until(
  page: Page,
  what: string,
  holds: (r: Report) => boolean,
  timeout = 90_000,
): Promise<Report> {
  let last: Report | null = null;
  await expect
    .poll(
      async () => {
        last = await report(page);
        return holds(last) || `${what}: ${JSON.stringify({ ...last, curve: last.curve.length })}`;
      },
      { timeout, intervals: [50, 100, 200] },
    )
    .toBe(true);
  return last as unknown as Report;
}

const rested = ({ lanes }: Report) => lanes.find(({ name }) => name === "learner")?.spent.pace ?? 0;

/** A paused run once the update that was under way is done. */
export async function atRest(page: Page): Promise<Report> {
  const before = await report(page);
  return until(page, "the learner rests", (r) => rested(r) > rested(before));
}

export const ended = (r: Report) => r.status === "stopped" || r.status === "failed";

/** Trains a query to its end. */
export async function trainToEnd(page: Page, query: string): Promise<Report> {
  await open(page, query);
  await train(page);
  return until(page, "the run ends", ended);
}

/** The address that Share offers. */
export async function sharedLink(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share" }).click();
  const field = page.getByRole("textbox", { name: "Address of this run" });
  await expect(field).not.toHaveValue("");
  const value = await field.inputValue();
  await page.keyboard.press("Escape");
  return value;
}

/** All records of a store of the browser's database. */
export const stored = <T>(page: Page, store: string): Promise<T[]> =>
  page.evaluate(
    (name) =>
      new Promise<never>((resolve, reject) => {
        const opened = indexedDB.open("cartpool");
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
          const all = opened.result.transaction(name).objectStore(name).getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            opened.result.close();
            resolve(all.result as never);
          };
        };
      }),
    store,
  );
