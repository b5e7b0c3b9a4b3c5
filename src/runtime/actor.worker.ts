import { expose } from "comlink";
import { keptEngine, simdEngine } from "../nn/simd/engine.ts";
import { loadKernels } from "../nn/simd/kernels.ts";
import { SimdNetwork } from "../nn/simd/network.ts";
import { policyOn } from "../nn/simd/policy.ts";
import { Actor } from "./actor.ts";
import { spinFor } from "./bell.ts";
import { openMemory, planRun } from "./memory.ts";
import type { ActorApi, RunTicket } from "./protocol.ts";
import { actionStreams } from "./rollout.ts";

/** Blocks until the run is stopped. */
function act({ config, memory }: RunTicket, index: number): void {
  const plan = planRun(config);
  const views = openMemory(plan, memory.buffer);
  const own = views.actors[index];
  const kernels = loadKernels(memory, plan.values.arithmetic);
  const kept = plan.keepsActivations ? (plan.T + 1) * plan.B : plan.B;
  const network = new SimdNetwork(kernels, plan.spec, own.workspace, kept);
  const policy = policyOn(network, kernels, plan.spec, own.workspace, actionStreams(own));
  const engine =
    plan.gradients === "learner"
      ? undefined
      : plan.keepsActivations
        ? keptEngine(kernels, memory, network, own.workspace)
        : simdEngine(kernels, memory, plan.spec, own.blocks);
  const spin = spinFor(views.busy, plan.actors, navigator.hardwareConcurrency);
  new Actor(plan, views, index, policy, engine, spin).run();
}

const api: ActorApi = {
  async run(ticket, index) {
    // The browser takes the lock from a thread that has ended, and only then: never do two write the same memory.
    await navigator.locks.request(`cartpool ${ticket.id} actor ${index}`, () => act(ticket, index));
  },
};

expose(api);
