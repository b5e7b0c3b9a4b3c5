/** What every engine does: differentiate a loss. Acting and the optimizer step are plain functions beside it. */
import type { Optimizer } from "./optimizers.ts";

/** One update's experience, N rows. The learner owns the arrays; every call of a run has the same N. */
export interface Batch {
  readonly rows: number;
  readonly observation: Float32Array; // [N, obs]
  readonly action: Int32Array; // [N]
  readonly advantage: Float32Array; // [N]
  readonly returns: Float32Array; // [N]
}

/** Where the parts of the loss are written. */
export const lossStats = ["loss", "policyLoss", "valueLoss", "entropy"] as const;

export interface GradientEngine {
  readonly id: string;
  /** Whether its results arrive on the event loop, so that its thread must never block. */
  readonly needsEventLoop: boolean;
  /** Works on the arrays that this engine works on; absent where plain TypeScript does. */
  readonly optimizer?: Optimizer;
  /**
   * ∂loss/∂parameters of the batch mean, at these parameters.
   *
   * @param parameters [P], read only
   * @param hp the loss's hyperparameters, as latched for this update
   * @param gradient [P], written
   * @param stats [lossStats.length], written
   */
  differentiate(
    parameters: Float32Array,
    batch: Batch,
    hp: Readonly<Record<string, unknown>>,
    gradient: Float32Array,
    stats: Float32Array,
  ): void | Promise<void>;
  dispose(): void;
}

/** Where gradients are computed, and why there. */
export interface EngineChoice {
  readonly engine: "simd" | "tfjs-webgpu" | "tfjs-wasm" | "tfjs-cpu";
  /** e.g. "WebGPU" */
  readonly label: string;
  /** One sentence for the person. */
  readonly reason: string;
  /** The name of the graphics adapter, where there is one. */
  readonly adapter: string | null;
}
