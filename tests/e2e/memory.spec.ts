import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { expect, open, report, test, train, until } from "./page.ts";

const MB = 1024 * 1024;

/** Bytes of the page and its workers, by the browser's own measurement. It never answers while a worker blocks. */
const measured = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    type Measuring = { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
    return (await (performance as unknown as Measuring).measureUserAgentSpecificMemory()).bytes;
  });

/** Memory of all renderer processes, their share of shared pages included, as Linux counts it; null elsewhere. */
async function renderers(browser: Browser): Promise<number | null> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  try {
    return processInfo
      .filter(({ type }) => type === "renderer")
      .map(({ id }) => /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8")))
      .reduce((sum, match) => sum + Number(match?.[1]) * 1024, 0);
  } catch {
    return null;
  }
}

test("a default run leaves at most 200 MB beyond an idle tab, and does not grow", async ({ page, browser }) => {
  await open(page, "seed=2");
  await page.waitForTimeout(1500); // workers and engine are warm
  const idle = await measured(page);
  const warm = await renderers(browser);

  /** Trains for so many updates and resets; what the page reports at the end, and the renderers' memory meanwhile. */
  const run = async (updates: number) => {
    await train(page);
    await until(page, `update ${updates}`, (r) => r.updates >= updates);
    const memory = await renderers(browser);
    const end = await report(page);
    await page
      .getByRole("button", { name: /^Reset/ })
      .first()
      .click();
    await until(page, "it is idle", (r) => r.status === "idle");
    return { memory, end };
  };
  const short = await run(5_000);
  const afterShort = await measured(page);
  const long = await run(20_000);
  let afterLong = await measured(page);
  // What a worker is about to give back is no growth.
  for (let look = 0; look < 3 && afterLong - afterShort >= 10 * MB; look++) {
    await page.waitForTimeout(1000);
    afterLong = await measured(page);
  }

  const inMB = (bytes: number | null) => (bytes === null ? "?" : (bytes / MB).toFixed(1));
  console.log(
    `memory in MB: page idle ${inMB(idle)}, after a short run ${inMB(afterShort)}, after a long one ${inMB(afterLong)}; ` +
      `renderers idle ${inMB(warm)}, short run ${inMB(short.memory)}, long run ${inMB(long.memory)} (${long.end.updates} updates)`,
  );
  expect(afterLong).toBeLessThan(200 * MB);
  expect(afterLong - idle).toBeLessThan(50 * MB);
  expect(afterLong - afterShort).toBeLessThan(10 * MB);
  // Our own counters: what could grow is bounded.
  expect(long.end.sharedMemoryBytes).toBe(short.end.sharedMemoryBytes);
  expect(long.end.workerCount).toBe(short.end.workerCount);
  expect(long.end.curve.length).toBeLessThanOrEqual(501);
});

test("ten thousand updates leave the page's heap, the shared memory and the workers as they were", async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  /** Bytes that the page itself keeps, workers apart, after collections. */
  const kept = async () => {
    let least = Number.POSITIVE_INFINITY;
    for (let look = 0; look < 3; look++) {
      await session.send("HeapProfiler.collectGarbage");
      least = Math.min(least, (await session.send("Runtime.getHeapUsage")).usedSize);
    }
    return least;
  };
  const look = async (updates: number, seconds: number) => {
    const seen = await until(page, `update ${updates}`, (r) => r.updates >= updates && r.seconds >= seconds);
    return { updates: seen.updates, bytes: await kept(), shared: seen.sharedMemoryBytes, workers: seen.workerCount };
  };
  await open(page, "seed=2&actors=2&engine=simd&until=never");
  await train(page);
  await expect(page.locator("svg.recharts-surface").first()).toBeVisible();
  const early = await look(2000, 3); // every chart has been drawn some times
  const late = await look(early.updates + 10_000, 0);
  expect(late.shared).toBe(early.shared);
  expect(late.workers).toBe(early.workers);
  // Curves have some hundred points more, up to their 500. A leak of 100 bytes an update would not fit.
  expect(late.bytes - early.bytes).toBeLessThan(1 * MB);
  console.log(
    `heap of the page in MB: ${(early.bytes / MB).toFixed(2)} at update ${early.updates}, ` +
      `${(late.bytes / MB).toFixed(2)} at update ${late.updates}`,
  );
});
