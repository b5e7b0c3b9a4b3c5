/** Gradients on the SIMD kernels, in the memory of the run. */
import type { Batch, GradientEngine } from "../engine.ts";
import type { HeadName } from "../loss.ts";
import type { Optimizer } from "../optimizers.ts";
import type { NetworkSpec } from "../spec.ts";
import { type Head, heads, type LossValues } from "./heads.ts";
import type { Kernels } from "./kernels.ts";
import { BLOCK_ROWS, SimdNetwork, type Workspace } from "./network.ts";
import { simdOptimizer } from "./optimizer.ts";

export const LEARNER_ROWS = BLOCK_ROWS;

/**
 * @param memory all arrays that `differentiate` is given must lie in it
 * @param of the head of the loss
 */
export function simdEngine(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  spec: NetworkSpec,
  workspace: Workspace,
  of: HeadName,
): GradientEngine {
  const head = heads[of];
  const network = new SimdNetwork(kernels, spec, workspace, LEARNER_ROWS);
  return engineOn(network, memory, workspace, simdOptimizer(kernels), head, (parameters, batch, hp) => {
    network.load(parameters);
    network.beginGradient();
    network.accumulate(batch, batch.rows, head, hp);
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
  of: HeadName,
): GradientEngine {
  const head = heads[of];
  return engineOn(network, memory, workspace, simdOptimizer(kernels), head, (_, batch, hp) => {
    network.beginGradient();
    network.accumulateKept(batch, batch.rows, head, hp);
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
  head: Head,
  accumulate: (parameters: number, batch: Addresses, hp: LossValues) => void,
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
  return {
    id: "simd",
    needsEventLoop: false,
    optimizer,
    differentiate(parameters, batch: Batch, hp, gradient, stats) {
      const { rows } = batch;
      addresses.rows = rows;
      addresses.observation = address(batch.observation);
      addresses.action = address(batch.action);
      addresses.advantage = address(batch.advantage);
      addresses.returns = address(batch.returns);
      accumulate(address(parameters), addresses, hp);
      network.readGradient(address(gradient));
      head.loss(workspace.stats, rows, hp, stats);
    },
    dispose() {},
  };
}
