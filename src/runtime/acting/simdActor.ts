/** Actors, and the learner's engine, on the SIMD kernels in the memory of their run. */
import type { GradientEngine } from "../../nn/engine.ts";
import type { Behaviour } from "../../nn/policy.ts";
import { keptEngine, simdEngine } from "../../nn/simd/engine.ts";
import { loadKernels } from "../../nn/simd/kernels.ts";
import { SimdNetwork } from "../../nn/simd/network.ts";
import { simdBehaviour } from "../../nn/simd/policy.ts";
import type { RunMemory } from "../memory/memory.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { Spin } from "../shared/bell.ts";
import { Actor } from "./actor.ts";
import { sourcesOf } from "./rollout.ts";

/** @param wasm the memory that `learner`, the learner's part of a run's memory, views */
export const simdLearner = (
  plan: RunPlan,
  wasm: WebAssembly.Memory,
  { workspace }: Pick<RunMemory["learner"], "workspace">,
): GradientEngine =>
  simdEngine(loadKernels(wasm, plan.values.arithmetic), wasm, plan.spec, workspace, plan.outputGradient);

/**
 * What an actor acts with and, where the plan says that actors differentiate, what it differentiates with.
 *
 * @param wasm the memory that `own`, the actor's part of a run's memory, views
 */
export function simdParts(
  plan: RunPlan,
  wasm: WebAssembly.Memory,
  own: RunMemory["actors"][number],
): { policy: Behaviour; engine: GradientEngine | undefined } {
  const { spec, acting, T, B, outputGradient } = plan;
  const kernels = loadKernels(wasm, plan.values.arithmetic);
  const network = new SimdNetwork(kernels, spec, own.workspace, plan.keepsActivations ? (T + 1) * B : B);
  const policy = simdBehaviour(kernels, network, own.workspace, acting, own.acting, sourcesOf(own));
  const engine =
    plan.gradients === "learner"
      ? undefined
      : plan.keepsActivations
        ? keptEngine(kernels, wasm, spec, network, own.workspace, outputGradient)
        : simdEngine(kernels, wasm, spec, own.blocks, outputGradient);
  return { policy, engine };
}

/** @param wasm the memory that `memory` views */
export function simdActor(
  plan: RunPlan,
  wasm: WebAssembly.Memory,
  memory: RunMemory,
  index: number,
  spin: Spin | null = null,
): Actor {
  const { policy, engine } = simdParts(plan, wasm, memory.actors[index]);
  return new Actor(plan, memory, index, policy, engine, spin);
}
