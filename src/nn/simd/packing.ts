/** Where a network's numbers lie in the workspace of a thread, and the steps that pass over them. planner.ts makes it, once. */
import type { Activation } from "../graph.ts";

export const padded = (n: number): number => Math.ceil(n / 4) * 4;

/** Rows of numbers among the activations: [rows, n], from `at` floats on. The first `width` of a row are in use, the others zero. */
export interface Region {
  readonly at: number;
  readonly n: number;
  readonly width: number;
}

/** A gradient that a layer hands on to a region that it reads. */
export interface Handing {
  readonly of: Region;
  /** The slot of the region's deltas; where somebody has written there, what is added lies in another one meanwhile. */
  to: number;
  by: number;
  /** Rows of W that belong to the region: from this offset among the packed numbers; Wᵀ, [n, padded], among the transposed. */
  readonly weight: number;
  readonly transposed: number;
  readonly width: number;
}

/** Copies of columns between regions. null: the observation */
export interface Columns {
  readonly of: Region | null;
  readonly first: number;
  readonly width: number;
  readonly column: number;
}

interface Common {
  /** What it reads: null is the observation. */
  readonly x: Region | null;
  readonly inputs: number;
  readonly y: Region;
  /** The slot of the deltas of y; −1 where nobody reads it. */
  delta: number;
}

/** y = f(x W + b); W: [inputs, n], b: [n], in floats from the start of the packed numbers. */
export interface DenseStep extends Common {
  readonly kind: "dense";
  readonly weight: number;
  readonly bias: number;
  readonly activation: Activation | null;
  readonly hands: Handing[];
}
/** Several inputs side by side. */
export interface JoinStep extends Common {
  readonly kind: "join";
  readonly parts: readonly Columns[];
}
/** mean, scale: [n] */
export interface NormaliseStep extends Common {
  readonly kind: "normalise";
  readonly mean: number;
  readonly scale: number;
  readonly hands: Handing[];
}
/** y = ½ ln(x² V + ε), V = e^(2 logσ); logσ, V: [inputs, n], ε: [n]. The gradient of V is accumulated where logσ lies. */
export interface SdeStep extends Common {
  readonly kind: "sde";
  readonly squares: Region;
  readonly sums: Region;
  readonly logSigma: number;
  readonly variance: number;
  readonly epsilon: number;
}
export type Step = DenseStep | JoinStep | NormaliseStep | SdeStep;

/** A tensor of the flat vector and its place in a packed matrix; bytes from the start of either. */
export interface Block {
  readonly flat: number;
  readonly packed: number;
  readonly rows: number;
  readonly columns: number;
  /** Floats of a row of the packed matrix. */
  readonly n: number;
  readonly learns: boolean;
}

/** Columns of an output, and the slot of its deltas. */
export interface Gathered extends Columns {
  readonly of: Region;
  delta: number;
}

export interface Packing {
  readonly steps: readonly Step[];
  readonly blocks: readonly Block[];
  /** Rows of all outputs, what is copied into them, and the slot of their deltas. */
  readonly outputs: Region;
  readonly gathered: readonly Gathered[];
  /** Floats of packed numbers, of transposed weights and of activations. */
  readonly parameters: number;
  readonly transposed: number;
  readonly activations: number;
  /** Regions of deltas that are in use at once, and the widest row of any. */
  readonly slots: number;
  readonly widest: number;
}

/** The slot of the outputs' deltas. */
export const OUTPUT_SLOT = 0;
