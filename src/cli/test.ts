/**
 * Every check and test: npm test. Types, lint, unit tests, then the built page in a real browser.
 * All of them run, whatever failed before, and the last line adds them up: "N passed, N failed".
 *
 *   tsx src/cli/test.ts [types] [lint] [unit] [e2e] [arguments for the last one]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBrowser, thisMachine } from "./browser.ts";
import { getFirefox } from "./firefox.ts";
import { bin, freePort, isMain, show } from "./process.ts";
import { findWebKit, webkitMissing } from "./webkit.ts";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const none: Counts = { passed: 0, failed: 0, skipped: 0 };
const oneFailed: Counts = { ...none, failed: 1 };

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const summary = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

/** A failure that no test shows (a crash, an error between the tests, no tests at all) is a failure all the same. */
const honest = (counts: Counts, code: number | null): Counts =>
  code !== 0 && counts.failed === 0 ? add(counts, oneFailed) : counts;

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** One a file. A file that cannot be loaded has failed without a failed test. */
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

export function vitestCounts(report: VitestReport | null, code: number | null): Counts {
  if (!report) return oneFailed;
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return honest(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    code,
  );
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

export function playwrightCounts(report: PlaywrightReport | null, code: number | null): Counts {
  if (!report) return oneFailed;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return honest({ passed: expected + flaky, failed: unexpected, skipped }, code);
}

/** Runs a step that writes a report as JSON into a file; null where there is none. */
async function reported<T>(
  run: (file: string) => Promise<number | null>,
): Promise<{ report: T | null; code: number | null }> {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-test-"));
  try {
    const file = join(folder, "report.json");
    const code = await run(file);
    try {
      return { report: JSON.parse(readFileSync(file, "utf8")) as T, code };
    } catch {
      return { report: null, code };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a script of node_modules with this Node. */
const node = async (script: string, args: readonly string[], env?: NodeJS.ProcessEnv) =>
  (await show(process.execPath, [bin(script), ...args], env)).code;

const passes = async (code: Promise<number | null>) => ((await code) === 0 ? none : oneFailed);

async function unit(args: readonly string[]): Promise<Counts> {
  const { report, code } = await reported<VitestReport>((file) =>
    node("vitest/vitest.mjs", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args]),
  );
  return vitestCounts(report, code);
}

async function e2e(args: readonly string[]): Promise<Counts> {
  const { chromium } = await import("@playwright/test");
  const machine = thisMachine(() => chromium.executablePath());
  const browser = getBrowser(machine);
  if ("problem" in browser) {
    console.error(browser.problem);
    return oneFailed;
  }
  console.log(`Browser: ${browser.path}`);
  const firefox = getFirefox(machine);
  const hasFirefox = "path" in firefox;
  console.log(hasFirefox ? `Firefox: ${firefox.path}` : `${firefox.problem}\nThe tests in Firefox are skipped.`);
  const webkit = findWebKit(machine);
  console.log(webkit ? `WebKit: ${webkit.browser}` : `The tests in WebKit are skipped: ${webkitMissing}.`);
  if ((await node("vite/bin/vite.js", ["build", "--logLevel", "warn"])) !== 0) return oneFailed;
  let counts = none;
  for (const [project, workers] of [
    ["together", 2],
    ["alone", 1],
  ] as const) {
    const port = String(await freePort());
    const options = [`--project=${project}`, `--workers=${workers}`, "--reporter=list,json", "--pass-with-no-tests"];
    const { report, code } = await reported<PlaywrightReport>((file) =>
      node("@playwright/test/cli.js", ["test", ...options, ...args], {
        CHROMIUM_PATH: browser.path,
        ...(hasFirefox ? { FIREFOX_PATH: firefox.path } : {}),
        CARTPOOL_TEST_PORT: port,
        PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      }),
    );
    counts = add(counts, playwrightCounts(report, code));
  }
  return counts;
}

const steps = {
  types: { title: "Types", run: (args: readonly string[]) => passes(node("typescript/bin/tsc", ["-b", ...args])) },
  lint: {
    title: "Lint",
    run: (args: readonly string[]) => passes(node("@biomejs/biome/bin/biome", ["check", ...args])),
  },
  unit: { title: "Unit tests", run: unit },
  e2e: { title: "End-to-end tests", run: e2e },
};
type Step = keyof typeof steps;

/** The steps that are named first, all of them if none is, and what follows for the last one. */
export function parseSteps(args: readonly string[]): { chosen: Step[]; rest: string[] } {
  const end = args.findIndex((arg) => !Object.hasOwn(steps, arg));
  const named = args.slice(0, end === -1 ? args.length : end) as Step[];
  const chosen = named.length > 0 ? named : (Object.keys(steps) as Step[]);
  return { chosen, rest: args.slice(named.length) };
}

async function main(): Promise<void> {
  const { chosen, rest } = parseSteps(process.argv.slice(2));
  const lines: string[] = [];
  let total = none;
  for (const [index, name] of chosen.entries()) {
    const { title, run } = steps[name];
    console.log(`\n— ${title}`);
    const counts = await run(index === chosen.length - 1 ? rest : []);
    const counted = counts.passed + counts.skipped > 0 ? summary(counts) : counts.failed > 0 ? "failed" : "passed";
    lines.push(`${title}: ${counted}`);
    total = add(total, counts);
  }
  console.log(`\n${lines.join("\n")}\n${summary(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

if (isMain(import.meta.url)) await main();
