/** Acting on the SIMD kernels: the same bits in every browser. */
import type { Policy, Streams } from "../policy.ts";
import { noStreams } from "../policy.ts";
import type { NetworkSpec } from "../spec.ts";
import type { Kernels } from "./kernels.ts";
import { SimdNetwork, type Workspace } from "./network.ts";

/** The workspace has room for so many rows; parameters, workspace and streams lie in the kernels' memory. */
export function simdPolicy(
  kernels: Kernels,
  spec: NetworkSpec,
  workspace: Workspace,
  rows: number,
  streams: Streams = noStreams,
): Policy {
  const network = new SimdNetwork(kernels, spec, workspace, rows);
  const { observation, action } = workspace;
  const firstStream = streams.words.byteOffset + 4 * streams.first;
  return {
    observation,
    outputs: network.outputs,
    stride: network.stride,
    actions: action,
    load(parameters) {
      network.load(parameters.byteOffset);
    },
    run(count) {
      network.forward(observation.byteOffset, count);
    },
    sample(count) {
      kernels.sample(
        network.outputs.byteOffset,
        network.stride,
        spec.actions,
        count,
        firstStream,
        4 * streams.apart,
        action.byteOffset,
      );
    },
  };
}
