/**
 * The network on the SIMD kernels, on a workspace in shared memory. Its parameters arrive flat and tight, as everybody
 * else has them; `load` copies them into matrices whose rows are padded to a multiple of 4, with both heads side by side
 * in one matrix. Batches pass in blocks of the workspace's rows, which stay in the processor's cache.
 */
import { f32, f64, i32, type Layout, layout, type Views } from "../../core/layout.ts";
import type { OutputGradient } from "../gradient.ts";
import type { Layer, NetworkSpec } from "../spec.ts";
import type { Kernels } from "./kernels.ts";
import { type BatchAddresses, type RowFunction, rowScratch } from "./rows.ts";

export const padded = (n: number): number => Math.ceil(n / 4) * 4;

/** A padded layer: W [inputs, n] and b [n], in floats from the start of the packed parameters. */
interface Packed {
  readonly inputs: number;
  readonly n: number;
  readonly weight: number;
  readonly bias: number;
  /** Wᵀ: [n, inputs padded], in floats from the start of the transposed weights. */
  readonly transposed: number;
  /** Activations of this layer, in floats from the start of a block's activations: [rows, n]. */
  readonly activation: number;
}

interface Plan {
  readonly layers: readonly Packed[]; // the trunk, then both heads as one
  readonly parameters: number;
  readonly transposed: number;
  readonly activations: number;
  readonly widest: number;
}

function plan(spec: NetworkSpec, rows: number): Plan {
  let parameters = 0;
  let transposed = 0;
  let activations = 0;
  const sizes = [
    ...spec.hidden.map(({ inputs, outputs }) => [inputs, outputs]),
    [spec.logits.inputs, spec.actions + 1],
  ];
  const layers = sizes.map(([inputs, outputs]): Packed => {
    const n = padded(outputs);
    const layer = { inputs, n, weight: parameters, bias: parameters + inputs * n, transposed, activation: activations };
    parameters += (inputs + 1) * n;
    transposed += n * padded(inputs);
    activations += rows * n;
    return layer;
  });
  return { layers, parameters, transposed, activations, widest: Math.max(...layers.map(({ n }) => n)) };
}

/** A layer of the spec, and its columns in the packed matrices; addresses in bytes from the start of either. */
interface Part {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: number;
  readonly bias: number;
  readonly n: number;
  readonly to: number;
  readonly toBias: number;
}

/** The trunk's layers each in a matrix of its own; logits and value side by side in the last. */
function partsOf(spec: NetworkSpec, { layers }: Plan): Part[] {
  const part = ({ inputs, outputs, weight, bias }: Layer, packed: Packed, column: number): Part => ({
    inputs,
    outputs,
    weight: 4 * weight,
    bias: 4 * bias,
    n: packed.n,
    to: 4 * (packed.weight + column),
    toBias: 4 * (packed.bias + column),
  });
  const head = layers[layers.length - 1];
  const trunk = spec.hidden.map((layer, l) => part(layer, layers[l], 0));
  return [...trunk, part(spec.logits, head, 0), part(spec.value, head, spec.actions)];
}

/** Rows of a block on the way back: activations and deltas of width 64 fit the second-level cache. */
export const BLOCK_ROWS = 64;

/**
 * What one thread needs to run the network on batches of so many rows. Writer: that thread.
 *
 * @param gradient what is differentiated; null: the thread only acts
 * @param kept rows whose activations are remembered: more than a batch where a whole unroll is differentiated afterwards
 */
export function workspaceLayout(spec: NetworkSpec, rows: number, gradient: OutputGradient | null, kept = rows) {
  const { layers, parameters, transposed, activations, widest } = plan(spec, kept);
  const once = (size: number) => f32(gradient ? size : 0);
  const stride = layers[layers.length - 1].n;
  const delta = Math.min(kept, BLOCK_ROWS) * widest;
  return layout({
    observation: f32(rows, spec.inputs),
    action: f32(rows),
    outputs: f32(rows, stride),
    packed: f32(parameters),
    activations: f32(activations),
    scratch: f32(padded(spec.actions)),
    // for differentiating only
    transposed: once(transposed),
    gradient: once(parameters),
    deltas: layout({ one: once(delta), other: once(delta) }),
    zeros: once(widest),
    // of the row function; see rows.ts
    call: i32(gradient ? gradient.outputs.length + gradient.fields.length : 0),
    hp: f32(gradient ? gradient.hp.length : 0),
    rowScratch: f32(gradient ? rowScratch(spec, gradient, stride) : 0),
    stats: f64(gradient ? gradient.stats.length : 0),
  });
}

export type Workspace = Views<ReturnType<typeof workspaceLayout> extends Layout<infer N> ? Layout<N> : never>;

/** Bytes of the activations of so many rows. */
export const activationBytes = (spec: NetworkSpec, rows: number): number => 4 * plan(spec, rows).activations;

export class SimdNetwork {
  /** Logits and value of a row lie together, rows `stride` floats apart. */
  readonly stride: number;
  private readonly plan: Plan;
  private readonly head: Packed;
  private readonly parts: readonly Part[];
  private readonly weights: number;

  /** @param rows whose activations the workspace keeps */
  constructor(
    private readonly kernels: Kernels,
    private readonly spec: NetworkSpec,
    private readonly workspace: Workspace,
    readonly rows: number,
  ) {
    this.plan = plan(spec, rows);
    if (workspace.activations.length !== this.plan.activations || workspace.packed.length !== this.plan.parameters)
      throw new Error(`the workspace was not laid out for this network and ${rows} rows`);
    this.head = this.plan.layers[this.plan.layers.length - 1];
    this.stride = this.head.n;
    this.parts = partsOf(spec, this.plan);
    this.weights = workspace.packed.byteOffset;
  }

  /** Packs parameters. address: of [spec.size] */
  load(parameters: number): void {
    const { kernels, weights } = this;
    for (let p = 0; p < this.parts.length; p++) {
      const { weight, bias, to, n, toBias, inputs, outputs } = this.parts[p];
      kernels.copyColumns(parameters + weight, outputs, weights + to, n, outputs, inputs);
      kernels.copyColumns(parameters + bias, outputs, weights + toBias, n, outputs, 1);
    }
  }

  /** Address of the outputs of a row. */
  outputsAt(row: number): number {
    const { activation, n } = this.head;
    return this.workspace.activations.byteOffset + 4 * (activation + row * n);
  }

  /** Fills the activations of every layer for rows `first` and on. observation: address of [rows, obs] */
  forward(observation: number, rows: number, first = 0): void {
    if (first + rows > this.rows)
      throw new Error(`rows ${first} to ${first + rows} do not fit a workspace of ${this.rows}`);
    const { kernels, spec, weights } = this;
    const { layers } = this.plan;
    const at = this.workspace.activations.byteOffset;
    let x = observation;
    let xStride = spec.inputs;
    for (let l = 0; l < layers.length; l++) {
      const { inputs, n, weight, bias, activation } = layers[l];
      const y = at + 4 * (activation + first * n);
      kernels.dense(x, weights + 4 * weight, weights + 4 * bias, y, rows, inputs, xStride, n);
      if (l < layers.length - 1) {
        if (spec.activation === "tanh") kernels.tanhForward(y, rows * n);
        else kernels.reluForward(y, rows * n);
      }
      x = y;
      xStride = n;
    }
  }

  /** Forgets what was accumulated, and transposes the weights for the way back. After `load`. */
  private beginGradient(): void {
    const { kernels, workspace, weights } = this;
    const { layers } = this.plan;
    workspace.gradient.fill(0);
    const to = workspace.transposed.byteOffset;
    for (let l = 1; l < layers.length; l++) {
      const { inputs, n, weight, transposed } = layers[l];
      kernels.transpose(weights + 4 * weight, to + 4 * transposed, inputs, n, padded(inputs));
    }
  }

  /** The gradient of a batch of any size, block by block. After `load`, and the row function's `begin`. */
  accumulate(batch: BatchAddresses, count: number, row: RowFunction): void {
    const { spec } = this;
    this.beginGradient();
    const rows = Math.min(this.rows, BLOCK_ROWS);
    for (let from = 0; from < count; from += rows) {
      const block = Math.min(rows, count - from);
      this.forward(batch.observation + 4 * from * spec.inputs, block);
      this.backward(batch, from, block, row, 0);
    }
  }

  /** The same where the activations of the batch are kept in the first rows: no forward pass. */
  accumulateKept(batch: BatchAddresses, count: number, row: RowFunction): void {
    this.beginGradient();
    for (let from = 0; from < count; from += BLOCK_ROWS)
      this.backward(batch, from, Math.min(BLOCK_ROWS, count - from), row, from);
  }

  /** Adds the gradient of rows `from` and on of the batch, whose activations begin at row `first`. */
  private backward(batch: BatchAddresses, from: number, rows: number, row: RowFunction, first: number): void {
    const { kernels, spec, workspace } = this;
    const { layers } = this.plan;
    const activations = workspace.activations.byteOffset;
    const transposed = workspace.transposed.byteOffset;
    const gradient = workspace.gradient.byteOffset;
    const zeros = workspace.zeros.byteOffset;
    let dy = workspace.deltas.one.byteOffset;
    let dx = workspace.deltas.other.byteOffset;
    row.differentiate(batch, from, rows, this.outputsAt(first), dy);
    for (let l = layers.length - 1; l > 0; l--) {
      const layer = layers[l];
      const below = layers[l - 1];
      const x = activations + 4 * (below.activation + first * below.n);
      kernels.weightGradient(
        x,
        dy,
        gradient + 4 * layer.weight,
        gradient + 4 * layer.bias,
        rows,
        layer.inputs,
        below.n,
        layer.n,
      );
      kernels.dense(dy, transposed + 4 * layer.transposed, zeros, dx, rows, layer.n, layer.n, below.n);
      if (spec.activation === "tanh") kernels.tanhBackward(x, dx, rows * below.n);
      else kernels.reluBackward(x, dx, rows * below.n);
      const spare = dy;
      dy = dx;
      dx = spare;
    }
    const lowest = layers[0];
    const x = batch.observation + 4 * from * spec.inputs;
    kernels.weightGradient(
      x,
      dy,
      gradient + 4 * lowest.weight,
      gradient + 4 * lowest.bias,
      rows,
      lowest.inputs,
      spec.inputs,
      lowest.n,
    );
  }

  /** Unpacks the accumulated gradient. address: of [spec.size] */
  readGradient(gradient: number): void {
    const { kernels } = this;
    const sums = this.workspace.gradient.byteOffset;
    for (let p = 0; p < this.parts.length; p++) {
      const { weight, bias, to, n, toBias, inputs, outputs } = this.parts[p];
      kernels.copyColumns(sums + to, n, gradient + weight, outputs, outputs, inputs);
      kernels.copyColumns(sums + toBias, n, gradient + bias, outputs, outputs, 1);
    }
  }
}
