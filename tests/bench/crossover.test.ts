import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Case, Result } from "../../src/bench/cases.ts";
import { type Contender, contenders, crossoversOf, gridOf, measureGrid, rateOf } from "../../src/bench/crossover.ts";

/** Updates a second at width 64, by batch. */
const at64 = (engine: Contender, rates: Readonly<Record<number, number>>): Result[] =>
  Object.entries(rates).map(([batch, rate]) => ({
    ...{ name: "learn", engine, network: "64,64", batch: Number(batch), unit: "samples", spread: 0 },
    perSecond: rate * Number(batch),
  }));

describe("the crossover", () => {
  const grid = { widths: [64], batches: [10, 100, 1000] };
  const simd = at64("simd", { 10: 900, 100: 90, 1000: 9 });
  const found = (fused: Readonly<Record<number, number>>) => crossoversOf([...simd, ...at64("webgpu", fused)], grid)[0];
  const all = grid.batches;

  test.each([
    ["in the middle", { 10: 100, 100: 100, 1000: 80 }, 100, all],
    ["at the least batch", { 10: 901, 100: 91, 1000: 10 }, 10, all],
    ["nowhere", { 10: 100, 100: 50, 1000: 8 }, null, all],
    ["a tie is no win", { 10: 100, 100: 90, 1000: 10 }, 1000, all],
    ["winning once and losing later does not count", { 10: 901, 100: 50, 1000: 10 }, 1000, all],
    ["what was not measured is left out", { 10: 100, 1000: 10 }, 1000, [10, 1000]],
    ["nothing compared", {}, null, []],
  ])("%s", (_, fused, from, compared) => {
    expect(found(fused)).toEqual({ width: 64, from, compared });
  });

  test("every width has its own", () => {
    expect(crossoversOf(simd, { ...grid, widths: [64, 128] })).toEqual([
      { width: 64, from: null, compared: [] },
      { width: 128, from: null, compared: [] },
    ]);
  });

  test.each([true, false])("is looked for in ascending order (quick: %s)", (quick) => {
    for (const list of Object.values(gridOf(quick)))
      expect(list).toEqual(list.toSorted((a: number, b: number) => a - b));
  });
});

describe("the grid", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Engines on a clock that only their updates move. milliseconds: what one takes. */
  function made(of: {
    milliseconds(of: Case): number;
    gradient?: Partial<Record<string, number[]>>;
    fails?: (of: Case, updates: number) => boolean;
  }) {
    const alive = new Set<string>();
    const begun: string[] = [];
    const learn = async (which: Case) => {
      const key = `${which.engine} ${which.batch}`;
      begun.push(key);
      alive.add(key);
      let updates = 0;
      return {
        run() {
          if (of.fails?.(which, updates++)) throw new Error("the device was lost");
          vi.advanceTimersByTime(of.milliseconds(which));
          return which.batch;
        },
        gradient: async () => Float32Array.from(of.gradient?.[which.engine] ?? [3, 4]),
        dispose: () => void alive.delete(key),
      };
    };
    return { learn, alive, begun };
  }

  test("measures each engine at each batch, and leaves nothing on the device", async () => {
    const { learn, alive } = made({ milliseconds: ({ engine, batch }) => (engine === "simd" ? batch / 10 : 20) });
    const lines: string[] = [];
    const grid = { widths: [64], batches: [100, 1000] };
    const { results, missing } = await measureGrid(learn, grid, (line) => lines.push(line));
    expect(missing).toEqual([]);
    const rates = grid.batches.map((batch) => contenders.map((engine) => rateOf(results, engine, 64, batch)));
    expect(rates).toEqual([
      [100, 50, 50],
      [10, 50, 50],
    ]);
    expect(crossoversOf(results, grid)[0].from).toBe(1000);
    expect(results.every(({ rounds, gradientError }) => rounds === 5 && gradientError === 0)).toBe(true);
    expect(lines[1]).toBe("width 64, batch 1000: simd 10, webgpu 50, tfjs-webgpu 50 updates/s");
    expect(alive.size).toBe(0);
  });

  test("does not time an engine whose gradient is wrong", async () => {
    const gradient = { webgpu: [3, 4.001], "tfjs-webgpu": [3, 4.01] };
    const { learn, alive } = made({ milliseconds: () => 20, gradient });
    const { results, missing } = await measureGrid(learn, { widths: [64], batches: [80] }, () => {});
    expect(results.map(({ engine }) => engine)).toEqual(["simd", "webgpu"]);
    expect(results[1].gradientError).toBeCloseTo(0.001 / 5, 6);
    expect(missing).toHaveLength(1);
    expect(missing[0].case.engine).toBe("tfjs-webgpu");
    expect(missing[0].why).toMatch(/gradient is wrong/);
    expect(alive.size).toBe(0);
  });

  test.each([[[Number.NaN, 4]], [[0, 0]]])("holds no gradient to a broken one: %j", async (broken) => {
    const { learn } = made({ milliseconds: () => 20, gradient: { simd: broken } });
    const { results, missing } = await measureGrid(learn, { widths: [64], batches: [80] }, () => {});
    expect(results).toEqual([]);
    expect(missing).toHaveLength(3);
  });

  test("reports nothing of an engine that fails on the way", async () => {
    const fails = ({ engine }: Case, updates: number) => engine === "webgpu" && updates === 30;
    const { learn, alive } = made({ milliseconds: () => 20, fails });
    const { results, missing } = await measureGrid(learn, { widths: [64], batches: [80] }, () => {});
    expect(results.map(({ engine }) => engine)).toEqual(["simd", "tfjs-webgpu"]);
    expect(missing.map(({ why }) => why)).toEqual(["the device was lost"]);
    expect(alive.size).toBe(0);
  });

  test("stops a slow engine early, and does not begin where an update would take too long", async () => {
    const { learn, begun } = made({ milliseconds: ({ engine, batch }) => (engine === "tfjs-webgpu" ? 4 * batch : 20) });
    const grid = { widths: [64], batches: [200, 2000, 20_000, 200_000] };
    const { results, missing } = await measureGrid(learn, grid, () => {});
    const slow = results.filter(({ engine }) => engine === "tfjs-webgpu");
    expect(slow.map(({ batch, rounds }) => [batch, rounds])).toEqual([
      [200, 2],
      [2000, 1],
    ]);
    expect(missing.map(({ why }) => why)).toEqual([
      "an update would take about 80 s, going by fewer rows",
      "an update would take about 800 s, going by fewer rows",
    ]);
    expect(begun).not.toContain("tfjs-webgpu 20000");
    expect(begun).toContain("webgpu 200000");
  });
});
