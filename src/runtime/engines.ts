/** Finds the learner's engine for a run: the one asked for, or on `auto` the fastest, measured on this network and batch. */
import { algorithms } from "../algorithms/index.ts";
import { viewsOf } from "../core/layout.ts";
import { Rng } from "../core/rng.ts";
import { type EngineChoice, type GradientEngine, lossStats } from "../nn/engine.ts";
import { simdEngine } from "../nn/simd/engine.ts";
import { hasFastest, loadKernels } from "../nn/simd/kernels.ts";
import { initialise } from "../nn/spec.ts";
import { findAdapter } from "../nn/tfjs/adapter.ts";
import type { Loaded, TfjsEngine } from "../nn/tfjs/backend.ts";
import { batchRows, memoryLayout, type RunMemory, type RunPlan, sharedMemory } from "./memory.ts";

/** The learner's part of a run's memory. */
export interface Ground {
  readonly memory: WebAssembly.Memory;
  readonly learner: RunMemory["learner"];
}

export interface Found {
  readonly choice: EngineChoice;
  /** The engine over the memory of a run. */
  make(plan: RunPlan, ground: Ground): GradientEngine;
}

const simd: Found["make"] = ({ spec, values }, { memory, learner }) =>
  simdEngine(loadKernels(memory, values.arithmetic), memory, spec, learner.workspace);

/** What a person who asked for fused multiply-adds must know, or nothing. */
const missingArithmetic = ({ values }: RunPlan): string =>
  values.arithmetic === "fastest" && !hasFastest()
    ? " This browser has no fused multiply-adds: the reproducible kernels run instead."
    : "";

/** The TensorFlow.js backend in use, and the request that it answers. One at a time: tfjs has one current backend. */
let loaded: (Loaded & { request: TfjsEngine }) | null = null;
let loading: Promise<unknown> = Promise.resolve();

/** Requests wait for each other: of two that set tfjs's backend at the same time, one fails. */
function backend(request: TfjsEngine): Promise<Loaded> {
  const next = loading.then(async () => {
    if (loaded?.request === request && !loaded.health.fault) return loaded;
    const { loadBackend } = await import("../nn/tfjs/backend.ts");
    loaded = { ...(await loadBackend(request)), request };
    return loaded;
  });
  loading = next.catch(() => {});
  return next;
}

async function tfjs(request: TfjsEngine): Promise<Found> {
  const { choice, health } = await backend(request);
  const [{ tf }, { tfjsEngine }] = await Promise.all([import("../nn/tfjs/backend.ts"), import("../nn/tfjs/engine.ts")]);
  const name = { webgpu: "webgpu", "tfjs-webgpu": "webgpu", "tfjs-wasm": "wasm", "tfjs-cpu": "cpu" } as const;
  return {
    choice,
    make: ({ config, spec }) =>
      tfjsEngine(tf, name[choice.engine as TfjsEngine], spec, algorithms[config.algo].loss, health),
  };
}

/** Memory for trying engines before there is a run. */
function trialGround(plan: RunPlan): Ground {
  const { learner } = memoryLayout(plan).nodes;
  const memory = sharedMemory(learner.bytes);
  const ground = { memory, learner: viewsOf(learner, memory.buffer) };
  initialise(plan.spec, new Rng().seed(0), ground.learner.parameters);
  return ground;
}

/** Milliseconds of one warm gradient: the median of as many as fit the time, at least three. */
async function time(plan: RunPlan, engine: GradientEngine, { learner }: Ground, milliseconds: number): Promise<number> {
  const stats = new Float32Array(lossStats.length);
  const batch = { rows: batchRows(plan), ...learner.batch };
  const once = async () => {
    const start = performance.now();
    await engine.differentiate(learner.parameters, batch, plan.config.values, learner.gradient, stats);
    return performance.now() - start;
  };
  await once(); // compiles what is compiled on first use
  const times: number[] = [];
  for (const end = performance.now() + milliseconds; times.length < 3 || performance.now() < end; )
    times.push(await once());
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** Milliseconds that trying one candidate may take, its first call apart. */
const TRIAL = 60;

const round = (milliseconds: number) => Number(milliseconds.toPrecision(2));

/** Measures the candidates and takes the fastest. */
async function fastest(plan: RunPlan): Promise<Found> {
  const ground = trialGround(plan);
  const own = await time(plan, simd(plan, ground), ground, TRIAL);
  const size = `${batchRows(plan)} rows`;
  const taken = (why: string): Found => ({
    choice: {
      engine: "simd",
      label: "SIMD",
      reason: `SIMD kernels take ${round(own)} ms a gradient of ${size}, measured here. ${why}${missingArithmetic(plan)}`,
      adapter: null,
    },
    make: simd,
  });
  const adapter = await findAdapter();
  if ("missing" in adapter) return taken(`No WebGPU to compare with: ${adapter.missing}.`);
  if (adapter.isSoftware)
    return taken(`WebGPU has only a software adapter here (${adapter.name}), which is used only when asked for.`);
  const gpu = await tfjs("tfjs-webgpu");
  if (gpu.choice.engine !== "tfjs-webgpu") return taken(gpu.choice.reason);
  const theirs = await time(plan, gpu.make(plan, ground), ground, TRIAL);
  if (own <= theirs) return taken(`WebGPU (${adapter.name}) takes ${round(theirs)} ms.`);
  const reason = `WebGPU takes ${round(theirs)} ms a gradient of ${size}, the SIMD kernels ${round(own)} ms, measured here.`;
  return { ...gpu, choice: { ...gpu.choice, reason } };
}

const measured = new Map<string, Promise<Found>>();
/** Requests and sizes that TensorFlow.js has already run. */
const warm = new Set<string>();

/** What the speed depends on. */
const sizeOf = (plan: RunPlan) =>
  `${plan.values.arithmetic} ${plan.config.algo} ${plan.spec.layers.map((l) => l.outputs)} ${batchRows(plan)}`;

/** The engine for a run, warm. */
export async function findEngine(plan: RunPlan): Promise<Found> {
  const request = plan.values.engine;
  if (request === "auto") {
    const key = sizeOf(plan);
    const known = measured.get(key) ?? fastest(plan);
    measured.set(key, known);
    known.catch(() => measured.delete(key)); // the next start measures again
    const found = await known;
    // Another backend of tfjs may have been loaded since.
    return found.choice.engine === "simd" ? found : { ...(await tfjs("tfjs-webgpu")), choice: found.choice };
  }
  if (request === "simd")
    return {
      choice: { engine: "simd", label: "SIMD", reason: `Chosen by you.${missingArithmetic(plan)}`, adapter: null },
      make: simd,
    };
  const found = await tfjs(request);
  const key = `${request} ${sizeOf(plan)}`;
  if (warm.has(key)) return found;
  const ground = trialGround(plan);
  await time(plan, found.make(plan, ground), ground, 0);
  warm.add(key);
  return found;
}

/** Takes over from a graphics device that failed in mid-run; the parameters and statistics are in shared memory. */
export function replacement(failure: unknown, failed: EngineChoice): Found {
  if (failed.engine !== "tfjs-webgpu") throw failure;
  loaded = null; // the next run asks for the graphics device again
  warm.clear();
  const why = failure instanceof Error ? failure.message : String(failure);
  return {
    choice: {
      engine: "simd",
      label: "SIMD",
      reason: `WebGPU failed during the run: ${why}. Training goes on with SIMD kernels and the same parameters.`,
      adapter: null,
    },
    make: simd,
  };
}
