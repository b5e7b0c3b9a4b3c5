/** Learning, by every engine: one update is a gradient, a clip and a step of Adam. */
import { actorCritic } from "../algorithms/actor-critic.ts";
import { f32, i32, layout, type Views, viewsOf } from "../core/layout.ts";
import { Rng } from "../core/rng.ts";
import type { GradientEngine, UpdateRequest } from "../nn/engine.ts";
import type { NetworkSpec } from "../nn/graph.ts";
import { initialise } from "../nn/initialise.ts";
import { actorCriticNetwork } from "../nn/networks.ts";
import { plainOptimizer } from "../nn/optimizers.ts";
import { LEARNER_ROWS, simdEngine } from "../nn/simd/engine.ts";
import { loadKernels } from "../nn/simd/kernels.ts";
import { workspaceLayout } from "../nn/simd/network.ts";
import { sharedMemory } from "../runtime/memory/memory.ts";
import { type Case, configOf, widthsOf } from "./cases.ts";
import { plainEngine } from "./plain.ts";
import { buildOf, type Learning } from "./work.ts";

const learns = actorCritic.losses.categorical;
const { outputGradient } = learns;

const groundOf = (spec: NetworkSpec, rows: number) =>
  layout({
    parameters: f32(spec.size),
    gradient: f32(spec.size),
    first: f32(spec.size),
    second: f32(spec.size),
    steps: i32(1),
    observation: f32(rows, spec.inputs),
    action: f32(rows),
    advantage: f32(rows),
    returns: f32(rows),
    workspace: workspaceLayout(spec, LEARNER_ROWS, outputGradient),
  });

interface Scene {
  readonly spec: NetworkSpec;
  readonly memory: WebAssembly.Memory;
  readonly views: Views<ReturnType<typeof groundOf>>;
  readonly hp: ReturnType<typeof configOf>["values"];
}

/** Drawn parameters and experience, in shared memory as in a run. */
function draw(of: Case): Scene {
  const spec = actorCriticNetwork({
    inputs: 4,
    hidden: widthsOf(of),
    activation: "tanh",
    trunk: "shared",
    policy: { logits: 2 },
    normalise: false,
  });
  const ground = groundOf(spec, of.batch);
  const memory = sharedMemory(ground.bytes);
  const views = viewsOf(ground, memory.buffer);
  const rng = new Rng().seed(2);
  initialise(spec, rng, views.parameters);
  for (const array of [views.observation, views.advantage, views.returns])
    for (let i = 0; i < array.length; i++) array[i] = rng.normal();
  for (let i = 0; i < of.batch; i++) views.action[i] = rng.next() & 1;
  return { spec, memory, views, hp: { ...configOf(of).values, lr: 1e-4 } };
}

async function onProcessor(of: Case, { spec, memory, views }: Scene): Promise<GradientEngine> {
  switch (of.engine) {
    case "simd":
    case "simd-fma":
      return simdEngine(loadKernels(memory, buildOf(of)), memory, spec, views.workspace, outputGradient);
    case "plain-js":
      return plainEngine(spec);
    case "tfjs-wasm":
    case "tfjs-cpu": {
      const { loadBackend, tf } = await import("../nn/tfjs/backend.ts");
      const { tfjsEngine } = await import("../nn/tfjs/engine.ts");
      await loadBackend(of.engine);
      return tfjsEngine(tf, of.engine === "tfjs-wasm" ? "wasm" : "cpu", spec, learns);
    }
    default:
      throw new Error(`${of.engine} does not learn`);
  }
}

/** An update with whatever engine: differentiate, clip, step. */
function update(of: Case, { views, hp }: Scene, engine: GradientEngine) {
  const optimizer = engine.optimizer ?? plainOptimizer;
  const stats = new Float32Array(outputGradient.stats.length);
  const batch = { rows: of.batch, ...views };
  /** A promise where the engine answers on the event loop. */
  const differentiate = () => engine.differentiate(views.parameters, batch, hp, views.gradient, stats);
  return {
    differentiate,
    async gradient() {
      await differentiate();
      return views.gradient.slice();
    },
    dispose: () => engine.dispose(),
    apply() {
      optimizer.clip(views.gradient, 0.5);
      optimizer.step("adam", views.parameters, views.gradient, views, hp as never);
    },
  };
}

/** Both engines of the graphics device. What they do before they first wait is the processor's part. */
async function onDevice(of: Case, scene: Scene): Promise<Learning> {
  const { loadDevice, tf } = await import("../nn/tfjs/backend.ts");
  const gpu = await loadDevice();
  const { spec, views, hp } = scene;
  const encoded: number[] = [];
  const timed = <T>(encode: () => T): T => {
    const start = performance.now();
    const result = encode();
    encoded.push(performance.now() - start);
    return result;
  };
  if (of.engine === "tfjs-webgpu") {
    const { tfjsEngine } = await import("../nn/tfjs/engine.ts");
    const engine = tfjsEngine(tf, "webgpu", spec, learns, gpu.health);
    const { differentiate, apply, ...rest } = update(of, scene, engine);
    return {
      ...rest,
      encoded,
      async run() {
        await timed(differentiate);
        apply();
        return of.batch;
      },
    };
  }
  const { fusedEngine } = await import("../nn/tfjs/fused.ts");
  const engine = fusedEngine(gpu, spec, of.batch, outputGradient);
  engine.resident.load(views.parameters, views);
  const stats = new Float32Array(outputGradient.stats.length);
  const batch = { rows: of.batch, ...views };
  const request: UpdateRequest = { batch, at: null, hp, clip: 0.5, rule: "adam", rates: hp as never };
  const { gradient, dispose } = update(of, scene, engine);
  return {
    gradient,
    dispose,
    encoded,
    async run() {
      timed(() => engine.submit(request, views.steps[0]));
      await engine.read(views.parameters, views, stats);
      return of.batch;
    },
  };
}

export async function learning(of: Case): Promise<Learning> {
  const scene = draw(of);
  if (of.engine === "webgpu" || of.engine === "tfjs-webgpu") return onDevice(of, scene);
  const { differentiate, apply, ...rest } = update(of, scene, await onProcessor(of, scene));
  return {
    ...rest,
    run() {
      differentiate();
      apply();
      return of.batch;
    },
  };
}
