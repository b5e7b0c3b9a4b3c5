/** Acting on the SIMD kernels: the same bits in every browser. */
import { type NetworkSpec, outputOf } from "../graph.ts";
import { noStreams, type Policy, type Streams } from "../policy.ts";
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
  return policyOn(new SimdNetwork(kernels, spec, workspace, rows), kernels, spec, workspace, streams);
}

/** Acting on a network that may keep more rows than a batch has. */
export function policyOn(
  network: SimdNetwork,
  kernels: Kernels,
  spec: NetworkSpec,
  { observation, action, outputs, scratch }: Workspace,
  streams: Streams,
): Policy {
  const { stride } = network;
  const { outputs: actions, column } = outputOf(spec, "logits");
  const keeps = network.rows > action.length;
  const firstStream = streams.words.byteOffset + 4 * streams.first;
  return {
    observation,
    outputs,
    stride,
    actions: action,
    load(parameters) {
      network.load(parameters.byteOffset);
    },
    run(count, keepAt = 0) {
      const at = keeps ? keepAt : 0;
      network.forward(observation.byteOffset, count, at);
      kernels.copyColumns(network.outputsAt(at), stride, outputs.byteOffset, stride, stride, count);
    },
    sample(count) {
      kernels.sample(
        outputs.byteOffset + 4 * column,
        stride,
        actions,
        count,
        firstStream,
        4 * streams.apart,
        action.byteOffset,
        scratch.byteOffset,
      );
    },
  };
}
