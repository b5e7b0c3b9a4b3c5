/** Acting on the SIMD kernels: the same bits in every browser. */
import { f32, layout, type Views } from "../../core/layout.ts";
import type { Acting, Sources } from "../acting/acting.ts";
import type { NetworkSpec } from "../graph.ts";
import type { Behaviour, Policy } from "../policy.ts";
import type { Kernels } from "./kernels.ts";
import { SimdNetwork, type Workspace } from "./network.ts";

/** What an acting rule draws into for so many rows. Writer: the thread that acts. */
export const actingLayout = (acting: Acting, rows: number) =>
  layout({ action: f32(rows, acting.size), scratch: f32(acting.scratch(rows)) });

export type ActingViews = Views<ReturnType<typeof actingLayout>>;

/** The workspace has room for so many rows; parameters and workspace lie in the kernels' memory. */
export const simdPolicy = (kernels: Kernels, spec: NetworkSpec, workspace: Workspace, rows: number): Policy =>
  policyOn(kernels, new SimdNetwork(kernels, spec, workspace, rows), workspace, () => {});

/** @param ran called with the row where the network keeps the first of those that it has run on */
function policyOn(
  kernels: Kernels,
  network: SimdNetwork,
  { observation, outputs }: Workspace,
  ran: (at: number) => void,
): Policy {
  const { stride } = network;
  const keeps = network.rows * stride > outputs.length;
  return {
    observation,
    outputs,
    stride,
    load(parameters) {
      network.load(parameters.byteOffset);
    },
    run(count, keepAt = 0) {
      const at = keeps ? keepAt : 0;
      network.forward(observation.byteOffset, count, at);
      kernels.copyColumns(network.outputsAt(at), stride, outputs.byteOffset, stride, stride, count);
      ran(at);
    },
  };
}

/** Acting on a network that may keep more rows than a batch has; what it draws from lies in the kernels' memory too. */
export function simdBehaviour(
  kernels: Kernels,
  network: SimdNetwork,
  workspace: Workspace,
  acting: Acting,
  { action, scratch }: ActingViews,
  sources: Sources,
): Behaviour {
  const { outputs } = workspace;
  let latest = 0;
  const policy = policyOn(kernels, network, workspace, (at) => {
    latest = at;
  });
  const sampler = acting.simd({ kernels, network, outputs, actions: action, scratch, sources });
  return {
    ...policy,
    actions: action,
    load(parameters) {
      policy.load(parameters);
      sampler.load(parameters);
    },
    sample: (count, values) => sampler.sample(count, values, latest),
  };
}
