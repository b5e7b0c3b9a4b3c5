/** An actor on the SIMD kernels, in the memory of its run. */
import { algorithms } from "../algorithms/index.ts";
import { keptEngine, simdEngine } from "../nn/simd/engine.ts";
import { loadKernels } from "../nn/simd/kernels.ts";
import { SimdNetwork } from "../nn/simd/network.ts";
import { policyOn } from "../nn/simd/policy.ts";
import { Actor } from "./actor.ts";
import type { Spin } from "./bell.ts";
import type { RunMemory, RunPlan } from "./memory.ts";
import { actionStreams } from "./rollout.ts";

/** @param wasm the memory that `memory` views */
export function simdActor(
  plan: RunPlan,
  wasm: WebAssembly.Memory,
  memory: RunMemory,
  index: number,
  spin: Spin | null = null,
): Actor {
  const { spec, T, B } = plan;
  const head = algorithms[plan.config.algo].outputGradient.simd;
  const own = memory.actors[index];
  const kernels = loadKernels(wasm, plan.values.arithmetic);
  const network = new SimdNetwork(kernels, spec, own.workspace, plan.keepsActivations ? (T + 1) * B : B);
  const policy = policyOn(network, kernels, spec, own.workspace, actionStreams(own));
  const engine =
    plan.gradients === "learner"
      ? undefined
      : plan.keepsActivations
        ? keptEngine(kernels, wasm, network, own.workspace, head)
        : simdEngine(kernels, wasm, spec, own.blocks, head);
  return new Actor(plan, memory, index, policy, engine, spin);
}
