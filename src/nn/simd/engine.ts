/** Gradients of the actor-critic loss on the SIMD kernels, in the memory of the run. */
import type { Batch, GradientEngine } from "../engine.ts";
import type { NetworkSpec } from "../spec.ts";
import type { Kernels } from "./kernels.ts";
import { SimdNetwork, type Workspace } from "./network.ts";

/** Rows of a block: its activations and deltas fit the second-level cache at width 64. */
export const LEARNER_ROWS = 64;

interface Costs {
  readonly valueCost: number;
  readonly entropyCost: number;
}

/** @param memory all arrays that `differentiate` is given must lie in it */
export function simdEngine(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  spec: NetworkSpec,
  workspace: Workspace,
): GradientEngine {
  const network = new SimdNetwork(kernels, spec, workspace, LEARNER_ROWS);
  const address = (array: Float32Array | Int32Array): number => {
    if (array.buffer !== memory.buffer)
      throw new Error("the SIMD engine was given an array outside of the run's memory");
    return array.byteOffset;
  };
  return {
    id: "simd",
    needsEventLoop: false,
    differentiate(parameters, batch: Batch, hp, gradient, stats) {
      const { valueCost, entropyCost } = hp as unknown as Costs;
      const { rows } = batch;
      network.load(address(parameters));
      network.beginGradient();
      const addresses = {
        observation: address(batch.observation),
        action: address(batch.action),
        advantage: address(batch.advantage),
        returns: address(batch.returns),
      };
      network.accumulate(addresses, rows, { valueCost, entropyCost, inverseN: 1 / rows });
      network.readGradient(address(gradient));
      const [policyLoss, valueLoss, entropy] = workspace.stats;
      stats[0] = (policyLoss + valueCost * valueLoss - entropyCost * entropy) / rows;
      stats[1] = policyLoss / rows;
      stats[2] = valueLoss / rows;
      stats[3] = entropy / rows;
    },
    dispose() {},
  };
}
