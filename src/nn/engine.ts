/** What every engine does: differentiate a loss. Acting and the optimizer step are plain functions beside it. */
import type { FieldWidths, OutputGradient } from "./gradient.ts";
import type { Moments, Optimizer, OptimizerName, OptimizerValues } from "./optimizers.ts";

/** One update's experience, N rows. The learner owns the arrays; every call of a run has the same N. D: numbers of an action */
export interface Batch {
  readonly rows: number;
  readonly observation: Float32Array; // [N, obs]
  readonly action: Float32Array; // [N, D]
  readonly advantage: Float32Array; // [N]
  readonly returns: Float32Array; // [N]
}

/** What a row holds beside its observation, by name. */
export type BatchField = Exclude<keyof Batch, "rows" | "observation">;

/** A loss whose rows are what a batch holds. */
export type BatchGradient = OutputGradient<string, FieldWidths<BatchField>>;

/** Names of the fields that a loss reads, in the order of an upload. */
export const fieldsOf = ({ fields }: BatchGradient) => Object.keys(fields) as BatchField[];

/** One update, for an engine that keeps parameters and moments itself. */
export interface UpdateRequest {
  readonly batch: Batch;
  /** Where the gradient is taken, [P]; null: at the parameters that it is applied to. */
  readonly at: Float32Array | null;
  /** The loss's hyperparameters, as latched for this update. */
  readonly hp: Readonly<Record<string, unknown>>;
  /** Global norm that the gradient is clipped to; Infinity: to none. */
  readonly clip: number;
  readonly rule: OptimizerName;
  readonly rates: OptimizerValues;
}

/** Parameters [P] and moments that live in the memory of an engine's device; shared memory holds a copy after every update. */
export interface Resident {
  /** Takes over parameters and moments from shared memory: before the first update, and when somebody else changed them. */
  load(parameters: Float32Array, moments: Moments): void;
  /**
   * One whole update: differentiate, clip, apply. Writes the new parameters and moments back; where the loss or the
   * gradient is not a number, nothing changes.
   *
   * @param stats of the loss, in the order of its declaration, written
   * @returns the gradient's global norm before clipping
   */
  update(request: UpdateRequest, parameters: Float32Array, moments: Moments, stats: Float32Array): Promise<number>;
}

export interface GradientEngine {
  readonly id: string;
  /** Whether its results arrive on the event loop, so that its thread must never block. */
  readonly needsEventLoop: boolean;
  /** Works on the arrays that this engine works on; absent where plain TypeScript does. */
  readonly optimizer?: Optimizer;
  /** Does the whole update on its device; absent where the learner clips and applies. */
  readonly resident?: Resident;
  /**
   * ∂loss/∂parameters of the batch mean, at these parameters.
   *
   * @param parameters [P], read only
   * @param hp the loss's hyperparameters, as latched for this update
   * @param gradient [P], written
   * @param stats of the loss, in the order of its declaration, written
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

/** Short names for a person. */
export const engineLabels: Record<EngineChoice["engine"], string> = {
  simd: "SIMD",
  webgpu: "WebGPU",
  "tfjs-webgpu": "tfjs WebGPU",
  "tfjs-wasm": "tfjs WebAssembly",
  "tfjs-cpu": "tfjs JavaScript",
};

/** What one warm update costs on one engine, measured on this machine for this network and batch. */
export interface EngineTrial {
  readonly engine: EngineChoice["engine"];
  readonly label: string;
  /** Median; null where it could not be measured, and then `note` says why. */
  readonly milliseconds: number | null;
  /** Extrapolated from an update of fewer rows. */
  readonly isEstimate: boolean;
  /** Compute passes that the device is told to run, and bytes to it and back; 0 on the processor. */
  readonly dispatches: number;
  readonly uploadBytes: number;
  readonly readBytes: number;
  readonly note: string | null;
}

/** Where gradients are computed, and why there. */
export interface EngineChoice {
  readonly engine: "simd" | "webgpu" | "tfjs-webgpu" | "tfjs-wasm" | "tfjs-cpu";
  /** e.g. "WebGPU" */
  readonly label: string;
  /** One sentence for the person. */
  readonly reason: string;
  /** The name of the graphics adapter, where there is one. */
  readonly adapter: string | null;
  /** What was measured to decide; empty where nothing was. */
  readonly trials: readonly EngineTrial[];
}
