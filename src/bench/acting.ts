/** Acting, by every engine, in the rollout of a run: network, sampling and environment step. */
import { Rng } from "../core/rng.ts";
import { type NetworkSpec, outputOf } from "../nn/graph.ts";
import { initialise } from "../nn/initialise.ts";
import type { Behaviour } from "../nn/policy.ts";
import { loadKernels } from "../nn/simd/kernels.ts";
import { SimdNetwork } from "../nn/simd/network.ts";
import { simdBehaviour } from "../nn/simd/policy.ts";
import { Rollout, sourcesOf } from "../runtime/acting/rollout.ts";
import { formatMemory, memoryLayout, sharedMemory } from "../runtime/memory/memory.ts";
import { planRun } from "../runtime/plan/plan.ts";
import { type Case, configOf } from "./cases.ts";
import { layersOf, plainActing } from "./plain.ts";
import { buildOf, type Work } from "./work.ts";

/** Logits [rows, A] and values [rows] that came back from TensorFlow.js, to where sampling looks for them. */
function place(spec: NetworkSpec, policy: Behaviour, logits: ArrayLike<number>, value: ArrayLike<number>) {
  const { outputs, stride } = policy;
  const { outputs: A } = outputOf(spec, "logits");
  for (let r = 0; r < value.length; r++) {
    for (let a = 0; a < A; a++) outputs[r * stride + a] = logits[r * A + a];
    outputs[r * stride + A] = value[r];
  }
}

/** A layers model with two outputs and its `predict`, told to take all rows at once (else it takes 32 at a time). */
async function predicting(of: Case, spec: NetworkSpec, plain: Behaviour): Promise<Behaviour> {
  const { loadBackend } = await import("../nn/tfjs/backend.ts");
  await loadBackend(of.engine === "tfjs-cpu" ? "tfjs-cpu" : "tfjs-wasm");
  const tf = await import("@tensorflow/tfjs");
  const { inputs } = spec;
  const { hidden, logits, value } = layersOf(spec);
  const input = tf.input({ shape: [inputs] });
  const trunk = hidden.reduce(
    (x, { outputs: units, activation }) =>
      tf.layers.dense({ units, activation: activation ?? "linear" }).apply(x) as typeof input,
    input,
  );
  const head = ({ outputs: units }: { outputs: number }) => tf.layers.dense({ units }).apply(trunk) as typeof input;
  const model = tf.model({ inputs: input, outputs: [head(logits), head(value)] });
  return {
    ...plain,
    load(parameters) {
      const part = (at: number, shape: number[]) =>
        tf.tensor(parameters.slice(at, at + shape.reduce((a, b) => a * b, 1)), shape);
      const weights = [...hidden, logits, value].flatMap((layer) => [
        part(layer.weight, [layer.inputs, layer.outputs]),
        part(layer.bias, [layer.outputs]),
      ]);
      model.setWeights(weights);
      tf.dispose(weights);
    },
    run(rows) {
      const x = tf.tensor2d(plain.observation.slice(0, rows * inputs), [rows, inputs]);
      const [logits, value] = model.predict(x, { batchSize: rows }) as (typeof x)[];
      place(spec, plain, logits.dataSync(), value.dataSync());
      tf.dispose([x, logits, value]);
    },
  };
}

/** The same network as operations. */
async function operating(spec: NetworkSpec, plain: Behaviour): Promise<Behaviour> {
  const { loadBackend, tf } = await import("../nn/tfjs/backend.ts");
  const { network, parameterTensors } = await import("../nn/tfjs/engine.ts");
  await loadBackend("tfjs-wasm");
  let tensors: ReturnType<typeof parameterTensors> = [];
  let net: ReturnType<typeof network> | null = null;
  return {
    ...plain,
    load(parameters) {
      tf.dispose(tensors);
      tensors = parameterTensors(tf, spec, parameters);
      net = network(tf, spec, tensors);
    },
    run(rows) {
      const run = net;
      if (!run) throw new Error("the policy was given no parameters yet");
      const x = tf.tensor2d(plain.observation.slice(0, rows * spec.inputs), [rows, spec.inputs]);
      const [logits, value] = tf.tidy(() => {
        const outputs = run(x);
        return [outputs.logits, outputs.value];
      });
      place(spec, plain, logits.dataSync(), value.dataSync());
      tf.dispose([x, logits, value]);
    },
  };
}

export async function acting(of: Case): Promise<Work> {
  const plan = planRun(configOf(of));
  const memory = sharedMemory(memoryLayout(plan).bytes);
  const views = formatMemory(plan, memory.buffer);
  const own = views.actors[0];
  const sources = sourcesOf(own);
  const policyOf = async (): Promise<Behaviour> => {
    if (of.engine === "simd" || of.engine === "simd-fma") {
      const kernels = loadKernels(memory, buildOf(of));
      const network = new SimdNetwork(kernels, plan.spec, own.workspace, plan.B);
      return simdBehaviour(kernels, network, own.workspace, plan.acting, own.acting, sources);
    }
    const plain = plainActing(plan.spec, plan.B, sources);
    if (of.engine === "plain-js") return plain;
    return of.engine === "tfjs-wasm-ops" ? operating(plan.spec, plain) : predicting(of, plan.spec, plain);
  };
  const rollout = new Rollout(plan, own, 0, await policyOf());
  rollout.begin();
  initialise(plan.spec, new Rng().seed(1), rollout.parameters);
  rollout.live.set(views.control.requested);
  const always = () => true;
  return {
    run() {
      rollout.fill(own.unrolls[0], always);
      return plan.T * plan.B;
    },
  };
}
