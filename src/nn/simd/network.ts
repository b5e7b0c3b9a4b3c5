/**
 * The network on the SIMD kernels, on a workspace in shared memory. Its parameters arrive flat and tight, as everybody
 * else has them; `load` copies them into matrices whose rows are padded to a multiple of 4 (packing.ts). Batches pass in blocks
 * of the workspace's rows, which stay in the processor's cache.
 */
import { f32, f64, i32, type Layout, layout, type Views } from "../../core/layout.ts";
import type { OutputGradient } from "../gradient.ts";
import { type NetworkSpec, NORMALISE_EPSILON, NORMALISE_LIMIT, outputWidths, SDE_EPSILON } from "../graph.ts";
import type { Kernels } from "./kernels.ts";
import {
  type Columns,
  type DenseStep,
  type NormaliseStep,
  OUTPUT_SLOT,
  type Packing,
  padded,
  type Region,
  type SdeStep,
  type Step,
} from "./packing.ts";
import { packingOf } from "./planner.ts";
import { type BatchAddresses, type RowFunction, rowScratch } from "./rows.ts";

/** Rows of a block on the way back: activations and deltas of width 64 fit the second-level cache. */
export const BLOCK_ROWS = 64;

/** Floats between two slots of deltas. */
const slotSize = ({ widest }: Packing, rows: number): number => Math.min(rows, BLOCK_ROWS) * widest;

/**
 * What one thread needs to run the network on batches of so many rows. Writer: that thread.
 *
 * @param gradient what is differentiated; null: the thread only acts
 * @param kept rows whose activations are remembered: more than a batch where a whole unroll is differentiated afterwards
 */
export function workspaceLayout(spec: NetworkSpec, rows: number, gradient: OutputGradient | null, kept = rows) {
  const packing = packingOf(spec, kept);
  const { parameters, transposed, activations, widest, slots, outputs } = packing;
  const once = (size: number) => f32(gradient ? size : 0);
  return layout({
    observation: f32(rows, spec.inputs),
    outputs: f32(rows, outputs.n),
    packed: f32(parameters),
    activations: f32(activations),
    // for differentiating only
    transposed: once(transposed),
    gradient: once(parameters),
    deltas: once(slots * slotSize(packing, kept)),
    zeros: once(widest),
    // of the row function; see rows.ts
    call: i32(gradient ? gradient.outputs.length + Object.keys(gradient.fields).length : 0),
    hp: f32(gradient ? gradient.hp.length : 0),
    rowScratch: f32(gradient ? rowScratch(outputWidths(spec), gradient, outputs.n) : 0),
    stats: f64(gradient ? gradient.stats.length : 0),
  });
}

export type Workspace = Views<ReturnType<typeof workspaceLayout> extends Layout<infer N> ? Layout<N> : never>;

/** Bytes of the activations of so many rows. */
export const activationBytes = (spec: NetworkSpec, rows: number): number => 4 * packingOf(spec, rows).activations;

export class SimdNetwork {
  /** The outputs of a row lie together in their columns, rows `stride` floats apart. */
  readonly stride: number;
  private readonly packing: Packing;
  private readonly steps: {
    readonly dense: readonly DenseStep[];
    readonly normalise: readonly NormaliseStep[];
    readonly sde: readonly SdeStep[];
  };
  private readonly slot: number;
  // Addresses: asking an array for its offset takes longer than adding to a number.
  private readonly weights: number;
  private readonly activations: number;
  private readonly gradient: number;
  private readonly transposed: number;
  private readonly zeros: number;
  private readonly slots: number;
  /** null: the observation. */
  private readonly features: Region | null;

  /** @param rows whose activations the workspace keeps */
  constructor(
    private readonly kernels: Kernels,
    private readonly spec: NetworkSpec,
    private readonly workspace: Workspace,
    readonly rows: number,
  ) {
    this.packing = packingOf(spec, rows);
    const { activations, parameters, outputs, steps } = this.packing;
    if (workspace.activations.length !== activations || workspace.packed.length !== parameters)
      throw new Error(`the workspace was not laid out for this network and ${rows} rows`);
    this.stride = outputs.n;
    this.weights = workspace.packed.byteOffset;
    this.activations = workspace.activations.byteOffset;
    this.gradient = workspace.gradient.byteOffset;
    this.transposed = workspace.transposed.byteOffset;
    this.zeros = workspace.zeros.byteOffset;
    this.slots = workspace.deltas.byteOffset;
    this.slot = slotSize(this.packing, rows);
    const of = <K extends Step["kind"]>(kind: K) =>
      steps.filter((step): step is Extract<Step, { kind: K }> => step.kind === kind);
    this.steps = { dense: of("dense"), normalise: of("normalise"), sde: of("sde") };
    for (const { epsilon, y } of this.steps.sde) workspace.packed.fill(SDE_EPSILON, epsilon, epsilon + y.n);
    this.features = this.steps.sde[0]?.x ?? null;
  }

  /** Packs parameters. address: of [spec.size] */
  load(parameters: number): void {
    const { kernels, weights, steps } = this;
    const { blocks } = this.packing;
    for (let i = 0; i < blocks.length; i++) {
      const { flat, packed, rows, columns, n } = blocks[i];
      kernels.copyColumns(parameters + flat, columns, weights + packed, n, columns, rows);
    }
    for (let s = 0; s < steps.normalise.length; s++) {
      const { scale, inputs } = steps.normalise[s];
      kernels.inverseRoots(weights + 4 * scale, inputs, NORMALISE_EPSILON);
    }
    for (let s = 0; s < steps.sde.length; s++) {
      const { logSigma, variance, inputs, y } = steps.sde[s];
      kernels.exponentialsOfTwice(weights + 4 * logSigma, weights + 4 * variance, inputs * y.n);
    }
  }

  /** Address of the outputs of a row. */
  outputsAt(row: number): number {
    return this.addressOf(this.packing.outputs, row);
  }

  private addressOf({ at, n }: Region, row: number): number {
    return this.activations + 4 * (at + row * n);
  }

  /** What state-dependent exploration reads of a row: its address, and floats from row to row. An observation is not kept. */
  featuresAt(row: number): number {
    const { features } = this;
    return features === null ? this.workspace.observation.byteOffset : this.addressOf(features, row);
  }

  get featuresStride(): number {
    return this.features === null ? this.spec.inputs : this.features.n;
  }

  /** Fills the activations of every layer for rows `first` and on. observation: address of [rows, obs] */
  forward(observation: number, rows: number, first = 0): void {
    if (first + rows > this.rows)
      throw new Error(`rows ${first} to ${first + rows} do not fit a workspace of ${this.rows}`);
    const { kernels, spec, weights } = this;
    const { steps, gathered, outputs } = this.packing;
    for (let s = 0; s < steps.length; s++) {
      const step = steps[s];
      const { x: read, y: written, inputs } = step;
      const { n } = written;
      const x = read === null ? observation : this.addressOf(read, first);
      const xStride = read === null ? spec.inputs : read.n;
      const y = this.addressOf(written, first);
      if (step.kind === "dense") {
        kernels.dense(x, weights + 4 * step.weight, weights + 4 * step.bias, y, rows, inputs, xStride, n);
        if (step.activation === "tanh") kernels.tanhForward(y, rows * n);
        else if (step.activation === "relu") kernels.reluForward(y, rows * n);
      } else if (step.kind === "normalise") {
        const mean = weights + 4 * step.mean;
        const scale = weights + 4 * step.scale;
        kernels.normalise(x, xStride, mean, scale, y, n, inputs, rows, NORMALISE_LIMIT);
      } else if (step.kind === "sde") this.explore(step, x, xStride, rows, first);
      else this.copy(step.parts, written, observation, rows, first);
    }
    if (gathered.length > 0) this.copy(gathered, outputs, observation, rows, first);
  }

  /** Columns of some regions, or of the observation, side by side in another region. */
  private copy(parts: readonly Columns[], to: Region, observation: number, rows: number, first: number): void {
    const y = this.addressOf(to, first);
    for (let p = 0; p < parts.length; p++) {
      const { of, first: from, width, column } = parts[p];
      const x = of === null ? observation : this.addressOf(of, first);
      const stride = of === null ? this.spec.inputs : of.n;
      this.kernels.copyColumns(x + 4 * from, stride, y + 4 * column, to.n, width, rows);
    }
  }

  /** y = ½ ln(x² V + ε) */
  private explore(step: SdeStep, x: number, xStride: number, rows: number, first: number): void {
    const { kernels, weights } = this;
    const { squares, sums, y, inputs } = step;
    const squared = this.addressOf(squares, first);
    const summed = this.addressOf(sums, first);
    kernels.squares(x, xStride, squared, squares.n, inputs, rows);
    const epsilon = weights + 4 * step.epsilon;
    kernels.dense(squared, weights + 4 * step.variance, epsilon, summed, rows, inputs, squares.n, sums.n);
    kernels.halfLogarithms(summed, this.addressOf(y, first), rows * y.n);
  }

  /** Forgets what was accumulated, and transposes the weights for the way back. After `load`. */
  private beginGradient(): void {
    const { kernels, workspace, weights, transposed: to } = this;
    const { dense } = this.steps;
    workspace.gradient.fill(0);
    for (let s = 0; s < dense.length; s++) {
      const { hands, y } = dense[s];
      for (let h = 0; h < hands.length; h++) {
        const { weight, transposed, width } = hands[h];
        kernels.transpose(weights + 4 * weight, to + 4 * transposed, width, y.n, padded(width));
      }
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

  private deltas(slot: number): number {
    return this.slots + 4 * slot * this.slot;
  }

  /** Adds the gradient of rows `from` and on of the batch, whose activations begin at row `first`. */
  private backward(batch: BatchAddresses, from: number, rows: number, row: RowFunction, first: number): void {
    const { spec } = this;
    const { steps, gathered } = this.packing;
    const observation = batch.observation + 4 * from * spec.inputs;
    row.differentiate(batch, from, rows, this.outputsAt(first), this.deltas(OUTPUT_SLOT));
    if (gathered.length > 0) this.scatter(rows);
    for (let s = steps.length - 1; s >= 0; s--) {
      const step = steps[s];
      if (step.delta < 0) continue;
      if (step.kind === "dense") this.denseBackward(step, observation, rows, first);
      else if (step.kind === "normalise") this.normaliseBackward(step, rows, first);
      else if (step.kind === "sde") this.exploreBackward(step, rows, first);
    }
  }

  /** Hands the outputs' deltas to the regions that were gathered. */
  private scatter(rows: number): void {
    const { kernels, workspace } = this;
    const { gathered, outputs } = this.packing;
    for (let g = 0; g < gathered.length; g++) {
      const { of, first, width, column, delta } = gathered[g];
      const { n } = of as Region;
      workspace.deltas.fill(0, delta * this.slot, delta * this.slot + rows * n);
      const from = this.deltas(OUTPUT_SLOT) + 4 * column;
      kernels.copyColumns(from, outputs.n, this.deltas(delta) + 4 * first, n, width, rows);
    }
  }

  private denseBackward(step: DenseStep, observation: number, rows: number, first: number): void {
    const { kernels, spec, gradient, transposed, zeros } = this;
    const { x: read, inputs, y: written, activation, hands, weight, bias } = step;
    const { n } = written;
    const dy = this.deltas(step.delta);
    if (activation === "tanh") kernels.tanhBackward(this.addressOf(written, first), dy, rows * n);
    else if (activation === "relu") kernels.reluBackward(this.addressOf(written, first), dy, rows * n);
    const x = read === null ? observation : this.addressOf(read, first);
    const xStride = read === null ? spec.inputs : read.n;
    kernels.weightGradient(x, dy, gradient + 4 * weight, gradient + 4 * bias, rows, inputs, xStride, n);
    for (let h = 0; h < hands.length; h++) {
      const { to, by, transposed: at, width } = hands[h];
      const dx = this.deltas(by);
      kernels.dense(dy, transposed + 4 * at, zeros, dx, rows, n, n, padded(width));
      if (by !== to) kernels.addScaled(this.deltas(to), dx, rows * padded(width), 1);
    }
  }

  private normaliseBackward(step: NormaliseStep, rows: number, first: number): void {
    const { kernels, weights } = this;
    const { y, scale, hands } = step;
    for (let h = 0; h < hands.length; h++) {
      const { to, by } = hands[h];
      const dy = this.deltas(step.delta);
      const dx = this.deltas(by);
      kernels.normaliseBackward(this.addressOf(y, first), dy, weights + 4 * scale, dx, y.n, rows, NORMALISE_LIMIT);
      if (by !== to) kernels.addScaled(this.deltas(to), dx, rows * y.n, 1);
    }
  }

  /** ∂/∂V = x²ᵀ (d / 2(x² V + ε)), accumulated without the factor ½: ∂/∂logσ = 2 V ∂/∂V */
  private exploreBackward(step: SdeStep, rows: number, first: number): void {
    const { kernels } = this;
    const { squares, sums, y, inputs, logSigma } = step;
    const dy = this.deltas(step.delta);
    kernels.divide(dy, this.addressOf(sums, first), rows * y.n);
    const to = this.gradient + 4 * logSigma;
    const x = this.addressOf(squares, first);
    kernels.weightGradient(x, dy, to, to + 4 * inputs * y.n, rows, inputs, squares.n, y.n);
  }

  /** Unpacks the accumulated gradient. address: of the numbers that learn */
  readGradient(gradient: number): void {
    const { kernels, weights, gradient: sums } = this;
    const { blocks } = this.packing;
    const { sde } = this.steps;
    for (let s = 0; s < sde.length; s++) {
      const { logSigma, variance, inputs, y } = sde[s];
      kernels.multiply(sums + 4 * logSigma, weights + 4 * variance, inputs * y.n);
    }
    for (let i = 0; i < blocks.length; i++) {
      const { flat, packed, rows, columns, n, learns } = blocks[i];
      if (learns) kernels.copyColumns(sums + packed, n, gradient + flat, columns, columns, rows);
    }
  }
}
