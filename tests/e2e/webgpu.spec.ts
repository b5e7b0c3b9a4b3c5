/** The fused WebGPU engine on a software adapter: slow, and the same arithmetic. */
import { type AlgorithmId, algorithms } from "../../src/algorithms/index.ts";
import { expect, test } from "./page.ts";
import { call, openHarness } from "./webgpu/bundle.ts";

const net = {
  algo: "a2c",
  inputs: 4,
  actions: 2,
  widths: [64, 64],
  activation: "tanh",
  rows: 80,
  seed: 3,
  logits: 1,
} as const;

test.beforeEach(async ({ page }) => {
  await openHarness(page);
  expect((await call(page, "open")).adapter).not.toBe("");
});

test("gradients are those of TensorFlow.js, and of the chain rule in float64", async ({ page }) => {
  test.setTimeout(120_000);
  const shapes = [
    { widths: [] },
    { widths: [3], activation: "relu" },
    { widths: [64, 64] },
    { widths: [128, 5, 9, 33], actions: 5, inputs: 6 }, //         no multiples of 4; the widest that is one dispatch
    { widths: [200, 30], activation: "relu", actions: 3 }, // matrix products
  ] as const;
  const size = { 1: "one row", 7: "half a tile", 80: "whole tiles", 513: "one row in the last tile" };
  let seed = 0;
  for (const shape of shapes)
    for (const rows of Object.keys(size).map(Number)) {
      const of = { ...net, ...shape, widths: [...shape.widths], rows, seed: ++seed };
      const error = await call(page, "gradientError", of, rows <= 7);
      expect(error.toTfjs, JSON.stringify(of)).toBeLessThan(1e-6);
      expect(error.toExact ?? 0, JSON.stringify(of)).toBeLessThan(1e-6);
      expect(error.statsError, JSON.stringify(of)).toBeLessThan(2e-6);
    }
});

test("every algorithm's output gradient is that of its loss", async ({ page }) => {
  for (const algo of Object.keys(algorithms) as AlgorithmId[]) {
    const error = await call(page, "gradientError", { ...net, widths: [16], algo, actions: 3 }, false);
    expect(error.toTfjs, algo).toBeLessThan(1e-6);
    expect(error.statsError, algo).toBeLessThan(2e-6);
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

for (const rule of ["adam", "rmsprop"] as const)
  test(`20 updates with ${rule} go where gradients of TensorFlow.js and the plain optimizer lead`, async ({ page }) => {
    for (const [widths, stale] of [
      [[64, 64], false],
      [[64, 64], true],
      [[132], true],
    ] as const) {
      const of = { ...net, widths: [...widths] };
      const error = await call(page, "updatesError", of, rule, 20, stale);
      const what = `${widths} ${stale ? "stale" : ""}`;
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
    ["adam", true, 200],
  ] as const) {
    const { counts, cost, steps } = await call(page, "callsOf", { ...net, widths: [64, 64] }, rule, updates, stale);
    expect(steps).toBe(updates + 1);
    expect(cost.dispatches).toBe(3);
    expect(counts).toEqual({
      dispatches: updates * cost.dispatches,
      submits: updates,
      uploads: updates,
      uploadBytes: updates * cost.uploadBytes,
      readBytes: updates * cost.readBytes,
      copies: updates,
      maps: updates,
      buffers: 0,
      bindGroups: 0,
    });
  }
  const wide = await call(page, "callsOf", { ...net, widths: [132] }, "adam", 3, false);
  expect(wide.counts).toMatchObject({
    dispatches: 3 * wide.cost.dispatches,
    submits: 3,
    uploads: 3,
    maps: 3,
    buffers: 0,
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
