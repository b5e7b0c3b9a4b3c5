/** Finds the learner's engine for a run: the one asked for, or on `auto` the fastest, measured on this network and batch. */
import { type EngineChoice, type EngineTrial, engineLabels, type GradientEngine } from "../../nn/engine.ts";
import { hasFastest } from "../../nn/simd/kernels.ts";
import { findAdapter } from "../../nn/tfjs/adapter.ts";
import type { Loaded, TfjsEngine } from "../../nn/tfjs/backend.ts";
import { brokenDown } from "../../nn/tfjs/breakdown.ts";
import { fusedProblem } from "../../nn/tfjs/chains.ts";
import { simdLearner } from "../acting/simdActor.ts";
import type { RunMemory } from "../memory/memory.ts";
import { engines, needsSimd, resolved } from "../plan/config.ts";
import { batchRows, planRun, type RunPlan } from "../plan/plan.ts";
import { turn } from "../shared/bell.ts";
import { Budget, FIRST_ROWS, REPEATS, type Timed, timeWork, type Work } from "./timing.ts";
import { learnerUpdate, timeAtActors, trialGround } from "./trials.ts";

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

const simd: Found["make"] = (plan, { memory, learner }) => simdLearner(plan, memory, learner);

/** What a person who asked for fused multiply-adds must know, or nothing. */
const missingArithmetic = ({ values }: RunPlan): string =>
  values.arithmetic === "fastest" && !hasFastest()
    ? " This browser has no fused multiply-adds: the reproducible kernels run instead."
    : "";

/** The TensorFlow.js backend in use, and the request that it answers. */
let loaded: (Loaded & { request: TfjsEngine }) | null = null;
/** What `auto` chose, by what the speed depends on. */
const measured = new Map<string, EngineChoice>();
/** What an update of an engine costs that was not measured against another. */
const prices = new Map<string, EngineTrial>();
/** Engines of TensorFlow.js and of the graphics device, with the work that they have done once and compiled for. */
const warm = new Set<string>();

/** tfjs has one current backend: whoever calls takes turns. */
async function backend(request: TfjsEngine): Promise<Loaded> {
  if (loaded?.request === request && !loaded.health.fault) return loaded;
  if (loaded?.health.fault) warm.clear();
  const { loadBackend } = await import("../../nn/tfjs/backend.ts");
  loaded = { ...(await loadBackend(request)), request };
  return loaded;
}

/** The next run asks for the graphics device again, and measures again. */
function forget(): void {
  loaded = null;
  warm.clear();
  measured.clear();
  prices.clear();
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

const onSimd = (reason: string): Found => ({ choice: simdChoice(reason), make: simd });

/** An engine of TensorFlow.js, or on its graphics device; where that cannot be had, what comes next. */
async function onTfjs(request: TfjsEngine): Promise<Found> {
  const { choice, health, gpu } = await backend(request);
  if (gpu && choice.engine === "webgpu") {
    const { fusedEngine } = await import("../../nn/tfjs/fused.ts");
    return {
      choice,
      make: (plan) => fusedEngine(gpu, plan.spec, batchRows(plan, plan.room), plan.outputGradient),
    };
  }
  const [{ tf }, { tfjsEngine }] = await Promise.all([
    import("../../nn/tfjs/backend.ts"),
    import("../../nn/tfjs/engine.ts"),
  ]);
  const name = { webgpu: "webgpu", "tfjs-webgpu": "webgpu", "tfjs-wasm": "wasm", "tfjs-cpu": "cpu" } as const;
  return {
    choice,
    make: (plan) => tfjsEngine(tf, name[choice.engine as TfjsEngine], plan.spec, plan, health),
  };
}

const onDevice = (engine: EngineId) => engine === "webgpu" || engine === "tfjs-webgpu";

/** Milliseconds that the timed updates of all of `auto`'s candidates may take. */
export const LIMIT = 300;

const noWork = { dispatches: 0, uploadBytes: 0, readBytes: 0 };

/** What the kernels of an engine depend on. */
const kernelsOf = ({ config, spec }: RunPlan): unknown[] => [config.algo, config.values.optimizer, spec];

const warmKey = (plan: RunPlan, { choice }: Found) => JSON.stringify([choice.engine, kernelsOf(plan), batchRows(plan)]);

/** What the speed of every candidate depends on, and who may be asked. */
const sizeOf = (plan: RunPlan) => {
  const { arithmetic, gradients } = plan.values;
  return JSON.stringify([kernelsOf(plan), arithmetic, gradients, plan.actors, plan.T * plan.B]);
};

/** Has an update of an engine made on noise, and gives the engine back, whatever becomes of it. */
async function withUpdate<T>(plan: RunPlan, { make }: Found, use: (update: Work) => Promise<T>): Promise<T> {
  const ground = trialGround(plan);
  const engine = make(plan, ground);
  try {
    return await use(learnerUpdate(plan, engine, ground));
  } finally {
    engine.dispose();
  }
}

/** Rows of a batch times parameters: a measure of the work of an update. */
const workOf = (plan: RunPlan): number => batchRows(plan) * plan.spec.size;
/** Work of an engine that is run once: a moment even for TensorFlow.js in plain JavaScript. */
const WARM_WORK = 1e7;
/** Work from which it is worth a moment to know what an update costs: a tenth of a second on the kernels, or on TensorFlow.js. */
const WORTH = { simd: 5e8, tfjs: 2e7 };

/** Has everything compiled that is compiled on first use. Of a heavy update a part is enough. */
async function warmUp(plan: RunPlan, found: Found): Promise<void> {
  const key = warmKey(plan, found);
  if (warm.has(key)) return;
  const rows = Math.max(1, Math.min(batchRows(plan), Math.floor(WARM_WORK / plan.spec.size)));
  await withUpdate(plan, found, async (update) => update(rows));
  warm.add(key);
}

/** A choice that was not measured, with what an update costs where that may be much. A device is not asked: it might be busy for long. */
async function priced(plan: RunPlan, found: Found, cores: number): Promise<Found> {
  const { choice } = found;
  if (choice.trials.length > 0 || onDevice(choice.engine)) return found;
  if (workOf(plan) < (choice.engine === "simd" ? WORTH.simd : WORTH.tfjs)) return found;
  const key = JSON.stringify([choice.engine, sizeOf(plan)]);
  const trial = prices.get(key) ?? (await tried(planOn(choice.engine, plan), found, cores, new Budget(LIMIT), LIMIT));
  prices.set(key, trial);
  return { ...found, choice: { ...choice, trials: [trial] } };
}

/** Where an update's rows are differentiated, when that is at the actors. */
const sharing = ({ lockstep, actors, T, B }: RunPlan, cores: number) =>
  lockstep && actors > 1
    ? `${T * B} at each of ${actors} actors, on ${cores} ${cores === 1 ? "core" : "cores"}`
    : "at the actor that acted";

/** Times an update as a run on this engine makes it. `plan` is that run's. */
async function tried(plan: RunPlan, found: Found, cores: number, budget: Budget, share: number): Promise<EngineTrial> {
  const { engine, label, adapter } = found.choice;
  const of = { engine, label, ...noWork };
  if (plan.gradients === "actors") {
    const time = await timeAtActors(plan, trialGround(plan), cores, budget, share);
    return { ...of, ...time, note: sharing(plan, cores) };
  }
  const rows = batchRows(plan);
  return withUpdate(plan, found, async (update) => {
    let first = FIRST_ROWS;
    if (onDevice(engine)) {
      const { countDeviceWork } = await import("../../nn/tfjs/count.ts");
      const began = performance.now();
      const { dispatches, uploadBytes, readBytes } = await countDeviceWork(async () => update(rows));
      Object.assign(of, { dispatches, uploadBytes, readBytes });
      if (REPEATS * (performance.now() - began) < share) first = rows;
      warm.add(warmKey(plan, found));
    }
    const time: Timed = await timeWork(update, rows, budget, share, first);
    return { ...of, ...time, note: adapter };
  });
}

const untried = (engine: EngineId, note: string): EngineTrial => ({
  engine,
  label: engineLabels[engine],
  milliseconds: null,
  isEstimate: false,
  ...noWork,
  note,
});

/** The plan of the run that takes this engine. */
const planOn = (engine: EngineId, { config }: RunPlan): RunPlan => planRun(resolved(config, engine));

const shown = ({ milliseconds, isEstimate }: EngineTrial) =>
  `${isEstimate ? "≈ " : ""}${Number((milliseconds as number).toPrecision(2))} ms`;

/** Measures the candidates and takes the fastest. TensorFlow.js op by op is none: the fused step does the same work. */
async function fastest(plan: RunPlan, cores: number): Promise<EngineChoice> {
  const budget = new Budget(LIMIT);
  const simdPlan = planOn("simd", plan);
  const own = await tried(simdPlan, onSimd(""), cores, budget, LIMIT / 2);
  const size = `${batchRows(plan)} rows${simdPlan.gradients === "actors" ? ` (${sharing(simdPlan, cores)})` : ""}`;
  const taken = (why: string, theirs: EngineTrial) =>
    simdChoice(
      `SIMD kernels take ${shown(own)} an update of ${size}, measured here. ${why}${missingArithmetic(plan)}`,
      [own, theirs],
    );
  const unavailable = (why: string, note: string) => taken(why, untried("webgpu", note));
  const problem = fusedProblem(plan.spec);
  if (problem !== null) return unavailable(`Not WebGPU: ${problem}.`, problem);
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
    theirs = await tried(planOn("webgpu", plan), gpu, cores, budget, budget.left);
  } catch (error) {
    return unavailable(sentence(error), sentence(error));
  }
  const [mine, other] = [own.milliseconds as number, theirs.milliseconds as number];
  if (mine <= other) return taken(`WebGPU (${adapter.name}) takes ${shown(theirs)}.`, theirs);
  const reason = `WebGPU takes ${shown(theirs)} an update, the SIMD kernels ${shown(own)} with ${size}, measured here.`;
  return { ...gpu.choice, reason, trials: [own, theirs] };
}

/** What `auto` chooses for this run. */
async function automatic(plan: RunPlan, cores: number): Promise<EngineChoice> {
  if (needsSimd(plan.values))
    return simdChoice(
      `Nothing was measured: gradients are computed in the actors, where only the SIMD kernels run.${missingArithmetic(plan)}`,
    );
  const key = sizeOf(plan);
  const choice = measured.get(key) ?? (await fastest(plan, cores));
  measured.set(key, choice);
  return choice;
}

/**
 * Every engine that this machine has, timed for this run.
 *
 * @param cores that actors share
 * @param isWanted asked before every engine; false ends it with what was measured so far
 * @param onTrial hears of every engine at once
 */
export async function measureAll(
  plan: RunPlan,
  cores: number,
  isWanted: () => boolean,
  onTrial: (trial: EngineTrial) => void = () => {},
): Promise<EngineTrial[]> {
  const trials: EngineTrial[] = [];
  const trial = async (engine: EngineId): Promise<EngineTrial> => {
    if (engine !== "simd" && needsSimd(plan.values)) return untried(engine, "only the SIMD kernels run in the actors");
    const found = engine === "simd" ? onSimd("") : await onTfjs(engine);
    if (found.choice.engine !== engine) return untried(engine, found.choice.reason);
    return tried(planOn(engine, plan), found, cores, new Budget(LIMIT), LIMIT);
  };
  for (const engine of engines) {
    if (engine === "auto") continue;
    await turn(); // messages that have come meanwhile arrive
    if (!isWanted()) break;
    const made = await trial(engine).catch((error) => untried(engine, sentence(error)));
    trials.push(made);
    onTrial(made);
  }
  return trials;
}

/**
 * The engine for a run, warm, with what an update costs where that is much. Where `webgpu` cannot be had, whoever chose it,
 * SIMD is taken and says why.
 */
export const findEngine = async (plan: RunPlan, cores: number): Promise<Found> =>
  priced(plan, await foundEngine(plan, cores), cores);

async function foundEngine(plan: RunPlan, cores: number): Promise<Found> {
  const request = plan.values.engine;
  if (request === "simd") return onSimd(`Chosen by you.${missingArithmetic(plan)}`);
  const choice = request === "auto" ? await automatic(plan, cores) : null;
  if (choice?.engine === "simd") return { choice, make: simd };
  const wanted = request === "auto" ? "webgpu" : request;
  try {
    const found = await onTfjs(wanted);
    await warmUp(plan, found);
    return choice ? { ...found, choice } : found;
  } catch (error) {
    if (wanted !== "webgpu") throw brokenDown(error, wanted);
    forget();
    return onSimd(`${sentence(error)} Gradients run on the SIMD kernels instead.${missingArithmetic(plan)}`);
  }
}

/** Takes over from a graphics device that failed in mid-run; the parameters and statistics are in shared memory. */
export function replacement(failure: unknown, failed: EngineChoice): Found {
  if (!onDevice(failed.engine)) throw failure;
  forget();
  return onSimd(
    `WebGPU failed during the run: ${sentence(failure)}. Training goes on with SIMD kernels and the same parameters.`,
  );
}
