/**
 * Trains without a person: the built page in a real Chromium, until the run ends.
 *
 *   npm run headless -- "<run query>" [--json FILE] [--timeout SECONDS] [--software-gpu] [--browser-arg=SWITCH]
 *
 * Exit status: 0 the target was reached, 1 it was not, 2 the query or an argument is wrong.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Page } from "@playwright/test";
import { endlessProblem } from "../runtime/plan/config.ts";
import { decodeRun, withoutTracking } from "../ui/address/url.ts";
import type { Report } from "../ui/state/report.ts";
import { getBrowser, launchArgs, thisMachine } from "./browser.ts";
import { outputProblem, writeJson } from "./output.ts";
import { onInterrupt, runAsScript } from "./process.ts";
import { buildIfNeeded, serve } from "./serve.ts";

const usage = `usage: npm run headless -- "<run query>" [options]
  <run query>            what follows the ? of a run's address, or the whole address
  --json FILE            write the result to a file
  --timeout SECONDS      give up after this time (default 600)
  --software-gpu         WebGPU on the processor instead of the graphics hardware
  --browser-arg=SWITCH   one more switch for Chromium; may be repeated`;

export interface Arguments {
  query: string;
  /** What follows the # of the address, "" if nothing does. */
  hash: string;
  json: string | null;
  timeout: number; // seconds
  softwareGpu: boolean;
  browserArgs: string[];
}

export type ParsedArguments = { ok: true; value: Arguments } | { ok: false; problem: string };

/** Splits an address, or the query of one, and makes a run without a stop condition end when it is solved. */
export function splitAddress(text: string): { query: string; hash: string } {
  const [beforeHash, ...afterHash] = text.trim().split("#");
  const written = beforeHash.slice(beforeHash.indexOf("?") + 1);
  const isBareAddress = !beforeHash.includes("?") && /^https?:\/\//.test(beforeHash);
  const given = isBareAddress ? "" : withoutTracking(written);
  const query = new URLSearchParams(given).has("until") ? given : `${given}${given ? "&" : ""}until=solved`;
  return { query, hash: afterHash.join("#") };
}

export function parseArguments(args: readonly string[]): ParsedArguments {
  const wrong = (problem: string): ParsedArguments => ({ ok: false, problem });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "string" },
        timeout: { type: "string", default: "600" },
        "software-gpu": { type: "boolean", default: false },
        "browser-arg": { type: "string", multiple: true, default: [] },
      },
    });
    if (positionals.length !== 1) return wrong(`one run query is needed, not ${positionals.length}`);
    const timeout = Number(values.timeout);
    if (!(timeout > 0 && timeout <= 86_400))
      return wrong(`--timeout must be from 1 to 86400 seconds, not "${values.timeout}"`);
    return {
      ok: true,
      value: {
        ...splitAddress(positionals[0]),
        json: values.json ?? null,
        timeout,
        softwareGpu: values["software-gpu"],
        browserArgs: values["browser-arg"],
      },
    };
  } catch (error) {
    return wrong((error as Error).message);
  }
}

const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** One line that says how far a run is. */
export function progressLine(report: Report): string {
  const parts = [
    `${report.seconds.toFixed(0).padStart(4)} s`,
    `${whole.format(report.envSteps)} steps`,
    `${compact.format(report.stepsPerSecond)} steps/s`,
    `${whole.format(report.updates)} updates`,
    `return ${report.meanReturn100 === null ? "–" : report.meanReturn100.toFixed(1)}`,
    `staleness ${report.staleness.mean.toFixed(2)}`,
  ];
  return parts.join("   ") + (report.status === "running" ? "" : `   ${report.status}`);
}

/** What --json writes. */
export function result(report: Report, problem: string | null) {
  const { query, backend, solved, envSteps, updates, seconds, stepsPerSecond, meanReturn100 } = report;
  const { evaluation, staleness, curve, parametersHash } = report;
  const measured = { envSteps, updates, seconds, stepsPerSecond, meanReturn100, evaluation, staleness, curve };
  return { query, backend, solved, ...measured, parametersHash, ...(problem ? { problem } : {}) };
}

interface Ending {
  reached: boolean;
  problem: string | null;
}

const ended = (report: Report): Ending | null => {
  const refused = report.status === "idle" && report.problem !== null;
  if (report.status === "failed" || refused) return { reached: false, problem: report.problem ?? "the run failed" };
  if (report.status !== "stopped") return null;
  const reason = report.stopReason ? ` (${report.stopReason})` : "";
  return {
    reached: report.targetReached,
    problem: report.targetReached ? null : (report.problem ?? `stopped short of the target${reason}`),
  };
};

/** Presses Train and watches the run until it ends. seen: told of every report. */
async function train(page: Page, address: string, seen: (report: Report) => void): Promise<Ending> {
  await page.goto(address);
  await page.getByRole("button", { name: /^Train/ }).click({ timeout: 60_000 });
  for (;;) {
    const report = await page.evaluate(() =>
      (window as unknown as { cartpool: { report(): Report } }).cartpool.report(),
    );
    seen(report);
    const ending = ended(report);
    if (ending) return ending;
    await sleep(1000);
  }
}

/** Trains; returns the exit status. */
async function run(args: Arguments): Promise<number> {
  const { chromium } = await import("@playwright/test");
  const machine = thisMachine(() => chromium.executablePath());
  const found = getBrowser(machine);
  if ("problem" in found) {
    console.error(found.problem);
    return 1;
  }
  await buildIfNeeded();

  const closing: (() => Promise<unknown>)[] = [];
  let last = null as Report | null;
  let status = 1;
  // The first of: the run ends, the time is up, the page crashes, the browser dies, a signal comes.
  let stop: (ending: Ending) => void = () => {};
  const stopped = new Promise<Ending>((resolve) => {
    stop = resolve;
  });
  const fail = (problem: string) => stop({ reached: false, problem });
  onInterrupt((code) => {
    status = code;
    fail("interrupted");
  });
  try {
    const start = async () => {
      const { server, url } = await serve({ host: "127.0.0.1", port: 4173 });
      closing.push(() => server.close());
      const launching = chromium.launch({
        executablePath: found.path,
        args: [...launchArgs({ isRoot: machine.isRoot, softwareGpu: args.softwareGpu }), ...args.browserArgs],
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      });
      closing.push(() => launching.then((browser) => browser.close()));
      const browser = await launching;
      browser.on("disconnected", () => fail("the browser ended unexpectedly"));
      const page = await browser.newPage();
      page.on("crash", () => fail("the page crashed"));
      page.on("pageerror", (error) => console.error(`page: ${error.message}`));
      page.on("console", (message) => message.type() === "error" && console.error(`page: ${message.text()}`));
      const address = `${url}?${args.query}${args.hash ? `#${args.hash}` : ""}`;
      return train(page, address, (report) => {
        last = report;
        console.log(progressLine(report));
      });
    };
    start().then(stop, (error) => fail(error instanceof Error ? error.message : String(error)));
    const timer = setTimeout(() => fail(`no end after ${args.timeout} seconds`), args.timeout * 1000);
    const { reached, problem } = await stopped;
    clearTimeout(timer);
    if (reached) status = 0;
    if (problem) console.error(problem);
    else console.log(`Target reached: ${last?.stopReason ?? "done"}`);
    if (args.json !== null && last && !writeJson(args.json, result(last, problem))) status = 1;
  } finally {
    await Promise.race([Promise.allSettled(closing.reverse().map((close) => close())), sleep(5000)]);
  }
  return status;
}

/** What is wrong with a query, or with the file for its result, before any browser starts. */
export function problemsBefore({ query, json }: Pick<Arguments, "query" | "json">): string[] {
  const { config, problems } = decodeRun(query);
  const inQuery = problems.map(({ key, message }) => (message.startsWith(key) ? message : `${key}: ${message}`));
  const others = [endlessProblem(config), json === null ? null : outputProblem(json)];
  return [...inQuery, ...others.filter((problem) => problem !== null)];
}

/** Checks everything before any browser starts; returns the exit status. */
async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (!parsed.ok) {
    console.error(`${parsed.problem}\n${usage}`);
    return 2;
  }
  const problems = problemsBefore(parsed.value);
  for (const problem of problems) console.error(problem);
  return problems.length > 0 ? 2 : run(parsed.value);
}

runAsScript(import.meta.url, main);
