/** Finds the learner's engine for a run: the one asked for, or on `auto` the fastest, measured on this network and batch. */
import { algorithms } from "../algorithms/index.ts";
import { viewsOf } from "../core/layout.ts";
import { Rng } from "../core/rng.ts";
import { type EngineChoice, type EngineTrial, engineLabels, type GradientEngine, lossStats } from "../nn/engine.ts";
import { type OptimizerName, plainOptimizer } from "../nn/optimizers.ts";
import { simdEngine } from "../nn/simd/engine.ts";
import { hasFastest, loadKernels } from "../nn/simd/kernels.ts";
import { initialise } from "../nn/spec.ts";
import { findAdapter } from "../nn/tfjs/adapter.ts";
import type { Loaded, TfjsEngine } from "../nn/tfjs/backend.ts";
import { engines, needsSimd } from "./config.ts";
import { batchRows, memoryLayout, type RunMemory, type RunPlan, sharedMemory } from "./memory.ts";
import { Rates } from "./rates.ts";

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

const simd: Found["make"] = ({ spec, values, config }, { memory, learner }) => {
  const { outputGradient } = algorithms[config.algo];
  return simdEngine(loadKernels(memory, values.arithmetic), memory, spec, learner.workspace, outputGradient.simd);
};

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

const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error));

type EngineId = EngineChoice["engine"];

const simdChoice = (reason: string, trials: readonly EngineTrial[] = []): EngineChoice => ({
  engine: "simd",
  label: engineLabels.simd,
  reason,
  adapter: null,
  trials,
});

/** An engine of TensorFlow.js, or on its graphics device; where that cannot be had, what comes next. */
async function onTfjs(request: TfjsEngine): Promise<Found> {
  const { choice, health, gpu } = await backend(request);
  if (gpu && choice.engine === "webgpu") {
    const { fusedEngine } = await import("../nn/tfjs/fused.ts");
    return {
      choice,
      make: (plan) =>
        fusedEngine(gpu, plan.spec, batchRows(plan, plan.room), algorithms[plan.config.algo].outputGradient),
    };
  }
  const [{ tf }, { tfjsEngine }] = await Promise.all([import("../nn/tfjs/backend.ts"), import("../nn/tfjs/engine.ts")]);
  const name = { webgpu: "webgpu", "tfjs-webgpu": "webgpu", "tfjs-wasm": "wasm", "tfjs-cpu": "cpu" } as const;
  return {
    choice,
    make: ({ config, spec }) =>
      tfjsEngine(tf, name[choice.engine as TfjsEngine], spec, algorithms[config.algo].loss, health),
  };
}

/** Memory for trying engines before there is a run, with a batch of noise. */
function trialGround(plan: RunPlan): Ground {
  const { learner } = memoryLayout(plan).nodes;
  const memory = sharedMemory(learner.bytes);
  const ground = { memory, learner: viewsOf(learner, memory.buffer) };
  const rng = new Rng().seed(0);
  initialise(plan.spec, rng, ground.learner.parameters);
  const { observation, action, advantage, returns } = ground.learner.batch;
  for (const values of [observation, advantage, returns])
    for (let i = 0; i < values.length; i++) values[i] = rng.normal();
  for (let i = 0; i < action.length; i++) action[i] = rng.next() % plan.spec.actions;
  return ground;
}

/** One update as the learner does it: gradient, clip, step. */
function updater(plan: RunPlan, engine: GradientEngine, { learner }: Ground): () => Promise<void> {
  const { parameters, gradient, first, second, optimizerSteps } = learner;
  const { values } = plan.config;
  const moments = { first, second, steps: optimizerSteps };
  const stats = new Float32Array(lossStats.length);
  const batch = { rows: batchRows(plan), ...learner.batch };
  const rates = new Rates().latch(values, 0);
  const rule = values.optimizer as OptimizerName;
  const clip = values.clip as number;
  const optimizer = engine.optimizer ?? plainOptimizer;
  const { resident } = engine;
  resident?.load(parameters, moments);
  return async () => {
    if (resident) {
      await resident.update({ batch, at: null, hp: values, clip, rule, rates }, parameters, moments, stats);
      return;
    }
    const working = engine.differentiate(parameters, batch, values, gradient, stats);
    if (working) await working;
    optimizer.clip(gradient, clip);
    optimizer.step(rule, parameters, gradient, moments, rates);
  };
}

/** Milliseconds of one warm update: the median of as many as fit the time, at least three; of one that is very slow, the first. */
async function time(update: () => Promise<void>, milliseconds: number): Promise<number> {
  const began = performance.now();
  await update(); // compiles what is compiled on first use
  await update();
  if (performance.now() - began > SLOW) return (performance.now() - began) / 2;
  const times: number[] = [];
  for (const end = performance.now() + milliseconds; times.length < 3 || performance.now() < end; ) {
    const start = performance.now();
    await update();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** Milliseconds that trying one candidate may take, its first update apart. */
const TRIAL = 60;

/** Milliseconds of two updates beyond which no more are made. */
const SLOW = 4000;

const onDevice = (engine: EngineId) => engine === "webgpu" || engine === "tfjs-webgpu";

/** Times an engine that was found. */
async function tried(plan: RunPlan, { choice, make }: Found): Promise<EngineTrial> {
  const { engine, label } = choice;
  const ground = trialGround(plan);
  const made = make(plan, ground);
  const update = updater(plan, made, ground);
  const milliseconds = await time(update, TRIAL);
  const work = { dispatches: 0, uploadBytes: 0, readBytes: 0 };
  if (onDevice(engine)) {
    const { countDeviceWork } = await import("../nn/tfjs/count.ts");
    const { dispatches, uploadBytes, readBytes } = await countDeviceWork(update);
    Object.assign(work, { dispatches, uploadBytes, readBytes });
  }
  made.dispose();
  return { engine, label, milliseconds, ...work, note: choice.adapter };
}

const untried = (engine: EngineId, note: string): EngineTrial => ({
  engine,
  label: engineLabels[engine],
  milliseconds: null,
  dispatches: 0,
  uploadBytes: 0,
  readBytes: 0,
  note,
});

const round = (milliseconds: number) => Number(milliseconds.toPrecision(2));

/** Measures the candidates and takes the fastest. TensorFlow.js op by op is none: the fused step does the same work. */
async function fastest(plan: RunPlan): Promise<Found> {
  if (needsSimd(plan.values))
    return { choice: simdChoice(`Only the SIMD kernels run in the actors.${missingArithmetic(plan)}`), make: simd };
  const own = await tried(plan, { choice: simdChoice(""), make: simd });
  const size = `${batchRows(plan)} rows`;
  const taken = (why: string, theirs: EngineTrial): Found => ({
    choice: simdChoice(
      `SIMD kernels take ${round(own.milliseconds as number)} ms an update of ${size}, measured here. ${why}${missingArithmetic(plan)}`,
      [own, theirs],
    ),
    make: simd,
  });
  const unavailable = (why: string, note: string) => taken(why, untried("webgpu", note));
  const adapter = await findAdapter();
  if ("missing" in adapter) return unavailable(`No WebGPU to compare with: ${adapter.missing}.`, adapter.missing);
  if (adapter.isSoftware) {
    const why = `WebGPU has only a software adapter here (${adapter.name}), which is used only when asked for.`;
    return unavailable(why, `software adapter: ${adapter.name}`);
  }
  let gpu: Found;
  let theirs: EngineTrial;
  try {
    gpu = await onTfjs("webgpu");
    theirs = await tried(plan, gpu);
  } catch (error) {
    return unavailable(sentence(error), sentence(error));
  }
  const [mine, other] = [own.milliseconds as number, theirs.milliseconds as number];
  if (mine <= other) return taken(`WebGPU (${adapter.name}) takes ${round(other)} ms.`, theirs);
  const reason = `WebGPU takes ${round(other)} ms an update of ${size}, the SIMD kernels ${round(mine)} ms, measured here.`;
  return { ...gpu, choice: { ...gpu.choice, reason, trials: [own, theirs] } };
}

/** Every engine that this machine has, timed for this run; slow ones take their time. */
export async function measureAll(plan: RunPlan): Promise<EngineTrial[]> {
  const trials: EngineTrial[] = [];
  for (const engine of engines) {
    if (engine === "auto") continue;
    try {
      const found = engine === "simd" ? { choice: simdChoice(""), make: simd } : await onTfjs(engine);
      const missing = found.choice.engine !== engine;
      trials.push(missing ? untried(engine, found.choice.reason) : await tried(plan, found));
    } catch (error) {
      trials.push(untried(engine, sentence(error)));
    }
  }
  return trials;
}

const measured = new Map<string, Promise<Found>>();
/** Requests and sizes that a device or TensorFlow.js has already run. */
const warm = new Set<string>();

/** What the speed depends on, and who may be asked. */
const sizeOf = (plan: RunPlan) =>
  `${plan.values.arithmetic} ${plan.config.algo} ${plan.config.values.optimizer} ${needsSimd(plan.values)} ${plan.spec.layers.map((l) => l.outputs)} ${batchRows(plan)}`;

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
    return found.choice.engine === "simd" ? found : { ...(await onTfjs("webgpu")), choice: found.choice };
  }
  if (request === "simd") return { choice: simdChoice(`Chosen by you.${missingArithmetic(plan)}`), make: simd };
  const found = await onTfjs(request).catch((error): Found => {
    if (request !== "webgpu") throw error;
    const why = `${sentence(error)} Gradients run on the SIMD kernels instead.${missingArithmetic(plan)}`;
    return { choice: simdChoice(why), make: simd };
  });
  if (found.choice.engine === "simd") return found;
  const key = `${request} ${sizeOf(plan)}`;
  if (warm.has(key)) return found;
  const ground = trialGround(plan);
  const engine = found.make(plan, ground);
  await time(updater(plan, engine, ground), 0);
  engine.dispose();
  warm.add(key);
  return found;
}

/** Takes over from a graphics device that failed in mid-run; the parameters and statistics are in shared memory. */
export function replacement(failure: unknown, failed: EngineChoice): Found {
  if (!onDevice(failed.engine)) throw failure;
  loaded = null; // the next run asks for the graphics device again
  warm.clear();
  measured.clear();
  const reason = `WebGPU failed during the run: ${sentence(failure)}. Training goes on with SIMD kernels and the same parameters.`;
  return { choice: simdChoice(reason), make: simd };
}
