/** How the learner's engine is found, on a graphics device that a test makes fast, slow, broken or lost. */
import { beforeEach, expect, test, vi } from "vitest";
import type { AnyValues } from "../../../src/core/params.ts";
import type { EngineTrial, GradientEngine } from "../../../src/nn/engine.ts";
import { defaultConfig, resolved, withValues } from "../../../src/runtime/plan/config.ts";
import { planRun, type RunPlan } from "../../../src/runtime/plan/plan.ts";

const gpu = vi.hoisted(() => ({
  /** Why there is no device. */
  missing: null as string | null,
  fault: null as string | null,
  /** What an update ends with. */
  failure: null as string | null,
  made: 0,
  disposed: 0,
  updates: 0,
  asked: 0,
  loads: [] as string[],
  /** Of every update. */
  rows: [] as number[],
}));

vi.mock("../../../src/nn/tfjs/adapter.ts", () => ({
  findAdapter: async () => {
    gpu.asked++;
    return { name: "a fast one", isSoftware: false };
  },
}));
vi.mock("../../../src/nn/tfjs/backend.ts", () => ({
  tf: {},
  loadBackend: async (engine: string) => {
    gpu.loads.push(engine);
    if (gpu.missing) throw new Error(gpu.missing);
    gpu.fault = null;
    const health = {
      get fault() {
        return gpu.fault;
      },
    };
    return {
      choice: { engine, label: engine, reason: "", adapter: "a fast one", trials: [] },
      health,
      gpu: { health },
    };
  },
}));
const engine = (): GradientEngine => {
  gpu.made++;
  const update = async (rows: number) => {
    gpu.updates++;
    gpu.rows.push(rows);
    if (gpu.failure) throw new Error(gpu.failure);
    return 1;
  };
  return {
    id: "fake",
    needsEventLoop: true,
    resident: { load() {}, update: ({ batch }) => update(batch.rows) },
    differentiate: async (_, { rows }) => {
      await update(rows);
    },
    dispose: () => gpu.disposed++,
  };
};
vi.mock("../../../src/nn/tfjs/fused.ts", () => ({ fusedEngine: () => engine() }));
vi.mock("../../../src/nn/tfjs/engine.ts", () => ({ tfjsEngine: () => engine() }));
vi.mock("../../../src/nn/tfjs/count.ts", () => ({
  countDeviceWork: async (work: () => Promise<void>) => {
    await work();
    return { dispatches: 3, uploadBytes: 2, readBytes: 1 };
  },
}));

let engines: typeof import("../../../src/runtime/engines/engines.ts");
beforeEach(async () => {
  Object.assign(gpu, { missing: null, fault: null, failure: null, made: 0, disposed: 0, updates: 0, asked: 0 });
  gpu.loads.length = gpu.rows.length = 0;
  vi.resetModules();
  engines = await import("../../../src/runtime/engines/engines.ts");
});

/** A run whose updates take the SIMD kernels milliseconds, and the device of these tests none. */
const configOf = (values: AnyValues = {}) =>
  withValues(defaultConfig("a2c"), { engine: "auto", envs: 32, hidden: [128, 128], ...values });
const planOf = (values: AnyValues = {}) => planRun(configOf(values));
const find = (values: AnyValues = {}) => engines.findEngine(planOf(values), 2);

test("auto takes the faster device, says what was measured, and asks again only when the work changes", async () => {
  const { choice } = await find();
  expect(choice.engine).toBe("webgpu");
  expect(choice.reason).toMatch(
    /WebGPU takes .*ms an update, the SIMD kernels .*ms with 640 rows \(160 at each of 4 actors, on 2 cores\)/,
  );
  expect(choice.trials.map((trial) => [trial.engine, trial.dispatches])).toEqual([
    ["simd", 0],
    ["webgpu", 3],
  ]);
  expect(await find()).toMatchObject({ choice });
  expect(gpu.asked).toBe(1);
  const others: AnyValues[] = [
    { activation: "relu" },
    { hidden: [128, 64] },
    { actors: 2 },
    { envs: 16 },
    { optimizer: "rmsprop" },
  ];
  for (const [i, other] of others.entries()) {
    await find(other);
    expect(gpu.asked, JSON.stringify(other)).toBe(i + 2);
  }
});

test("the largest batch of the widest network is measured on fewer rows, in a moment", async () => {
  const plan = planOf({ envs: 256, unroll: 256, actors: 4, hidden: [512, 512, 512, 512] });
  const began = performance.now();
  const { choice } = await engines.findEngine(plan, 2);
  // Beside the timed updates: memory for a quarter of a million rows. All rows of one actor take far longer.
  expect(performance.now() - began).toBeLessThan((choice.trials[0].milliseconds as number) / 2);
  expect(choice.trials[0]).toMatchObject({ engine: "simd", isEstimate: true });
  expect(choice.trials[0].milliseconds).toBeGreaterThan(3000);
  expect(choice.reason).toMatch(/the SIMD kernels ≈ /);
});

test("what auto has chosen and warmed is not warmed again when the run starts", async () => {
  const { choice } = await find();
  const { updates } = gpu;
  const found = await engines.findEngine(planRun(resolved(configOf(), choice.engine)), 2);
  expect(found.choice.engine).toBe("webgpu");
  expect(gpu.updates).toBe(updates);
  expect(gpu.disposed).toBe(gpu.made);
});

test("a device that is lost after it was measured leaves the run to SIMD, which says why, and is measured again", async () => {
  expect((await find()).choice.engine).toBe("webgpu");
  gpu.fault = "the graphics device was lost";
  gpu.missing = "no adapter any more.";
  for (const engine of ["auto", "webgpu"]) {
    const { choice } = await find({ engine });
    expect(choice.engine).toBe("simd");
    expect(choice.reason).toMatch(/no adapter any more\. /);
  }
  gpu.missing = null;
  expect((await find()).choice.engine).toBe("webgpu");
  expect(gpu.asked).toBe(2);
});

test("an engine is disposed of when timing it fails, and SIMD is taken", async () => {
  gpu.failure = "the update failed";
  const { choice } = await find();
  expect(choice.engine).toBe("simd");
  expect(choice.trials[1]).toMatchObject({ milliseconds: null, note: "the update failed" });
  expect(gpu.made).toBe(1);
  expect(gpu.disposed).toBe(1);
});

test("of a heavy update only a part is made to warm an engine up", async () => {
  const heavy: AnyValues = { envs: 256, unroll: 64, actors: 4, hidden: [512, 512] };
  for (const engine of ["webgpu", "tfjs-webgpu"]) await find({ ...heavy, engine });
  expect(gpu.rows).toHaveLength(2);
  for (const rows of gpu.rows) {
    expect(rows).toBeGreaterThan(0);
    expect(rows * planOf(heavy).spec.size).toBeLessThanOrEqual(1e7);
  }
  gpu.rows.length = 0;
  await find({ envs: 4, hidden: [64], engine: "tfjs-webgpu" });
  expect(gpu.rows).toEqual([4 * 4 * 5]);
});

test("an engine that somebody chose says what an update costs, where that is much", async () => {
  const heavy: AnyValues = { envs: 256, unroll: 128, actors: 4, hidden: [512, 512], engine: "simd" };
  for (const gradients of ["actors", "learner"]) {
    const [trial, ...others] = (await find({ ...heavy, gradients })).choice.trials;
    expect(others).toEqual([]);
    expect(trial).toMatchObject({ engine: "simd", isEstimate: true });
    expect(trial.milliseconds).toBeGreaterThan(1000);
  }
  expect((await find({ engine: "simd" })).choice.trials).toEqual([]);
});

test("where only the kernels can run in the actors, nothing else is asked for, and the reason says so", async () => {
  const { choice } = await find({ gradients: "actors" });
  expect(choice).toMatchObject({ engine: "simd", trials: [] });
  expect(choice.reason).toMatch(/Nothing was measured: gradients are computed in the actors/);
  const trials = await engines.measureAll(planOf({ gradients: "actors" }), 2, () => true);
  expect(trials.filter(({ milliseconds }) => milliseconds !== null).map(({ engine }) => engine)).toEqual(["simd"]);
  expect(gpu.made).toBe(0);
});

/** The kernels' trial of a plan, the fastest of several: whatever else uses the cores makes one slower, and never faster. */
async function simdTrial(plan: RunPlan, cores: number): Promise<EngineTrial & { milliseconds: number }> {
  const trials: EngineTrial[] = [];
  for (let i = 0; i < 5; i++) {
    let asked = 0;
    trials.push(...(await engines.measureAll(plan, cores, () => asked++ === 0)));
  }
  const milliseconds = Math.min(...trials.map((trial) => trial.milliseconds ?? Number.NaN));
  return { ...trials[0], milliseconds };
}

test("with gradients at the learner, SIMD is timed there", async () => {
  const here = await simdTrial(planOf({ envs: 8, gradients: "learner" }), 2);
  expect(here.note).toBeNull();
  const there = await simdTrial(planOf({ envs: 8 }), 2);
  expect(there.note).toBe("40 at each of 4 actors, on 2 cores");
  // A forward pass less, and two cores: well below the whole batch on one thread.
  expect(there.milliseconds).toBeLessThan(0.8 * here.milliseconds);
});

test("more cores make an update of several actors cheaper, in whole rounds; an asynchronous one has one", async () => {
  const time = async (algo: "a2c" | "a3c", cores: number) => {
    const plan = planRun(withValues(defaultConfig(algo), { engine: "simd", actors: 5, envs: 64, hidden: [64, 64] }));
    return (await simdTrial(plan, cores)).milliseconds;
  };
  const [one, two, five] = [await time("a2c", 1), await time("a2c", 2), await time("a2c", 5)];
  expect(one / five).toBeGreaterThan(3);
  expect(two / five).toBeGreaterThan(1.8);
  expect((await time("a3c", 1)) / five).toBeLessThan(1.7);
});

test("measuring every engine ends after the engine in hand when nobody waits for it any more", async () => {
  const all = await engines.measureAll(planOf({ hidden: [4], envs: 1 }), 2, () => true);
  expect(all.map(({ engine }) => engine)).toEqual(["simd", "webgpu", "tfjs-webgpu", "tfjs-wasm", "tfjs-cpu"]);
  expect(gpu.disposed).toBe(gpu.made);
  gpu.loads.length = 0;
  let asked = 0;
  const some = await engines.measureAll(planOf({ hidden: [4], envs: 1 }), 2, () => asked++ === 0);
  expect(some.map(({ engine }) => engine)).toEqual(["simd"]);
  expect(gpu.loads).toEqual([]);
});
