/** Gradients on the SIMD kernels, in the memory of the run. */
import { type Batch, type BatchGradient, fieldsOf, type GradientEngine } from "../engine.ts";
import { type NetworkSpec, outputWidths } from "../graph.ts";
import type { Optimizer } from "../optimizers.ts";
import type { Kernels } from "./kernels.ts";
import { BLOCK_ROWS, SimdNetwork, type Workspace } from "./network.ts";
import { simdOptimizer } from "./optimizer.ts";
import { type BatchAddresses, RowFunction } from "./rows.ts";

export const LEARNER_ROWS = BLOCK_ROWS;

/**
 * @param memory all arrays that `differentiate` is given must lie in it
 * @param of the loss
 */
export function simdEngine(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  spec: NetworkSpec,
  workspace: Workspace,
  of: BatchGradient,
): GradientEngine {
  checkLearns(workspace);
  const network = new SimdNetwork(kernels, spec, workspace, LEARNER_ROWS);
  const row = new RowFunction(kernels, outputWidths(spec), of, workspace, network.stride);
  return engineOn(network, memory, workspace, simdOptimizer(kernels), of, row, (parameters, batch, rows) => {
    network.load(parameters);
    network.accumulate(batch, rows, row);
  });
}

/**
 * For an actor that has just acted: the network still holds the parameters and, row by row, the activations of the unroll,
 * so that only the way back is left. The bits are those of `simdEngine`.
 */
export function keptEngine(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  spec: NetworkSpec,
  network: SimdNetwork,
  workspace: Workspace,
  of: BatchGradient,
): GradientEngine {
  checkLearns(workspace);
  const row = new RowFunction(kernels, outputWidths(spec), of, workspace, network.stride);
  return engineOn(network, memory, workspace, simdOptimizer(kernels), of, row, (_, batch, rows) =>
    network.accumulateKept(batch, rows, row),
  );
}

function checkLearns(workspace: Workspace): void {
  if (workspace.gradient.length !== workspace.packed.length)
    throw new Error("the workspace was laid out for acting, not for learning");
}

function engineOn(
  network: SimdNetwork,
  memory: WebAssembly.Memory,
  workspace: Workspace,
  optimizer: Optimizer,
  of: BatchGradient,
  row: RowFunction,
  accumulate: (parameters: number, batch: BatchAddresses, rows: number) => void,
): GradientEngine {
  const address = (array: Float32Array): number => {
    if (array.buffer !== memory.buffer)
      throw new Error("the SIMD engine was given an array outside of the run's memory");
    return array.byteOffset;
  };
  const fields = fieldsOf(of);
  // Reused: a learning step allocates nothing.
  const addresses: BatchAddresses = { observation: 0, fields: fields.map(() => 0) };
  return {
    id: "simd",
    needsEventLoop: false,
    optimizer,
    differentiate(parameters, batch: Batch, hp, gradient, stats) {
      const { rows } = batch;
      addresses.observation = address(batch.observation);
      for (let i = 0; i < fields.length; i++) addresses.fields[i] = address(batch[fields[i]]);
      row.begin(rows, hp);
      accumulate(address(parameters), addresses, rows);
      network.readGradient(address(gradient));
      for (let i = 0; i < workspace.stats.length; i++) stats[i] = workspace.stats[i] / rows;
    },
    dispose() {},
  };
}
