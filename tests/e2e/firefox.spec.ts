import type { Page } from "@playwright/test";
import { thisMachine } from "../../src/cli/browser.ts";
import { findFirefox } from "../../src/cli/firefox.ts";
import { packedIn } from "../../src/ui/share/shared.ts";
import type { Report } from "../../src/ui/state/report.ts";
import { lockstepPins } from "../runtime/pins.ts";
import { expect, open, sharedLink, test, trainToEnd } from "./page.ts";
import { openRemotely, type RemotePage } from "./remote.ts";
import { pressTrain, runHere, walkPanes } from "./within.ts";

const firefox = findFirefox(thisMachine(() => ""));
test.skip(firefox === null, "no Firefox was found: install it, or set FIREFOX_PATH to the program");

/** What a lockstep run promises to be the same everywhere. Seconds are the clock's. */
const promised = ({ status, problem, query, backend, updates, envSteps, episodes, ...of }: Report) => ({
  ...{ status, problem, query, backend, updates, envSteps, episodes },
  parametersHash: of.parametersHash,
  evaluation: of.evaluation,
  curve: of.curve.map(([steps, , mean]) => [steps, mean]),
});

const UPDATES = 400;
const lockstep = `algo=a2c&engine=simd&actors=2&evalEvery=100&until=updates:${UPDATES}`;
const queries = [
  `${lockstep}&seed=5&gradients=actors&activation=tanh&hidden=64&optimizer=adam`,
  `${lockstep}&seed=6&gradients=actors&activation=relu&hidden=64&optimizer=rmsprop`,
  `${lockstep}&seed=7&gradients=actors&activation=tanh&hidden=64,64&optimizer=rmsprop&lambda=0.95`,
  `${lockstep}&seed=8&gradients=actors&activation=relu&hidden=64,64&optimizer=adam`,
  `${lockstep}&seed=9&gradients=learner&activation=tanh&hidden=33,20&optimizer=adam&lr=0.003&schedule=linear`,
];

/** Warnings and errors of the page and its workers, without what Firefox says about itself. */
const noiseOf = ({ output, url }: RemotePage) =>
  output()
    .split("\n")
    .filter((line) => line.startsWith(`JavaScript error: ${url}`) || /^console\.(warn|error): ["({[]/.test(line));

test("a lockstep run has the same bits in Chromium and in Firefox, and A3C trains in both", async ({ page }) => {
  const inChromium = (of: Page, query: string) => of.evaluate(runHere, query);
  await open(page);
  const remote = await openRemotely(firefox!, "algo=a3c&actors=2&seed=3&until=solved,steps:500000");
  try {
    const asynchronous = await remote.evaluate(pressTrain, null);
    expect(asynchronous).toMatchObject({ status: "stopped", problem: null, solved: true, targetReached: true });
    const hashes = new Set<string>();
    for (const query of queries) {
      const here = promised(await inChromium(page, query));
      expect(here).toMatchObject({ status: "stopped", problem: null, backend: "simd", updates: UPDATES });
      expect(here.curve.length).toBeGreaterThan(10);
      hashes.add(here.parametersHash);
      expect(promised(await remote.evaluate(runHere, query))).toEqual(here);
    }
    expect(hashes.size).toBe(queries.length);
    // What Chromium holds to too (training.spec.ts).
    for (const { name, query, promised } of lockstepPins().slice(0, 4))
      expect(await remote.evaluate(runHere, query), name).toMatchObject(promised);
    expect(await remote.evaluate(walkPanes, "engine=simd&actors=2&pace=watchable")).toHaveLength(11);
    // The last line proves that the others would have been heard.
    await remote.evaluate(() => console.warn("heard"), null);
    await expect.poll(() => noiseOf(remote)).toEqual(['console.warn: "heard"']);
  } finally {
    await remote.close();
  }
});

test("a link that Chromium shares is reproduced, bit for bit, by who opens it in Firefox and presses Train", async ({
  page,
}) => {
  const sharer = await trainToEnd(page, `${lockstep}&seed=12`);
  expect(sharer).toMatchObject({ status: "stopped", problem: null, updates: UPDATES });
  const { search, hash } = new URL(await sharedLink(page));
  expect(packedIn(hash)).not.toBeNull();
  const remote = await openRemotely(firefox!, search.slice(1) + hash);
  try {
    const repeated = await remote.evaluate(pressTrain, null);
    expect(promised(repeated)).toEqual(promised(sharer));
    const strip = () => remote.evaluate(() => document.querySelector("[aria-label='Shared run']")?.textContent, null);
    await expect.poll(strip).toContain("Reproduced, bit for bit.");
  } finally {
    await remote.close();
  }
});
