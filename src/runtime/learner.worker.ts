import { expose } from "comlink";
import { algorithms } from "../algorithms/index.ts";
import { Rng } from "../core/rng.ts";
import { type GradientEngine, lossStats } from "../nn/engine.ts";
import { initialise } from "../nn/spec.ts";
import { type EngineRequest, type Loaded, loadBackend, tf } from "../nn/tfjs/backend.ts";
import { tfjsEngine } from "../nn/tfjs/engine.ts";
import { learn } from "./learning.ts";
import { openMemory, planRun, type RunPlan } from "./memory.ts";
import type { LearnerApi } from "./protocol.ts";
import type { EngineChoice } from "./view.ts";

/** The backend in use, and the request that it answers. One at a time: tfjs has one current backend. */
let loaded: (Loaded & { request: EngineRequest }) | null = null;
let loading: Promise<unknown> = Promise.resolve();

/** Requests wait for each other: of two that set tfjs's backend at the same time, one fails. */
function backendFor(request: EngineRequest): Promise<Loaded> {
  const next = loading.then(async () => {
    if (loaded?.request !== request || loaded.health.fault) loaded = { ...(await loadBackend(request)), request };
    return loaded;
  });
  loading = next.catch(() => {});
  return next;
}

function engineOf(plan: RunPlan, { choice, health }: Loaded): GradientEngine {
  const backend = { "tfjs-webgpu": "webgpu", "tfjs-wasm": "wasm", "tfjs-cpu": "cpu" } as const;
  return tfjsEngine(tf, backend[choice.engine], plan.spec, algorithms[plan.config.algo].loss, health);
}

/** One gradient at the shapes of this run, thrown away: compiles what the backend compiles on first use. */
async function warmUp(plan: RunPlan, engine: GradientEngine): Promise<void> {
  const { spec, T, B, actors, lockstep } = plan;
  const rows = (lockstep ? actors : 1) * T * B;
  const parameters = new Float32Array(spec.size);
  initialise(spec, new Rng().seed(0), parameters);
  const batch = {
    rows,
    observation: new Float32Array(rows * spec.inputs),
    action: new Int32Array(rows),
    advantage: new Float32Array(rows),
    returns: new Float32Array(rows),
  };
  await engine.differentiate(
    parameters,
    batch,
    plan.config.values,
    new Float32Array(spec.size),
    new Float32Array(lossStats.length),
  );
}

const api: LearnerApi = {
  async prepare(config) {
    const plan = planRun(config);
    const backend = await backendFor(plan.values.engine);
    await warmUp(plan, engineOf(plan, backend));
    return backend.choice;
  },

  async run({ config, memory }, onEngine) {
    const plan = planRun(config);
    const backend = await backendFor(plan.values.engine);
    const recover = async (failure: unknown): Promise<GradientEngine> => {
      if (backend.choice.engine !== "tfjs-webgpu") throw failure;
      const next = await loadBackend("tfjs-wasm");
      loaded = null; // the next run asks for the graphics device again
      const why = failure instanceof Error ? failure.message : String(failure);
      const choice: EngineChoice = {
        ...next.choice,
        reason: `WebGPU failed during the run: ${why}. Training goes on in ${next.choice.label} with the same parameters.`,
      };
      onEngine(choice);
      return engineOf(plan, { ...next, choice });
    };
    return learn(plan, openMemory(plan, memory.buffer), engineOf(plan, backend), recover);
  },
};

expose(api);
