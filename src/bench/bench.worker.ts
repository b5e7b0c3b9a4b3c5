/** Measures acting and learning on a thread of its own, as actors and learner do. */
import { expose } from "comlink";
import { algorithms } from "../algorithms/index.ts";
import { f32, i32, layout, viewsOf } from "../core/layout.ts";
import { Rng } from "../core/rng.ts";
import { type GradientEngine, lossStats } from "../nn/engine.ts";
import { plainOptimizer } from "../nn/optimizers.ts";
import { type Policy, plainPolicy } from "../nn/policy.ts";
import { LEARNER_ROWS, simdEngine } from "../nn/simd/engine.ts";
import { type Build, hasFastest, loadKernels } from "../nn/simd/kernels.ts";
import { workspaceLayout } from "../nn/simd/network.ts";
import { simdPolicy } from "../nn/simd/policy.ts";
import { initialise, type NetworkSpec, networkSpec } from "../nn/spec.ts";
import type { TfjsEngine } from "../nn/tfjs/backend.ts";
import { formatMemory, memoryLayout, planRun, sharedMemory } from "../runtime/memory.ts";
import { actionStreams, Rollout } from "../runtime/rollout.ts";
import { type BenchApi, type Case, configOf, networks } from "./cases.ts";
import { plainEngine } from "./plain.ts";

/** Does some work once and says how many units it was. */
type Work = () => number;

const buildOf = ({ engine }: Case): Build => (engine === "simd-fma" ? "fastest" : "reproducible");

async function tfjs(engine: TfjsEngine) {
  const [backend, { tfjsEngine, network, parameterTensors }] = await Promise.all([
    import("../nn/tfjs/backend.ts"),
    import("../nn/tfjs/engine.ts"),
  ]);
  await backend.loadBackend(engine);
  return { tf: backend.tf, tfjsEngine, network, parameterTensors };
}

/** Acting through TensorFlow.js: the network on the device, sampling here, as an ordinary program would. */
async function tfjsPolicy(of: Case, spec: NetworkSpec, plain: Policy): Promise<Policy> {
  const { tf, network, parameterTensors } = await tfjs(of.engine as TfjsEngine);
  const A = spec.actions;
  let net: ReturnType<typeof network> | null = null;
  let tensors: ReturnType<typeof parameterTensors> = [];
  const outputs = plain.outputs;
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
      const z = logits.dataSync();
      const v = value.dataSync();
      for (let r = 0; r < rows; r++) {
        for (let a = 0; a < A; a++) outputs[r * (A + 1) + a] = z[r * A + a];
        outputs[r * (A + 1) + A] = v[r];
      }
      tf.dispose([input, logits, value]);
    },
  };
}

async function act(of: Case): Promise<Work> {
  const plan = planRun(configOf(of));
  const memory = sharedMemory(memoryLayout(plan).bytes);
  const views = formatMemory(plan, memory.buffer);
  const own = views.actors[0];
  const streams = actionStreams(own);
  const plain = () => plainPolicy(plan.spec, plan.B, streams);
  const policy =
    of.engine === "plain-js"
      ? plain()
      : of.engine.startsWith("tfjs")
        ? await tfjsPolicy(of, plan.spec, plain())
        : simdPolicy(loadKernels(memory, buildOf(of)), plan.spec, own.workspace, plan.B, streams);
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
  if (of.engine.startsWith("tfjs")) {
    const { tf, tfjsEngine } = await tfjs(of.engine as TfjsEngine);
    return tfjsEngine(tf, of.engine === "tfjs-wasm" ? "wasm" : "cpu", spec, algorithms.a2c.loss);
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
  return () => {
    engine.differentiate(views.parameters, batch, hp, views.gradient, stats);
    optimizer.clip(views.gradient, 0.5);
    optimizer.step("adam", views.parameters, views.gradient, views, hp as never);
    return of.batch;
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

const api: BenchApi = {
  async prepare(of, warmMilliseconds) {
    if (of.engine === "simd-fma" && !hasFastest()) return false;
    work = of.name === "act" ? await act(of) : of.name === "learn" ? await learn(of) : peak(of);
    for (const end = performance.now() + warmMilliseconds; performance.now() < end; ) work();
    return true;
  },
  measure(milliseconds) {
    if (!work) throw new Error("nothing is prepared");
    const start = performance.now();
    let units = 0;
    let now = start;
    do {
      units += work();
      now = performance.now();
    } while (now - start < milliseconds);
    return (units / (now - start)) * 1000;
  },
};

expose(api);
