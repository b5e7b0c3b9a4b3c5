/** The fused WebGPU engine on a software adapter: slow, and the same arithmetic. */
import type { Page } from "@playwright/test";
import fc from "fast-check";
import { type AlgorithmId, algorithms } from "../../src/algorithms/index.ts";
import { optimizerNames } from "../../src/nn/optimizers.ts";
import { HEADER, resultsOf } from "../../src/nn/tfjs/wgsl.ts";
import { test as base, expect } from "./page.ts";
import { call, openHarness } from "./webgpu/bundle.ts";
import type { Case } from "./webgpu/harness.ts";

const net: Case = {
  algo: "a2c",
  inputs: 4,
  actions: 2,
  widths: [64, 64],
  activation: "tanh",
  rows: 80,
  seed: 3,
  logits: 1,
  valueCost: 0.4,
  entropyCost: 0.02,
};

/** One page for all: TensorFlow.js is loaded once, and every test has a device of its own. */
let harness: Page | null = null;
const test = base.extend({
  page: async ({ browser }, use) => {
    if (!harness) {
      harness = await browser.newPage();
      await openHarness(harness);
    }
    await use(harness);
  },
});
test.afterAll(() => harness?.close());

test.beforeEach(async ({ page }) => {
  expect((await call(page, "open")).adapter).not.toBe("");
});

const drawn = fc.record({
  algo: fc.constantFrom(...(Object.keys(algorithms) as AlgorithmId[])),
  inputs: fc.integer({ min: 1, max: 9 }),
  actions: fc.integer({ min: 2, max: 6 }),
  widths: fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 4 }),
  activation: fc.constantFrom("tanh" as const, "relu" as const),
  rows: fc.nat({ max: 90 }).map((n) => 2 * n + 1),
  seed: fc.nat(),
  logits: fc.constantFrom(0, 1, 1, 100, 1e6),
  valueCost: fc.double({ min: 0, max: 2, noNaN: true }),
  entropyCost: fc.double({ min: 0, max: 0.5, noNaN: true }),
});

test("gradients are those of TensorFlow.js, and of the chain rule in float64, on drawn networks and batches", async ({
  page,
}) => {
  const cases: Case[] = fc.sample(drawn, { seed: 8, numRuns: 5 });
  cases.push(
    { ...cases[0], widths: [129], rows: 33 }, //   the narrowest that is matrix products
    { ...cases[1], widths: [512, 7], rows: 17 }, // the widest
  );
  for (const of of cases) {
    const error = await call(page, "gradientError", of, of.rows <= 9);
    expect(error.toTfjs, JSON.stringify(of)).toBeLessThan(1e-6);
    expect(error.toExact ?? 0, JSON.stringify(of)).toBeLessThan(1e-6);
    expect(error.statsError, JSON.stringify(of)).toBeLessThan(2e-6);
  }
});

test("gradients at the edges of tiles are those of TensorFlow.js", async ({ page }) => {
  const edges: Partial<Case>[] = [
    { widths: [], rows: 1 },
    { widths: [128, 5, 9, 33], actions: 5, inputs: 6, rows: 80 }, // whole tiles; the widest that is one dispatch
    { widths: [64, 64], rows: 513 }, //                              one row in the last tile
    { widths: [200, 30], activation: "relu", rows: 513 }, //         matrix products
  ];
  for (const edge of edges) {
    const error = await call(page, "gradientError", { ...net, ...edge }, edge.rows === 1);
    expect(error.toTfjs, JSON.stringify(edge)).toBeLessThan(1e-6);
    expect(error.toExact ?? 0, JSON.stringify(edge)).toBeLessThan(1e-6);
    expect(error.statsError, JSON.stringify(edge)).toBeLessThan(2e-6);
  }
});

test("networks of other shapes have the gradients of TensorFlow.js: trunks apart, normalised observations, parameters without an input", async ({
  page,
}) => {
  const shapes: Partial<Case>[] = [
    { trunk: "separate" },
    { trunk: "separate", widths: [], normalise: true },
    { trunk: "separate", widths: [128, 9], normalise: true, rows: 33 },
    { trunk: "separate", widths: [150, 20], normalise: true, rows: 70 }, // matrix products
    { normalise: true, widths: [17], activation: "relu" },
    { free: true },
    { free: true, trunk: "separate", widths: [130], normalise: true, actions: 5 },
  ];
  for (const shape of shapes) {
    const of = { ...net, ...shape };
    const error = await call(page, "gradientError", of, false);
    expect(error.toTfjs, JSON.stringify(shape)).toBeLessThan(1e-6);
    expect(error.statsError, JSON.stringify(shape)).toBeLessThan(2e-6);
    const updates = await call(page, "updatesError", of, "adam", 6, false);
    expect(updates.parameters, JSON.stringify(shape)).toBeLessThan(1e-4);
    expect(updates.second, JSON.stringify(shape)).toBeLessThan(1e-5);
    expect(updates.first, JSON.stringify(shape)).toBeLessThan(1e-5);
  }
});

test("every algorithm's output gradients are those of its losses", async ({ page }) => {
  const losses = ["categorical", "gaussian"] as const;
  for (const algo of Object.keys(algorithms) as AlgorithmId[]) {
    expect(Object.keys(algorithms[algo].losses)).toEqual(losses);
    for (const loss of losses) {
      const error = await call(page, "gradientError", { ...net, widths: [16], algo, loss, actions: 3 }, false);
      expect(error.toTfjs, `${algo} ${loss}`).toBeLessThan(1e-6);
      expect(error.statsError, `${algo} ${loss}`).toBeLessThan(2e-6);
    }
  }
});

test("a Gaussian policy has the gradients of TensorFlow.js, and goes where they lead", async ({ page }) => {
  const shapes: Partial<Case>[] = [
    { actions: 1 },
    { actions: 3, widths: [], rows: 1 },
    { actions: 4, trunk: "separate", normalise: true, rows: 33 },
    { actions: 2, widths: [150, 20], rows: 70 }, // matrix products
  ];
  for (const shape of shapes) {
    const of: Case = { ...net, ...shape, loss: "gaussian" };
    const error = await call(page, "gradientError", of, false);
    expect(error.toTfjs, JSON.stringify(shape)).toBeLessThan(1e-6);
    expect(error.statsError, JSON.stringify(shape)).toBeLessThan(2e-6);
    const updates = await call(page, "updatesError", of, "adam", 6, false);
    expect(updates.parameters, JSON.stringify(shape)).toBeLessThan(1e-4);
  }
});

test("logits of hundreds of thousands neither overflow nor spoil the gradient", async ({ page }) => {
  for (const logits of [100, 1e4, 1e6])
    for (const seed of [1, 2, 3]) {
      const error = await call(page, "gradientError", { ...net, widths: [64, 64], logits, seed }, false);
      expect(error.toTfjs, `${logits} ${seed}`).toBeLessThan(1e-6);
      expect(error.statsError, `${logits} ${seed}`).toBeLessThan(2e-6);
    }
});

for (const rule of optimizerNames)
  test(`20 updates with ${rule} go where gradients of TensorFlow.js and the plain optimizer lead`, async ({ page }) => {
    const withMoments = [
      [[64, 64], false, 0.5],
      [[64, 64], true, 0.5],
      [[132], true, 0.5],
    ] as const;
    for (const [widths, stale, clip] of rule === "sgd"
      ? ([[[132], false, Number.POSITIVE_INFINITY]] as const)
      : withMoments) {
      const of = { ...net, widths: [...widths] };
      const error = await call(page, "updatesError", of, rule, 20, stale, clip);
      const what = `${widths} ${stale ? "stale" : ""} ${clip}`;
      expect(error.steps).toBe(20);
      expect(error.parameters, what).toBeLessThan(1e-4);
      expect(error.second, what).toBeLessThan(1e-5);
      expect(error.first, what).toBeLessThan(1e-5);
      expect(error.norm, what).toBeLessThan(1e-5);
    }
  });

test("a warm update is three dispatches, one upload, one submission and one read, and creates nothing", async ({
  page,
}) => {
  for (const [rule, stale, updates] of [
    ["rmsprop", false, 20],
    ["sgd", false, 5],
    ["adam", true, 60],
  ] as const) {
    const of = { ...net, widths: [64, 64] };
    const { counts, cost, steps, parameters } = await call(page, "callsOf", of, rule, updates, stale);
    expect(steps).toBe(updates + 1);
    const { fields, stats } = algorithms[net.algo].losses.categorical.outputGradient;
    expect(cost).toEqual({
      dispatches: 3,
      // the batch once, and the parameters where they are not the resident ones
      uploadBytes: 4 * (HEADER + net.rows * (net.inputs + Object.keys(fields).length) + (stale ? parameters : 0)),
      // what became of it, the parameters, and the moments that the rule has
      readBytes: 4 * (resultsOf(stats.length).size + { sgd: 1, rmsprop: 2, adam: 3 }[rule] * parameters),
    });
    expect(counts).toEqual({
      dispatches: updates * cost.dispatches,
      submits: updates,
      writes: updates,
      uploadBytes: updates * cost.uploadBytes,
      readBytes: updates * cost.readBytes,
      copies: updates,
      reads: updates,
      buffersCreated: 0,
      bindGroupsCreated: 0,
    });
  }
  const wide = await call(page, "callsOf", { ...net, widths: [132] }, "adam", 3, false);
  expect(wide.counts).toMatchObject({
    dispatches: 3 * wide.cost.dispatches,
    submits: 3,
    writes: 3,
    reads: 3,
    buffersCreated: 0,
  });
  expect(wide.cost.dispatches).toBeLessThanOrEqual(8);
});

test("a bad number changes nothing, and training goes on", async ({ page }) => {
  for (const activation of ["tanh", "relu"] as const)
    for (const [where, bad] of [
      ["observation", Number.NaN],
      ["advantage", Number.NaN],
      ["returns", Number.POSITIVE_INFINITY],
    ] as const) {
      const rule = activation === "tanh" ? "adam" : "rmsprop";
      const of = { ...net, widths: [16], activation, rows: 20 };
      const result = await call(page, "poisoned", of, rule, where, bad);
      expect({ ...result, next: result.next < 1e-4 }, `${where} ${activation}`).toEqual({
        unchanged: true,
        isSeen: true,
        next: true,
      });
    }
});

test("what the device cannot do is said", async ({ page, noise }) => {
  noise.allowed.push(/WGSL|ShaderModule/);
  const said = await call(page, "refusals", { ...net, widths: [16] });
  expect(said.tooLarge).toMatch(/needs \d+ bytes for upload, and the graphics device allows \d+/);
  expect(said.notCompiled).toMatch(/refused the learner's kernels: .*(Nothing|WGSL)/s);
  expect(said.notLoaded).toMatch(/no parameters yet/);
  expect(said.noCosts).toMatch(/the loss needs valueCost, which is undefined/);
  expect(said.tooMany).toMatch(/81 rows do not fit an engine for 80/);
  expect(said.unchanged).toBe(true);
});

test("a device is listened to once, and a fault that it reported is not held against the next engine", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/size|limit/i);
  expect(await call(page, "listenersAdded", 3)).toBe(0);
  const { fault, next } = await call(page, "faultOfBuffer");
  expect(fault).toMatch(/the graphics device reported: .*(size|limit)/is);
  expect(next).toBeNull();
});

test("when the device is lost, updates fail and say so, memory holds the last good one, and a new device can be had", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/lost|destroyed/i);
  for (const rule of ["adam", "rmsprop"] as const) {
    const end = await call(page, "loseDevice", { ...net, widths: [16] }, rule);
    for (const said of [...end.messages, end.differentiate]) expect(said).toMatch(/device was lost/);
    expect(end.kept).toBe(true);
    await call(page, "open");
    const error = await call(page, "gradientError", { ...net, widths: [16] }, false);
    expect(error.toTfjs).toBeLessThan(1e-6);
  }
});
