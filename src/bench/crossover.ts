/**
 * Where a graphics device begins to win: updates a second of the SIMD kernels, of the fused WebGPU step and of
 * TensorFlow.js op by op, over widths and batches. Runs in a browser's worker and, with a WebGPU of its own, in Node.
 */
import { type Case, type Rates, type Result, summary } from "./cases.ts";
import type { Missing } from "./ratios.ts";
import { type Learning, measured } from "./work.ts";

/** The gradients of the others are held to the first one's. */
export const contenders = ["simd", "webgpu", "tfjs-webgpu"] as const;
export type Contender = (typeof contenders)[number];

export interface Grid {
  /** Of two hidden layers each. */
  readonly widths: readonly number[];
  /** Rows of an update, ascending. */
  readonly batches: readonly number[];
}

export const gridOf = (quick: boolean): Grid =>
  quick
    ? { widths: [64, 256], batches: [80, 2048] }
    : { widths: [64, 128, 256, 512], batches: [80, 512, 2048, 8192, 65_536] };

export interface Measurement extends Result {
  /** What the median is of. */
  readonly rounds: number;
  /** ‖g − g_SIMD‖ / ‖g_SIMD‖ */
  readonly gradientError: number;
}

export interface Measurements {
  readonly results: readonly Measurement[];
  /** What was not measured, and why. */
  readonly missing: readonly Missing[];
}

/** Of ‖g_SIMD‖: with a greater error an engine is not timed. */
const TOLERANCE = 1e-3;
/** Milliseconds before the first round. */
const WARM = 250;
const ROUNDS = 5;
/** Milliseconds of a case's rounds together, after which no other begins. */
const TIME = 1000;
/** Milliseconds of an update beyond which it is not tried. */
const LIMIT = 15_000;

const caseOf = (engine: Contender, width: number, batch: number): Case => ({
  ...{ name: "learn", engine, network: `${width},${width}`, batch, unit: "samples" },
});

/** ‖a − b‖ / ‖b‖ */
function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`its gradient has ${a.length} entries, SIMD's ${b.length}`);
  const squares = (of: (i: number) => number) => b.reduce((sum, _, i) => sum + of(i) ** 2, 0);
  return Math.sqrt(squares((i) => a[i] - b[i]) / squares((i) => b[i]));
}

interface Entrant {
  readonly of: Case;
  readonly work: Learning;
  readonly gradientError: number;
  readonly rounds: Rates[];
  /** Milliseconds of all rounds. */
  spent: number;
}

type Learn = (of: Case) => Promise<Learning>;

/** All engines side by side at one width and batch: a round of each after the other, so that all meet the same weather. */
async function measureTogether(learn: Learn, cases: readonly Case[]): Promise<Measurements> {
  const missing: Missing[] = [];
  const leave = (of: Case, work: Learning | null, error: unknown) => {
    missing.push({ case: of, why: error instanceof Error ? error.message : String(error) });
    work?.dispose();
  };
  const entrants = new Set<Entrant>();
  let yardstick: Float32Array | null = null;
  for (const of of cases) {
    let work: Learning | null = null;
    try {
      work = await learn(of);
      const gradient = await work.gradient();
      if (of.engine === contenders[0]) yardstick = gradient;
      if (!yardstick) throw new Error("there is no SIMD gradient to hold its own to");
      const gradientError = distance(gradient, yardstick);
      if (!(gradientError <= TOLERANCE)) throw new Error(`its gradient is wrong (relative error ${gradientError})`);
      await measured({ run: work.run }, WARM);
      entrants.add({ of, work, gradientError, rounds: [], spent: 0 });
    } catch (error) {
      leave(of, work, error);
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const entrant of entrants) {
      const { of, work, rounds, spent } = entrant;
      if (spent >= TIME) continue;
      try {
        const start = performance.now();
        rounds.push(await measured({ run: work.run }, TIME / ROUNDS));
        entrant.spent += performance.now() - start;
      } catch (error) {
        entrants.delete(entrant);
        leave(of, work, error);
      }
    }
  }
  for (const { work } of entrants) work.dispose();
  const results = [...entrants].flatMap(({ of, rounds, gradientError }) =>
    summary(of, rounds).map((result) => ({ ...result, rounds: rounds.length, gradientError })),
  );
  return { results, missing };
}

/** Updates a second; null where that was not measured. */
export function rateOf(results: readonly Result[], engine: Contender, width: number, batch: number): number | null {
  const { network } = caseOf(engine, width, batch);
  const found = results.find((r) => r.engine === engine && r.network === network && r.batch === batch);
  return found ? found.perSecond / batch : null;
}

/** What the worker does. */
export type MeasureGrid = (grid: Grid, say: (line: string) => void) => Promise<Measurements>;

/** @param say told of every width and batch that is done */
export async function measureGrid(learn: Learn, grid: Grid, say: (line: string) => void): Promise<Measurements> {
  const results: Measurement[] = [];
  const missing: Missing[] = [];
  for (const width of grid.widths) {
    for (const batch of grid.batches) {
      const tried: Case[] = [];
      for (const engine of contenders) {
        const of = caseOf(engine, width, batch);
        const before = results.findLast((r) => r.engine === engine && r.network === of.network);
        const expected = before ? (1000 * batch) / before.perSecond : 0; // as many rows a second as with fewer
        if (expected <= LIMIT) tried.push(of);
        else
          missing.push({
            case: of,
            why: `an update would take about ${(expected / 1000).toFixed(0)} s, going by fewer rows`,
          });
      }
      const done = await measureTogether(learn, tried);
      results.push(...done.results);
      missing.push(...done.missing);
      const rates = done.results.map(
        ({ engine, perSecond }) => `${engine} ${Number((perSecond / batch).toPrecision(3))}`,
      );
      say(`width ${width}, batch ${batch}: ${rates.join(", ") || "nothing"} updates/s`);
    }
  }
  return { results, missing };
}

export interface Crossover {
  readonly width: number;
  /** Batches at which the fused step and SIMD were both measured, ascending. */
  readonly compared: readonly number[];
  /** The batch from which on the fused step is faster at every one of them; null: there is none. */
  readonly from: number | null;
}

export const crossoversOf = (results: readonly Result[], { widths, batches }: Grid): Crossover[] =>
  widths.map((width) => {
    const lead = (batch: number) => {
      const [fused, simd] = [rateOf(results, "webgpu", width, batch), rateOf(results, "simd", width, batch)];
      return fused === null || simd === null ? null : fused / simd;
    };
    const compared = batches.filter((batch) => lead(batch) !== null);
    const lost = compared.findLastIndex((batch) => lead(batch)! <= 1);
    return { width, compared, from: compared[lost + 1] ?? null };
  });
