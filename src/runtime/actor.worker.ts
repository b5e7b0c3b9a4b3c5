import { expose } from "comlink";
import { simdEngine } from "../nn/simd/engine.ts";
import { loadKernels } from "../nn/simd/kernels.ts";
import { simdPolicy } from "../nn/simd/policy.ts";
import { Actor } from "./actor.ts";
import { openMemory, planRun } from "./memory.ts";
import type { ActorApi } from "./protocol.ts";
import { actionStreams } from "./rollout.ts";

const api: ActorApi = {
  run({ config, memory }, index) {
    const plan = planRun(config);
    const views = openMemory(plan, memory.buffer);
    const own = views.actors[index];
    const kernels = loadKernels(memory);
    const policy = simdPolicy(kernels, plan.spec, own.workspace, plan.B, actionStreams(own));
    const engine = plan.gradients === "actors" ? simdEngine(kernels, memory, plan.spec, own.blocks) : undefined;
    new Actor(plan, views, index, policy, engine).run();
  },
};

expose(api);
