/** The parts of a run on one thread, in shared WebAssembly memory and on the SIMD kernels, as the workers make them. */
import { loadKernels } from "../../src/nn/simd/kernels.ts";
import { simdPolicy } from "../../src/nn/simd/policy.ts";
import { EVALUATION_EPISODES, type RunConfig } from "../../src/runtime/config.ts";
import { Evaluator } from "../../src/runtime/evaluator.ts";
import { Learner } from "../../src/runtime/learner.ts";
import { updateOnce } from "../../src/runtime/local.ts";
import { formatMemory, memoryLayout, sharedMemory } from "../../src/runtime/memory.ts";
import { planRun, type RunPlan } from "../../src/runtime/plan.ts";
import { simdActor, simdLearner } from "../../src/runtime/simdActor.ts";
import type { Stage } from "./stage.ts";

export interface SimdStage extends Stage {
  readonly wasm: WebAssembly.Memory;
}

/**
 * @param changed what the plan says otherwise than the configuration
 * @param spare actors beyond those that the run begins with
 */
export function simdStage(config: RunConfig, changed: Partial<RunPlan> = {}, spare = 0): SimdStage {
  const plan: RunPlan = { ...planRun(config), ...changed };
  const { spec, values } = plan;
  const wasm = sharedMemory(memoryLayout(plan).bytes);
  const memory = formatMemory(plan, wasm.buffer);
  const kernels = loadKernels(wasm, values.arithmetic);
  const learner = new Learner(plan, memory, simdLearner(plan, wasm, memory.learner), () => 0);
  const actors = Array.from({ length: plan.actors + spare }, (_, index) => simdActor(plan, wasm, memory, index));
  const evaluator = new Evaluator(
    plan,
    memory,
    simdPolicy(kernels, spec, memory.evaluator.workspace, EVALUATION_EPISODES),
  );
  learner.begin();
  return { plan, memory, learner, actors, evaluator, wasm };
}

/** Updates until `done`. */
export async function runUntil(of: Stage, done: () => boolean): Promise<void> {
  while (!done()) await updateOnce(of);
}
