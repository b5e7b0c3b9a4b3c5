import { expose } from "comlink";
import { loadKernels } from "../nn/simd/kernels.ts";
import { simdPolicy } from "../nn/simd/policy.ts";
import { EVALUATION_EPISODES } from "./config.ts";
import { Evaluator } from "./evaluator.ts";
import { holdForLife } from "./life.ts";
import { openMemory } from "./memory.ts";
import { planRun } from "./plan.ts";
import type { EvaluatorApi } from "./protocol.ts";
import { rehearse } from "./rehearsal.ts";

const api: EvaluatorApi = {
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

expose(api);
