/** What an acting rule is: how a network's outputs become actions. */
import type { AnyValues } from "../../core/params.ts";
import type { Forward } from "../forward.ts";

/** What actions are drawn from. It lies with the environment copies: whoever goes on from them draws the same. */
export interface Sources {
  /** Row r's stream is four words, from word `first + r · apart` on. */
  readonly words: Uint32Array;
  readonly first: number;
  readonly apart: number;
  /** Steps of each copy's episode so far. [rows] */
  readonly steps: Int32Array;
  /** What the rule keeps of each copy from step to step. [rows, state] */
  readonly state: Float32Array;
}

/** Draws actions, on one thread. */
export interface Sampler {
  /** Takes over parameters. [spec.size] */
  load(parameters: Float32Array): void;
  /**
   * Draws an action of each of the first rows that the network has just run on.
   *
   * @param values hyperparameters of the rule, as latched  @param at where the network keeps the first row's activations
   */
  sample(rows: number, values: Readonly<AnyValues>, at: number): void;
}

/** What a rule draws from and into, in plain TypeScript. */
export interface PlainGround {
  readonly forward: Forward;
  readonly actions: Float32Array; // [rows, size]
  readonly sources: Sources;
}

/** The kernels that draw, by their names in nn/simd/kernels.as.ts. Addresses are bytes from the start of their memory. */
export interface DrawingKernels {
  sample(
    out: number,
    n: number,
    actions: number,
    rows: number,
    streams: number,
    streamStride: number,
    action: number,
    scratch: number,
  ): void;
  normals(
    streams: number,
    streamStride: number,
    rows: number,
    steps: number,
    every: number,
    to: number,
    count: number,
  ): void;
  ornsteinUhlenbeck(
    noise: number,
    state: number,
    steps: number,
    rows: number,
    size: number,
    rho: number,
    root: number,
  ): void;
  gaussian(
    out: number,
    n: number,
    mean: number,
    logSigma: number,
    least: number,
    most: number,
    noise: number,
    action: number,
    rows: number,
    size: number,
  ): void;
  sdeSigma(logSigma: number, sigma: number, length: number, size: number): void;
  sdeAction(
    out: number,
    n: number,
    mean: number,
    phi: number,
    phiStride: number,
    sigma: number,
    noise: number,
    action: number,
    rows: number,
    size: number,
    length: number,
  ): void;
}

/** A network on the kernels, as a rule sees it. */
interface KernelNetwork {
  /** Floats of a row of outputs. */
  readonly stride: number;
  /** What state-dependent exploration reads of a row: its address, and floats from row to row. */
  featuresAt(row: number): number;
  readonly featuresStride: number;
}

/** The same for kernels, in their memory. */
export interface SimdGround {
  readonly kernels: DrawingKernels;
  readonly network: KernelNetwork;
  readonly outputs: Float32Array; // [rows, network.stride]
  readonly actions: Float32Array; // [rows, size]
  readonly scratch: Float32Array; // [scratch(rows)]
  readonly sources: Sources;
}

/** One value serves all threads: what it needs of them it is handed. A row of outputs begins at `at`. */
export interface Acting {
  /** Numbers of an action. */
  readonly size: number;
  /** Numbers that it keeps of each environment copy; a step of an episode that is its first begins them anew. */
  readonly state: number;
  /** Floats that its kernels work with for so many rows. */
  scratch(rows: number): number;
  /** The reference: the same streams, drawn from in the same order, in float64. */
  plain(of: PlainGround): Sampler;
  /** The same bits in every browser. */
  simd(of: SimdGround): Sampler;
  /** Writes the most probable action and returns it. action: [size] */
  mode(outputs: ArrayLike<number>, at: number, action: Float32Array): Float32Array;
  /** How many numbers say what it leans to, and each of them: the probability of an action, or the mean of a number of it. */
  readonly leanings: number;
  leaning(outputs: ArrayLike<number>, at: number, k: number): number;
  /** Standard deviation around a mean; null where there is none. */
  deviation(outputs: ArrayLike<number>, at: number, k: number): number | null;
  /** In nats. */
  entropy(outputs: ArrayLike<number>, at: number): number;
  /** KL(p ‖ q) of two rows of outputs, in nats. */
  divergence(p: ArrayLike<number>, pAt: number, q: ArrayLike<number>, qAt: number): number;
}

/** Each row's stream. */
export const streamOf = ({ words, first, apart }: Sources, row: number): Uint32Array =>
  words.subarray(first + row * apart, first + row * apart + 4);
