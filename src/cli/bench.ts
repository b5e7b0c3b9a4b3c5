/**
 * The benchmark, in a real Chromium: npm run bench -- [--quick] [--json FILE]; or against an older build (against.ts)
 *
 * Every figure of one call comes from one run of one browser, interleaved; compare within a table only.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Page } from "@playwright/test";
import type { BenchReport } from "../bench/bench.ts";
import { missingTexts, type RatioName, ratioNames, ratioText } from "../bench/ratios.ts";
import { getBrowser, launchArgs, thisMachine } from "./browser.ts";
import { outputProblem, writeJson } from "./output.ts";
import { runAsScript } from "./process.ts";
import { buildIfNeeded, serve } from "./serve.ts";

export const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const percent = (x: number) => `${(100 * x).toFixed(0)} %`;

/** @param words columns that begin at the left */
export function table(rows: readonly (readonly string[])[], words = 3): string {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows
    .map((row) => row.map((cell, c) => (c < words ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join("  "))
    .join("\n");
}

export const whole = (x: number) => Math.round(x).toLocaleString("en");

export function printed(report: BenchReport): string {
  const { results, missing, ratios, endToEnd, solve } = report;
  const apart = results.map((r) => [
    r.name,
    r.engine,
    r.network === "none" ? "–" : r.network,
    whole(r.batch),
    `${compact.format(r.perSecond)} ${r.unit}/s`,
    `± ${percent(r.spread)}`,
  ]);
  const loops = endToEnd.runs.map((r) => [
    "train",
    `${r.actors} actor${r.actors === 1 ? "" : "s"}`,
    r.network,
    "64 × 32",
    `${compact.format(r.stepsPerSecond)} env-steps/s`,
    `± ${percent(r.spread)}`,
  ]);
  const names = Object.keys(ratioNames) as RatioName[];
  const { seeds, solved, medianSeconds, medianEnvSteps } = solve;
  return [
    table([["what", "engine", "net", "batch", "median", "spread"], ...apart, ...loops]),
    "",
    table(names.map((name) => [name, ratioNames[name], "", ratioText(name, ratios[name])])),
    ...missingTexts(missing),
    "",
    `CartPole-v1 solved by A2C with the defaults: ${solved} of ${seeds} seeds, median ${medianSeconds.toFixed(2)} s and ${whole(medianEnvSteps)} env-steps`,
  ].join("\n");
}

/** Opens the page. Returns the name of the graphics adapter that WebGPU finds there, or null. */
async function adapterOf(page: Page, url: string): Promise<string | null> {
  await page.goto(url);
  return page.evaluate(async () => {
    const info = (await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }))?.info;
    return info ? info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") : null;
  });
}

/** Opens the built page in Chromium, hands over to `use`, and closes everything. Throws where no browser is to be had. */
export async function onPage<T>(use: (page: Page, adapter: string | null) => Promise<T>): Promise<T> {
  const { chromium } = await import("@playwright/test");
  const machine = thisMachine(() => chromium.executablePath());
  const found = getBrowser(machine);
  if ("problem" in found) throw new Error(found.problem);
  await buildIfNeeded();
  const { server, url } = await serve({ host: "127.0.0.1", port: 4173 });
  const launch = (softwareGpu: boolean) =>
    chromium.launch({ executablePath: found.path, args: launchArgs({ isRoot: machine.isRoot, softwareGpu }) });
  let browser = await launch(false);
  try {
    // Where the machine has no graphics adapter, the browser's own on the processor.
    const hasAdapter = await adapterOf(await browser.newPage(), url);
    if (!hasAdapter) {
      await browser.close();
      browser = await launch(true);
    }
    const page = await browser.newPage();
    const adapter = await adapterOf(page, url);
    page.on("pageerror", (error) => console.error(`page: ${error.message}`));
    await page.exposeFunction("benchProgress", (line: string) => console.error(line));
    await page.waitForFunction(() => "cartpool" in window);
    return await use(page, adapter);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...{ quick: { type: "boolean", default: false }, json: { type: "string" } },
      ...{ against: { type: "string" }, pairs: { type: "string", default: "31" } },
    },
  });
  const { quick, json, against } = values;
  const problem = json === undefined ? null : outputProblem(json);
  if (problem !== null) {
    console.error(problem);
    return 2;
  }
  if (against !== undefined) {
    const { compare } = await import("./against.ts");
    return compare(against, Number(values.pairs), json);
  }
  return onPage(async (page, adapter) => {
    const report: BenchReport = await page.evaluate(
      `window.cartpool.bench({ scale: "${quick ? "quick" : "full"}", onProgress: window.benchProgress })`,
    );
    console.log(printed(report));
    const machine = { ...report.machine, processor: cpus()[0]?.model ?? "unknown", load: loadavg(), adapter };
    return json === undefined || writeJson(json, { ...report, machine }) ? 0 : 1;
  });
}

runAsScript(import.meta.url, main);
