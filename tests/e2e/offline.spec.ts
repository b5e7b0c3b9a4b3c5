/** The page without a connection, and between two releases: what the service worker keeps. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { thisMachine } from "../../src/cli/browser.ts";
import { findFirefox } from "../../src/cli/firefox.ts";
import type { Report } from "../../src/ui/state/report.ts";
import { host, isolationHeaders } from "./host.ts";
import { expect, test, train, until } from "./page.ts";
import { openRemotely } from "./remote.ts";

test.use({ serviceWorkers: "allow", sharesTab: false });

const dist = fileURLToPath(new URL("../../dist", import.meta.url));

/** Whether some release is kept whole: the page is the last of it that is written. */
const isKept = async (): Promise<boolean> =>
  (await caches.match(new URL("./", location.href.split(/[?#]/)[0]), { ignoreVary: true })) !== undefined;
const kept = (page: Page) => expect.poll(() => page.evaluate(isKept), { timeout: 90_000 }).toBe(true);
const entry = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLScriptElement>("script[type=module]")?.src.split("/").at(-1));

for (const headers of ["sent by the host", "added by the service worker"] as const)
  test(`once loaded, every panel works without a connection; headers ${headers}`, async ({ page, noise }) => {
    noise.allowed.push(/ERR_|Failed to (load|fetch)/);
    const site = await host({ headers: headers === "sent by the host" ? isolationHeaders() : {} });
    try {
      await page.goto(site.url);
      await expect(page.getByRole("button", { name: /^Train/ })).toBeVisible();
      await kept(page);
      site.server.close();
      site.server.closeAllConnections();
      await page.goto(`${site.url}?engine=simd&actors=2&pace=watchable`);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      await train(page);
      await until(page, "it trains", (r) => r.updates > 3);
      for (const pane of ["Systems", "Insides", "Runs"]) {
        await page.getByText(pane, { exact: true }).click();
        await expect(page.getByRole("region", { name: pane })).toBeVisible();
      }
      for (const [button, title] of [
        ["Compare runs", "Compare"],
        ["Hands on", "Hands on"],
      ]) {
        await page.getByRole("button", { name: button }).click();
        await expect(page.getByRole("dialog", { name: title })).toBeVisible();
        await page.keyboard.press("Escape");
      }
      await page.getByRole("combobox", { name: "Lessons" }).selectOption({ index: 1 });
      await expect(page.getByRole("heading", { name: /^Lesson:/ })).toBeVisible();
      await expect(page.getByRole("alert")).toHaveCount(0);
    } finally {
      site.server.close();
    }
  });

/** The same page as another release: one file has another name, and the service worker says so. */
function anotherRelease(): string {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-release-"));
  cpSync(dist, folder, { recursive: true });
  const old = /assets\/(index-[\w-]+\.js)/.exec(readFileSync(join(dist, "index.html"), "utf8"))?.[1] as string;
  const name = "index-another1.js";
  renameSync(join(folder, "assets", old), join(folder, "assets", name));
  const texts = readdirSync(join(folder, "assets"))
    .filter((file) => file.endsWith(".js"))
    .map((file) => `assets/${file}`);
  for (const file of ["index.html", "service-worker.js", ...texts]) {
    const text = readFileSync(join(folder, file), "utf8");
    if (text.includes(old)) writeFileSync(join(folder, file), text.replaceAll(old, name));
  }
  const script = join(folder, "service-worker.js");
  writeFileSync(script, readFileSync(script, "utf8").replace(/name:(["`])\w+\1/, 'name:"another"'));
  return folder;
}

test("a newer release takes the place of the older as a whole: no page has files of both", async ({ page, noise }) => {
  noise.allowed.push(/ERR_|Failed to (load|fetch)/);
  const newer = anotherRelease();
  const publishes = { folder: dist };
  const site = await host({ headers: isolationHeaders(), folder: () => publishes.folder });
  try {
    await page.goto(site.url);
    await kept(page);
    const first = await entry(page);
    // Its own files are gone from the host: what was not wanted yet is there all the same.
    publishes.folder = newer;
    await page.getByText("Insides", { exact: true }).click();
    await expect(page.getByText(/here you see what the network makes/)).toBeVisible();
    // A reload brings the newer one, which is kept beside the other while that has a tab.
    await page.reload();
    await expect(page.getByRole("button", { name: /^Train/ })).toBeVisible();
    expect(await entry(page)).toBe("index-another1.js");
    const pages = () =>
      page.evaluate(async () => {
        const found = [];
        for (const name of await caches.keys()) {
          const text = await (await (await caches.open(name)).match(new URL("./", location.href)))?.text();
          found.push(/index-[\w-]+\.js/.exec(text ?? "")?.[0]);
        }
        return found;
      });
    await expect.poll(pages, { timeout: 90_000 }).toEqual([first, "index-another1.js"]);
    site.server.close();
    site.server.closeAllConnections();
    await page.reload();
    await expect(page.getByRole("button", { name: /^Train/ })).toBeVisible();
    expect(await entry(page)).toBe("index-another1.js");
    await page.getByText("Systems", { exact: true }).click();
    await expect(page.getByRole("alert")).toHaveCount(0);
  } finally {
    site.server.close();
    rmSync(newer, { recursive: true });
  }
});

test("a release that is being replaced is not kept: its service worker came with another page", async ({ page }) => {
  const other = anotherRelease();
  const asked: string[] = [];
  const site = await host({
    headers: isolationHeaders(),
    folder({ url = "" }) {
      asked.push(url);
      return url === "/service-worker.js" ? other : dist;
    },
  });
  try {
    await page.goto(site.url);
    await expect.poll(() => asked.includes("/assets/index-another1.js"), { timeout: 90_000 }).toBe(true);
    await page.waitForLoadState("networkidle");
    expect(await page.evaluate(isKept)).toBe(false);
  } finally {
    site.server.close();
    rmSync(other, { recursive: true });
  }
});

test("Firefox keeps the page as well", async () => {
  const firefox = findFirefox(thisMachine(() => ""));
  test.skip(firefox === null, "no Firefox was found: install it, or set FIREFOX_PATH to the program");
  const remote = await openRemotely(firefox!, "engine=simd&actors=2&until=updates:20");
  try {
    await expect.poll(() => remote.evaluate(isKept, null), { timeout: 90_000 }).toBe(true);
    remote.refuse();
    await remote.evaluate(() => {
      Object.assign(window, { isLeft: true });
      setTimeout(() => location.reload());
    }, null);
    const press = () =>
      remote.evaluate(() => {
        if ("isLeft" in window) return false; // the page of before was quicker to ask
        const button = [...document.querySelectorAll("button")].find((b) => b.innerText.startsWith("Train"));
        button?.click();
        return button !== undefined && crossOriginIsolated;
      }, null);
    await expect.poll(press, { timeout: 90_000 }).toBe(true);
    const state = () =>
      remote.evaluate(() => {
        const { cartpool } = window as unknown as { cartpool: { report(): Report } };
        const { updates, status, problem } = cartpool.report();
        return { updates, status, problem };
      }, null);
    await expect.poll(state, { timeout: 90_000 }).toEqual({ updates: 20, status: "stopped", problem: null });
  } finally {
    await remote.close();
  }
});
