/** Measures acting and learning on a thread of its own, as actors and learner do. */
import { expose } from "comlink";
import { algorithms } from "../algorithms/index.ts";
import { f32, i32, layout, viewsOf } from "../core/layout.ts";
import { Rng } from "../core/rng.ts";
import { type Batch, type GradientEngine, lossStats } from "../nn/engine.ts";
import { type Moments, plainOptimizer } from "../nn/optimizers.ts";
import { type Policy, plainPolicy } from "../nn/policy.ts";
import { LEARNER_ROWS, simdEngine } from "../nn/simd/engine.ts";
import { type Build, hasFastest, loadKernels } from "../nn/simd/kernels.ts";
import { workspaceLayout } from "../nn/simd/network.ts";
import { simdPolicy } from "../nn/simd/policy.ts";
import { initialise, type NetworkSpec, networkSpec } from "../nn/spec.ts";
import { findAdapter } from "../nn/tfjs/adapter.ts";
import type { TfjsEngine } from "../nn/tfjs/backend.ts";
import type { FusedEngine } from "../nn/tfjs/fused.ts";
import { formatMemory, memoryLayout, planRun, sharedMemory } from "../runtime/memory.ts";
import { ParameterReader, ParameterWriter, parametersLayout } from "../runtime/parameters.ts";
import { actionStreams, Rollout } from "../runtime/rollout.ts";
import { type BenchApi, type Case, configOf, networks } from "./cases.ts";
import { fastPolicy, plainEngine } from "./plain.ts";

/** Does some work once and says how many units it was; or how many of how many milliseconds, where not all of it counts. */
type Work = () => number | Promise<number | { units: number; milliseconds: number }>;

const buildOf = ({ engine }: Case): Build => (engine === "simd-fma" ? "fastest" : "reproducible");

async function tfjs(engine: TfjsEngine) {
  const [backend, { tfjsEngine, network, parameterTensors }] = await Promise.all([
    import("../nn/tfjs/backend.ts"),
    import("../nn/tfjs/engine.ts"),
  ]);
  await backend.loadBackend(engine);
  return { tf: backend.tf, tfjsEngine, network, parameterTensors };
}

/** Copies [rows, A] logits and [rows] values into a policy's outputs. */
function spread(outputs: Policy["outputs"], A: number, z: ArrayLike<number>, v: ArrayLike<number>, rows: number): void {
  for (let r = 0; r < rows; r++) {
    for (let a = 0; a < A; a++) outputs[r * (A + 1) + a] = z[r * A + a];
    outputs[r * (A + 1) + A] = v[r];
  }
}

/** Acting through TensorFlow.js: raw operations on the device, sampling here. */
async function opsPolicy(spec: NetworkSpec, plain: Policy): Promise<Policy> {
  const { tf, network, parameterTensors } = await tfjs("tfjs-wasm");
  let net: ReturnType<typeof network> | null = null;
  let tensors: ReturnType<typeof parameterTensors> = [];
  return {
    ...plain,
    load(parameters) {
      tf.dispose(tensors);
      tensors = parameterTensors(tf, spec, parameters);
      net = network(tf, spec, tensors);
    },
    run(rows) {
      const input = tf.tensor2d(plain.observation.slice(0, rows * spec.inputs), [rows, spec.inputs]);
      const run = net as NonNullable<typeof net>;
      const [logits, value] = tf.tidy(() => {
        const of = run(input);
        return [of.logits, of.value];
      });
      spread(plain.outputs, spec.actions, logits.dataSync(), value.dataSync(), rows);
      tf.dispose([input, logits, value]);
    },
  };
}

/** Acting as an ordinary program would: `predict` of a layers model with two outputs, sampling here. */
async function predictPolicy(of: Case, spec: NetworkSpec, plain: Policy): Promise<Policy> {
  const { parameterTensors } = await tfjs(of.engine as TfjsEngine);
  const tf = await import("@tensorflow/tfjs");
  const input = tf.input({ shape: [spec.inputs] });
  let trunk = input;
  for (const { outputs } of spec.hidden)
    trunk = tf.layers.dense({ units: outputs, activation: spec.activation }).apply(trunk) as typeof input;
  const head = (units: number) => tf.layers.dense({ units }).apply(trunk) as typeof input;
  const model = tf.model({ inputs: input, outputs: [head(spec.actions), head(1)] });
  return {
    ...plain,
    load(parameters) {
      const tensors = parameterTensors(tf as never, spec, parameters);
      model.setWeights(tensors as never);
      tf.dispose(tensors as never);
    },
    run(rows) {
      const x = tf.tensor2d(plain.observation.slice(0, rows * spec.inputs), [rows, spec.inputs]);
      const [logits, value] = model.predict(x) as import("@tensorflow/tfjs").Tensor[];
      spread(plain.outputs, spec.actions, logits.dataSync(), value.dataSync(), rows);
      tf.dispose([x, logits, value]);
    },
  };
}

async function act(of: Case): Promise<Work> {
  const plan = planRun(configOf(of));
  const memory = sharedMemory(memoryLayout(plan).bytes);
  const views = formatMemory(plan, memory.buffer);
  const own = views.actors[0];
  const streams = actionStreams(own);
  const { spec, B } = plan;
  const plain = () => plainPolicy(spec, B, streams);
  const policy =
    of.engine === "plain-js"
      ? fastPolicy(spec, B, plain())
      : of.engine === "tfjs-wasm-ops"
        ? await opsPolicy(spec, plain())
        : of.engine.startsWith("tfjs")
          ? await predictPolicy(of, spec, plain())
          : simdPolicy(loadKernels(memory, buildOf(of)), spec, own.workspace, B, streams);
  const rollout = new Rollout(plan, own, 0, policy);
  rollout.begin();
  initialise(plan.spec, new Rng().seed(1), rollout.parameters);
  rollout.live.set(views.control.requested);
  const always = () => true;
  return () => {
    rollout.fill(own.unrolls[0], always);
    return plan.T * plan.B;
  };
}

async function engineOf(
  of: Case,
  spec: NetworkSpec,
  memory: WebAssembly.Memory,
  workspace: Parameters<typeof simdEngine>[3],
) {
  if (of.engine === "plain-js") return plainEngine(spec);
  const { loss, outputGradient } = algorithms.a2c;
  if (of.engine === "webgpu") {
    const [{ loadDevice }, { fusedEngine }] = await Promise.all([
      import("../nn/tfjs/backend.ts"),
      import("../nn/tfjs/fused.ts"),
    ]);
    return fusedEngine(await loadDevice(), spec, of.batch, outputGradient);
  }
  if (of.engine.startsWith("tfjs")) {
    const { tf, tfjsEngine } = await tfjs(of.engine as TfjsEngine);
    return tfjsEngine(tf, of.engine.slice("tfjs-".length) as "wasm", spec, loss);
  }
  return simdEngine(loadKernels(memory, buildOf(of)), memory, spec, workspace);
}

/** One update: gradient, clip, Adam. */
async function learn(of: Case): Promise<Work> {
  const spec = networkSpec(4, 2, networks[of.network], "tanh");
  const ground = layout({
    parameters: f32(spec.size),
    gradient: f32(spec.size),
    first: f32(spec.size),
    second: f32(spec.size),
    steps: i32(1),
    observation: f32(of.batch, 4),
    action: i32(of.batch),
    advantage: f32(of.batch),
    returns: f32(of.batch),
    workspace: workspaceLayout(spec, LEARNER_ROWS, true),
  });
  const memory = sharedMemory(ground.bytes);
  const views = viewsOf(ground, memory.buffer);
  const rng = new Rng().seed(2);
  initialise(spec, rng, views.parameters);
  for (const array of [views.observation, views.advantage, views.returns])
    for (let i = 0; i < array.length; i++) array[i] = rng.normal();
  for (let i = 0; i < of.batch; i++) views.action[i] = rng.next() & 1;
  const engine: GradientEngine = await engineOf(of, spec, memory, views.workspace);
  const optimizer = engine.optimizer ?? plainOptimizer;
  const hp = { ...configOf(of).values, lr: 1e-4 };
  const stats = new Float32Array(lossStats.length);
  const batch = { rows: of.batch, ...views };
  const step = () => {
    optimizer.clip(views.gradient, 0.5);
    optimizer.step("adam", views.parameters, views.gradient, views, hp as never);
    return of.batch;
  };
  if (engine.id === "webgpu") return fusedWork(of, engine as FusedEngine, batch, hp, views);
  if (!engine.needsEventLoop)
    return () => {
      engine.differentiate(views.parameters, batch, hp, views.gradient, stats);
      return step();
    };
  return async () => {
    const start = performance.now();
    const working = engine.differentiate(views.parameters, batch, hp, views.gradient, stats);
    const milliseconds = performance.now() - start;
    await working;
    step();
    return of.name === "encode" ? { units: 1, milliseconds } : of.batch;
  };
}

/** The fused step, whole or only what the processor does for it. */
async function fusedWork(
  of: Case,
  engine: FusedEngine,
  batch: Batch,
  hp: Readonly<Record<string, unknown>>,
  views: { parameters: Float32Array } & Moments,
): Promise<Work> {
  const stats = new Float32Array(lossStats.length);
  const request = { batch, at: null, hp, clip: 0.5, rule: "adam", rates: hp as never } as const;
  const { parameters, steps } = views;
  engine.resident.load(parameters, views);
  await engine.resident.update(request, parameters, views, stats);
  return async () => {
    const start = performance.now();
    engine.submit(request, steps[0] + 1);
    const milliseconds = performance.now() - start;
    await engine.read(parameters, views, stats);
    return of.name === "encode" ? { units: 1, milliseconds } : of.batch;
  };
}

/** Parameters through the two banks: one thread publishes and pulls, so that only the copies are measured. */
function exchange(of: Case): Work {
  const regions = parametersLayout(of.batch, 1, 1);
  const views = viewsOf(regions, sharedMemory(regions.bytes).buffer);
  views.version[0] = -1;
  const [writer, reader] = [new ParameterWriter(views), new ParameterReader(views, 0)];
  const [parameters, live] = [new Float32Array(of.batch), new Float64Array(1)];
  const into = parameters.slice();
  return () => {
    for (let i = 0; i < 100; i++) {
      writer.publish(parameters, live);
      reader.pull(into, live);
    }
    return 100;
  };
}

/** Multiply-adds from registers: 8 vectors of four a round. */
function peak(of: Case): Work {
  const { peak } = loadKernels(sharedMemory(65_536), buildOf(of));
  const rounds = 100_000;
  return () => {
    peak(rounds);
    return rounds * 8 * 4;
  };
}

let work: Work | null = null;

const isOnDevice = ({ engine }: Case) => engine === "webgpu" || engine === "tfjs-webgpu";

const workOf = (of: Case): Work | Promise<Work> => {
  if (of.name === "act") return act(of);
  if (of.name === "exchange") return exchange(of);
  return of.name === "peak" ? peak(of) : learn(of);
};

const api: BenchApi = {
  async prepare(of, warmMilliseconds) {
    if (of.engine === "simd-fma" && !hasFastest()) return false;
    if (isOnDevice(of) && "missing" in (await findAdapter())) return false;
    work = await workOf(of);
    for (const end = performance.now() + warmMilliseconds; performance.now() < end; ) await work();
    return true;
  },
  async measure(milliseconds) {
    if (!work) throw new Error("nothing is prepared");
    const start = performance.now();
    let units = 0;
    let counted = 0;
    let parts = false;
    let now = start;
    do {
      const done = work();
      const result = typeof done === "number" ? done : await done; // a promise costs as much as small work
      if (typeof result === "number") units += result;
      else {
        parts = true;
        units += result.units;
        counted += result.milliseconds;
      }
      now = performance.now();
    } while (now - start < milliseconds);
    return (units / (parts ? counted : now - start)) * 1000;
  },
};

expose(api);
