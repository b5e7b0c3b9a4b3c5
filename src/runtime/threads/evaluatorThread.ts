/** What the evaluator's thread answers to. */
import { loadKernels } from "../../nn/simd/kernels.ts";
import { simdPolicy } from "../../nn/simd/policy.ts";
import { Evaluator } from "../acting/evaluator.ts";
import { rehearse } from "../engines/rehearsal.ts";
import { openMemory } from "../memory/memory.ts";
import { EVALUATION_EPISODES } from "../plan/config.ts";
import { planRun } from "../plan/plan.ts";
import { holdForLife } from "./life.ts";
import type { EvaluatorApi } from "./protocol.ts";

export const evaluatorApi: EvaluatorApi = {
  holdForLife,
  warm: rehearse,

  run({ config, memory }) {
    const plan = planRun(config);
    const views = openMemory(plan, memory.buffer);
    const policy = simdPolicy(
      loadKernels(memory, plan.values.arithmetic),
      plan.spec,
      views.evaluator.workspace,
      EVALUATION_EPISODES,
    );
    new Evaluator(plan, views, policy).run();
  },
};
