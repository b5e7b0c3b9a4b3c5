/**
 * An older build against this one: npm run bench -- --against FOLDER [--pairs N] [--json FILE]
 *
 * FOLDER is a checkout whose page is built (FOLDER/dist). Both pages are open in one browser and measure in turns, so that
 * each pair meets the same weather; which of the two begins alternates. The exit status is 1 where the new build is slower.
 */
import { existsSync, readdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { preview } from "vite";
import type { Case, NetworkName, Rates } from "../bench/cases.ts";
import { networks } from "../bench/cases.ts";
import { type Interval, isSlower, LEAST_PAIRS, type Pair, TOLERATED, timeRatio } from "../bench/pairs.ts";
import { steadyRate } from "../bench/ratios.ts";
import type { Report } from "../ui/state/report.ts";
import { table } from "./bench.ts";
import { getBrowser, launchArgs, thisMachine } from "./browser.ts";
import { writeJson } from "./output.ts";
import { bin, freePort, root } from "./process.ts";
import { buildIfNeeded } from "./serve.ts";

/** Milliseconds of a measurement on one thread, before the first pair and in each. */
const WARM = 300;
const ROUND = 100;
/** Seconds of a training loop. */
const LOOP = 0.6;

/** Work that both builds do. */
type Subject =
  | { readonly of: "acting" | "learning"; readonly network: NetworkName; readonly case: Case }
  | { readonly of: "whole loop"; readonly network: NetworkName; readonly query: string };

const onThread = (name: "act" | "learn", network: NetworkName): Case => ({
  ...{ name, engine: "simd", network },
  ...(name === "act" ? { batch: 64, unit: "steps" } : { batch: 2048, unit: "samples" }),
});

/** As the benchmark's loop: two actors, 64 copies each, 32 steps an unroll. */
const loop = (network: NetworkName) =>
  `v=1&algo=a2c&env=CartPole-v1&actors=2&envs=64&unroll=32&hidden=${networks[network].join(",")}&engine=simd&gradients=actors&evalEvery=100000&until=seconds:${LOOP}`;

const subjects: readonly Subject[] = (["L1", "L2"] as const).flatMap((network): Subject[] => [
  { of: "acting", network, case: onThread("act", network) },
  { of: "learning", network, case: onThread("learn", network) },
  { of: "whole loop", network, query: loop(network) },
]);

/** The script of the worker that measures a case, below `dist`. Throws where the folder holds no built page. */
export function benchWorker(folder: string): string {
  const assets = join(folder, "dist/assets");
  const found = existsSync(assets) ? readdirSync(assets).find((name) => /^bench\.worker-.*\.js$/.test(name)) : null;
  if (!found) throw new Error(`${folder} holds no built page with a benchmark: run npx vite build there`);
  return `assets/${found}`;
}

interface Comlink {
  wrap(worker: Worker): {
    prepare(of: Case, warmMilliseconds: number): Promise<string | null>;
    measure(milliseconds: number): Promise<Rates>;
  };
}
/** What the script adds to a page. */
interface Bench extends Window {
  Comlink: Comlink;
  prepared: ReturnType<Comlink["wrap"]>[];
  cartpool: { run(query: string): Promise<Report> };
}

/** A built page, ready to measure every subject. */
class Build {
  private constructor(
    private readonly page: Page,
    private readonly close: () => Promise<void>,
  ) {}

  static async open(browser: Browser, folder: string): Promise<Build> {
    const script = benchWorker(folder);
    const port = await freePort();
    const server = await preview({
      ...{ root: folder, configFile: join(root, "vite.config.ts"), logLevel: "warn" },
      preview: { host: "127.0.0.1", port, strictPort: true, open: false },
    });
    const page = await browser.newPage({ bypassCSP: true }); // a script of ours is put into the page
    const build = new Build(page, () => server.close());
    page.on("pageerror", (error) => console.error(`page: ${error.message}`));
    // A page that draws takes processor time from what is measured.
    await page.addInitScript("window.requestAnimationFrame = () => 0");
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => "cartpool" in window);
    await page.addScriptTag({ path: bin("comlink/dist/umd/comlink.js") });
    await page.evaluate(() => {
      (window as unknown as Bench).prepared = [];
    });
    for (const [i, subject] of subjects.entries()) {
      if (!("case" in subject)) continue;
      const problem = await page.evaluate(
        async ({ script, of, warm, i }) => {
          const { Comlink, prepared } = window as unknown as Bench;
          prepared[i] = Comlink.wrap(new Worker(script, { type: "module", name: `bench ${of.name} ${of.network}` }));
          return prepared[i].prepare(of, warm);
        },
        { script, of: subject.case, warm: WARM, i },
      );
      if (problem) throw new Error(`${basename(folder)} cannot measure ${subject.of}: ${problem}`);
    }
    return build;
  }

  /** Units a second. */
  async measure(subject: Subject): Promise<number> {
    if ("case" in subject)
      return this.page.evaluate(
        async ({ i, milliseconds }) => (await (window as unknown as Bench).prepared[i].measure(milliseconds)).perSecond,
        { i: subjects.indexOf(subject), milliseconds: ROUND },
      );
    const { problem, envSteps, seconds, curve } = await this.page.evaluate(
      (query) => (window as unknown as Bench).cartpool.run(query),
      subject.query,
    );
    if (problem) throw new Error(problem);
    const returns = curve.map(([envSteps, seconds]) => ({ envSteps, seconds }));
    return steadyRate({ envSteps, seconds, returns });
  }

  async end(): Promise<void> {
    await this.page.close();
    await this.close();
  }
}

export interface Comparison {
  readonly of: Subject["of"];
  readonly network: NetworkName;
  readonly pairs: readonly Pair[];
  readonly time: Interval;
}

export function printed(comparisons: readonly Comparison[]): string {
  const slower = comparisons.filter(({ time }) => isSlower(time));
  const rows = comparisons.map(({ of, network, pairs, time: { median, low, high } }) => [
    ...[of, network, median.toFixed(3), `${low.toFixed(3)} … ${high.toFixed(3)}`, String(pairs.length)],
  ]);
  return [
    "Time of the new build / time of the old build: below 1 the new one is faster",
    table([["what", "net", "median", "95 % interval", "pairs"], ...rows], 2),
    "",
    slower.length === 0
      ? `No interval lies above ${TOLERATED}.`
      : `Slower: ${slower.map(({ of, network }) => `${of} ${network}`).join(", ")} (the interval lies above ${TOLERATED}).`,
  ].join("\n");
}

/** What else the machine had to do. The benchmark itself keeps about two threads busy. */
export function weather(before: number, after: number, threads: number): string {
  const line = `Load of the machine, ${threads} threads: ${before.toFixed(1)} before, ${after.toFixed(1)} after.`;
  return before < threads / 2 ? line : `${line} It had much else to do: such intervals are wide and decide little.`;
}

/** Measures both builds in turns. Returns the exit status. */
export async function compare(folder: string, pairs: number, json?: string): Promise<number> {
  if (!Number.isInteger(pairs) || pairs < LEAST_PAIRS)
    throw new Error(`--pairs must be a whole number from ${LEAST_PAIRS} on, not ${pairs}`);
  const old = resolve(folder);
  benchWorker(old);
  const { chromium } = await import("@playwright/test");
  const machine = thisMachine(() => chromium.executablePath());
  const found = getBrowser(machine);
  if ("problem" in found) throw new Error(found.problem);
  await buildIfNeeded();
  const before = loadavg();
  const args = launchArgs({ isRoot: machine.isRoot, softwareGpu: false });
  const browser = await chromium.launch({ executablePath: found.path, args });
  const builds: Build[] = [];
  try {
    for (const of of [old, root]) builds.push(await Build.open(browser, of));
    const measured = subjects.map((subject) => ({ subject, pairs: [] as Pair[] }));
    for (let pair = -1; pair < pairs; pair++) {
      console.error(pair < 0 ? "warming" : `pair ${pair + 1} of ${pairs}`);
      for (const { subject, pairs } of measured) {
        const rates = { old: 0, new: 0 };
        const inTurn = (["old", "new"] as const).map((which, i) => ({ which, build: builds[i] }));
        for (const { which, build } of pair % 2 === 0 ? inTurn : inTurn.toReversed())
          rates[which] = await build.measure(subject);
        if (pair >= 0) pairs.push(rates);
      }
    }
    const comparisons = measured.map(
      ({ subject: { of, network }, pairs }): Comparison => ({ of, network, pairs, time: timeRatio(pairs) }),
    );
    console.log(printed(comparisons));
    const load = { before: before[0], after: loadavg()[0] };
    console.log(weather(load.before, load.after, cpus().length));
    const isWritten = !json || writeJson(json, { comparisons, load, processor: cpus()[0]?.model });
    return isWritten && !comparisons.some(({ time }) => isSlower(time)) ? 0 : 1;
  } finally {
    for (const build of builds) await build.end();
    await browser.close();
  }
}
