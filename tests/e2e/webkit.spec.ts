/** The same page in WebKit, driven by WebDriver: Safari's engine on Linux. */
import { thisMachine } from "../../src/cli/browser.ts";
import { findWebKit, webkitMissing } from "../../src/cli/webkit.ts";
import { expect, test, trainToEnd } from "./page.ts";
import { type DrivenPage, openInWebKit } from "./webdriver.ts";
import { pressTrain, runHere, walkPanes } from "./within.ts";

const webkit = findWebKit(thisMachine(() => ""));
test.skip(webkit === null, webkitMissing);

test.setTimeout(300_000);

/** The last line proves that the others would have been heard. */
async function expectSilence(page: DrivenPage): Promise<void> {
  await page.evaluate(() => console.warn("heard"), null);
  expect(await page.noise()).toEqual(["warn: heard"]);
}

test("in WebKit a run has the same bits, every engine learns once, and every pane opens while it trains", async () => {
  const page = await openInWebKit(webkit!, "seed=1&engine=simd&until=solved", true);
  try {
    const solved = await page.evaluate(pressTrain, null);
    expect(solved).toMatchObject({ status: "stopped", problem: null, solved: true, envSteps: 102_560 });
    expect(solved.parametersHash).toBe("5b90236d");
    for (const engine of ["tfjs-wasm", "tfjs-cpu"]) {
      const query = `engine=${engine}&seed=2&actors=2&envs=2&hidden=8&until=updates:50`;
      const once = await page.evaluate(runHere, query);
      expect(once).toMatchObject({ status: "stopped", problem: null, backend: engine, updates: 50, envSteps: 50 * 20 });
      expect(once.staleness).toEqual({ mean: 0, max: 0 });
    }
    await page.evaluate(walkPanes, "engine=simd&actors=2&pace=watchable");
    await expectSilence(page);
  } finally {
    await page.close();
  }
});

test("WebKit that shares no memory trains on one thread, says so, and has the same bits", async ({
  page: chromium,
}) => {
  const query = "seed=6&engine=simd&actors=2&until=updates:300";
  const { parametersHash } = await trainToEnd(chromium, query);
  const page = await openInWebKit(webkit!, query, false);
  try {
    expect(await page.evaluate(() => crossOriginIsolated, null)).toBe(true);
    const alone = await page.evaluate(pressTrain, null);
    expect(alone).toMatchObject({ status: "stopped", problem: null, updates: 300, workerCount: 1, parametersHash });
    expect(await page.evaluate(() => document.querySelector("[role=note]")?.textContent, null)).toContain(
      "does not let the page share memory with its threads",
    );
    await page.evaluate(walkPanes, "engine=simd&actors=2&pace=watchable");
    await expectSilence(page);
  } finally {
    await page.close();
  }
});
