/** The parts of a run on one thread, in shared WebAssembly memory and on the SIMD kernels, as the workers make them. */
import { loadKernels } from "../../src/nn/simd/kernels.ts";
import { simdPolicy } from "../../src/nn/simd/policy.ts";
import { Evaluator } from "../../src/runtime/acting/evaluator.ts";
import { simdActor, simdLearner } from "../../src/runtime/acting/simdActor.ts";
import { Learner } from "../../src/runtime/learning/learner.ts";
import { formatMemory, memoryLayout, sharedMemory } from "../../src/runtime/memory/memory.ts";
import { EVALUATION_EPISODES, type RunConfig } from "../../src/runtime/plan/config.ts";
import { planRun, type RunPlan } from "../../src/runtime/plan/plan.ts";
import { updateOnce } from "../../src/runtime/threads/local.ts";
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
