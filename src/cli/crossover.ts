/**
 * Where a graphics device begins to win: npm run crossover -- [--quick] [--browser] [--json FILE]
 *
 * Updates a second of the SIMD kernels on one thread, of the fused WebGPU step and of TensorFlow.js op by op, interleaved,
 * each update waited for. On WebGPU in Node (npm i --no-save webgpu), or with --browser in Chromium. Without a graphics
 * device, VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json lends Node the software adapter of Debian's Chromium.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import {
  type Contender,
  type Crossover,
  contenders,
  crossoversOf,
  type Grid,
  gridOf,
  type Measurements,
  measureGrid,
  rateOf,
} from "../bench/crossover.ts";
import type { learning } from "../bench/learning.ts";
import { describeAdapter } from "../nn/tfjs/adapter.ts";
import { compact, onPage, table, whole } from "./bench.ts";
import { startDawn, withBundled } from "./dawn.ts";
import { outputProblem, writeJson } from "./output.ts";
import { runAsScript } from "./process.ts";

const titles: Record<Contender, string> = { simd: "SIMD", webgpu: "WebGPU fused", "tfjs-webgpu": "tfjs op by op" };

export interface Found extends Measurements {
  /** null: WebGPU found none. */
  readonly adapter: string | null;
  /** The program that WebGPU is part of. */
  readonly host: string;
  readonly processor: string;
}

function sentence({ width, compared, from }: Crossover): string {
  const last = compared.at(-1);
  if (last === undefined) return `width ${width}: not measured`;
  if (from === null) return `width ${width}: nowhere up to ${whole(last)}`;
  return `width ${width}: from a batch of ${whole(from)} on (compared: ${whole(compared[0])} to ${whole(last)})`;
}

export function printed({ results, missing, adapter, host, processor }: Found, grid: Grid): string {
  const over = (a: number | null, b: number | null) => (a === null || b === null ? "–" : `${compact.format(a / b)} ×`);
  const rows = grid.widths.flatMap((width) =>
    grid.batches.map((batch) => {
      const rates = contenders.map((engine) => rateOf(results, engine, width, batch));
      const [simd, fused, opByOp] = rates;
      const texts = rates.map((rate) => (rate === null ? "–" : compact.format(rate)));
      return [`${width}`, whole(batch), ...texts, over(fused, simd), over(fused, opByOp)];
    }),
  );
  const errors = results.filter(({ engine }) => engine !== "simd").map(({ gradientError }) => gradientError);
  const emulated = adapter && describeAdapter({ description: adapter }).isSoftware;
  return [
    `Updates a second: ${contenders.map((engine) => titles[engine]).join(", ")}; two hidden layers of a width`,
    table(
      [["width", "batch", ...contenders.map((engine) => titles[engine]), "fused / SIMD", "fused / op by op"], ...rows],
      0,
    ),
    ...missing.map(({ case: { engine, network, batch }, why }) => {
      return `${titles[engine as Contender]}, ${network}, batch ${whole(batch)} was not measured: ${why}`;
    }),
    "",
    "The fused step is faster than SIMD on one thread",
    ...crossoversOf(results, grid).map((crossover) => `  ${sentence(crossover)}`),
    "",
    `graphics adapter: ${adapter ?? "none"}${emulated ? " (emulated on the processor: this says nothing about a real one)" : ""}`,
    `processor: ${processor}`,
    `WebGPU of: ${host}`,
    ...(errors.length > 0 ? [`gradients: within ${Math.max(...errors).toExponential(1)} of SIMD's, relative`] : []),
  ].join("\n");
}

const say = (line: string) => console.error(line);
const processor = `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} threads, ${process.platform} ${process.arch}`;

async function inNode(grid: Grid): Promise<Found> {
  const started = await startDawn();
  if ("problem" in started)
    throw new Error(`${started.problem}. Or measure in Chromium: npm run crossover -- --browser`);
  const measurements = await withBundled("src/bench/learning.ts", (module: { learning: typeof learning }) =>
    measureGrid(module.learning, grid, say),
  );
  return { ...measurements, adapter: started.adapter, host: `Dawn in Node ${process.version}`, processor };
}

const inBrowser = (grid: Grid): Promise<Found> =>
  onPage(async (page, adapter) => {
    const found: Measurements = await page.evaluate(
      `window.cartpool.crossover(${JSON.stringify(grid)}, window.benchProgress)`,
    );
    const host = await page.evaluate(() => navigator.userAgent);
    return { ...found, adapter, host, processor };
  });

async function main(): Promise<number> {
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({ options: { quick: flag, browser: flag, json: { type: "string" } } });
  const problem = values.json === undefined ? null : outputProblem(values.json);
  if (problem !== null) {
    console.error(problem);
    return 2;
  }
  const load = loadavg();
  const grid = gridOf(values.quick);
  const found = await (values.browser ? inBrowser : inNode)(grid);
  console.log(printed(found, grid));
  const report = { ...found, load, grid, crossovers: crossoversOf(found.results, grid) };
  return values.json === undefined || writeJson(values.json, report) ? 0 : 1;
}

runAsScript(import.meta.url, main);
