/** Gradients of the actor-critic loss on the SIMD kernels, in the memory of the run. */
import type { Batch, GradientEngine } from "../engine.ts";
import type { Optimizer } from "../optimizers.ts";
import type { NetworkSpec } from "../spec.ts";
import type { Kernels } from "./kernels.ts";
import { BLOCK_ROWS, type HeadCosts, SimdNetwork, type Workspace } from "./network.ts";
import { simdOptimizer } from "./optimizer.ts";

export const LEARNER_ROWS = BLOCK_ROWS;

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
  return engineOn(network, memory, workspace, simdOptimizer(kernels), (parameters, batch, costs) => {
    network.load(parameters);
    network.beginGradient();
    network.accumulate(batch, batch.rows, costs);
  });
}

/**
 * For an actor that has just acted: the network still holds the parameters and, row by row, the activations of the unroll,
 * so that only the way back is left. The bits are those of `simdEngine`.
 */
export function keptEngine(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  network: SimdNetwork,
  workspace: Workspace,
): GradientEngine {
  return engineOn(network, memory, workspace, simdOptimizer(kernels), (_, batch, costs) => {
    network.beginGradient();
    network.accumulateKept(batch, batch.rows, costs);
  });
}

interface Addresses {
  rows: number;
  observation: number;
  action: number;
  advantage: number;
  returns: number;
}

function engineOn(
  network: SimdNetwork,
  memory: WebAssembly.Memory,
  workspace: Workspace,
  optimizer: Optimizer,
  accumulate: (parameters: number, batch: Addresses, costs: HeadCosts) => void,
): GradientEngine {
  const address = (array: Float32Array | Int32Array): number => {
    if (array.buffer !== memory.buffer)
      throw new Error("the SIMD engine was given an array outside of the run's memory");
    return array.byteOffset;
  };
  if (workspace.gradient.length !== workspace.packed.length)
    throw new Error("the workspace was laid out for acting, not for learning");
  // Reused: a learning step allocates nothing.
  const addresses: Addresses = { rows: 0, observation: 0, action: 0, advantage: 0, returns: 0 };
  const costs = { valueCost: 0, entropyCost: 0, inverseN: 0 };
  return {
    id: "simd",
    needsEventLoop: false,
    optimizer,
    differentiate(parameters, batch: Batch, hp, gradient, stats) {
      const { valueCost, entropyCost } = hp as unknown as Costs;
      const { rows } = batch;
      addresses.rows = rows;
      addresses.observation = address(batch.observation);
      addresses.action = address(batch.action);
      addresses.advantage = address(batch.advantage);
      addresses.returns = address(batch.returns);
      costs.valueCost = valueCost;
      costs.entropyCost = entropyCost;
      costs.inverseN = 1 / rows;
      accumulate(address(parameters), addresses, costs);
      network.readGradient(address(gradient));
      const sums = workspace.stats;
      stats[0] = (sums[0] + valueCost * sums[1] - entropyCost * sums[2]) / rows;
      stats[1] = sums[0] / rows;
      stats[2] = sums[1] / rows;
      stats[3] = sums[2] / rows;
    },
    dispose() {},
  };
}
