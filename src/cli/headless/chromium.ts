/** The built page in a real Chromium, until the run ends. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import type { Report } from "../../ui/state/report.ts";
import { getBrowser, launchArgs, thisMachine } from "../browser.ts";
import type { Policy } from "../node/train.ts";
import { writeJson } from "../output.ts";
import { onInterrupt } from "../process.ts";
import { buildIfNeeded, serve } from "../serve.ts";
import type { Arguments } from "./arguments.ts";
import { type Fulfilled, fulfil, type Wishes } from "./policy.ts";
import { type Ending, endingOf, progressLine, result, sayEnding } from "./result.ts";

type Ended = Ending & Partial<Fulfilled>;

/** The page's window, for scripts. */
export interface Scripted {
  readonly cartpool: typeof import("../../ui/state/console.ts");
}

/** The policy that a run has ended with. */
async function policyOf(page: Page): Promise<Policy | null> {
  const policy = await page.evaluate(() => (window as unknown as Scripted).cartpool.policy());
  return policy && { ...policy, parameters: Float32Array.from(policy.parameters) };
}

/** Presses Train and watches the run until it ends. seen: told of every report. */
async function train(page: Page, address: string, wishes: Wishes, seen: (report: Report) => void): Promise<Ended> {
  await page.goto(address);
  await page.getByRole("button", { name: /^Train/ }).click({ timeout: 60_000 });
  for (;;) {
    const report = await page.evaluate(() => (window as unknown as Scripted).cartpool.report());
    seen(report);
    const ending = endingOf(report);
    if (ending) return { ...ending, ...fulfil(wishes, report, await policyOf(page)) };
    await sleep(1000);
  }
}

/** Trains the one run that is asked for; returns the exit status. */
export async function runInChromium(args: Arguments): Promise<number> {
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
  let stop: (ending: Ended) => void = () => {};
  const stopped = new Promise<Ended>((resolve) => {
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
      const [{ query, hash }] = args.runs;
      const address = `${url}?${query}${hash ? `#${hash}` : ""}`;
      return train(page, address, args, (report) => {
        last = report;
        console.log(progressLine(report));
      });
    };
    start().then(stop, (error) => fail(error instanceof Error ? error.message : String(error)));
    const timer = setTimeout(() => fail(`no end after ${args.timeout} seconds`), args.timeout * 1000);
    const ending = await stopped;
    clearTimeout(timer);
    if (ending.reached && ending.isWritten) status = 0;
    sayEnding(ending, last);
    const made = last && result(last, ending.problem, ending.finalEvaluation);
    if (args.json !== null && made && !writeJson(args.json, made)) status = 1;
  } finally {
    await Promise.race([Promise.allSettled(closing.reverse().map((close) => close())), sleep(5000)]);
  }
  return status;
}
