/** What the measurements say about each other. */
import type { ReturnPoint, Snapshot } from "../runtime/seen/view.ts";
import { type Case, type EngineName, multiplyAdds, type NetworkName, networks, type Result } from "./cases.ts";

/** A training loop: 64 copies an actor, 32 steps an unroll. */
export interface EndToEnd {
  readonly network: NetworkName;
  readonly actors: number;
  /** Median over the rounds. */
  readonly stepsPerSecond: number;
  /** (upper − lower quartile) / median */
  readonly spread: number;
}

interface Course extends Pick<Snapshot, "envSteps" | "seconds"> {
  readonly returns: readonly Pick<ReturnPoint, "envSteps" | "seconds">[];
}

/** Env-steps a second after the first third, in which threads wake up and memory is touched for the first time. */
export function steadyRate({ envSteps, seconds, returns }: Course): number {
  const from = returns.findLast((point) => point.seconds <= seconds / 3) ?? { envSteps: 0, seconds: 0 };
  return (envSteps - from.envSteps) / (seconds - from.seconds);
}

/** A case that did not run here, and why. */
export interface Missing {
  readonly case: Case;
  readonly why: string;
}

/** A line for every engine that did not run. */
export const missingTexts = (missing: readonly Missing[]): string[] => [
  ...new Set(missing.map(({ case: { engine }, why }) => `${engine} was not measured: ${why}`)),
];

/** Every ratio, in words for a person; on L2 (4→64→64→3). */
export const ratioNames = {
  actSimdVsTfjsWasm: "acting, 64 copies: SIMD against TensorFlow.js wasm, predict",
  actSimdVsTfjsWasmOps: "acting, 64 copies: SIMD against TensorFlow.js wasm, operations",
  actSimdVsPlainJs: "acting, 64 copies: SIMD against plain JavaScript",
  actFmaVsPlainJs: "acting, 64 copies: SIMD with fused multiply-adds against plain JavaScript",
  learnSimdVsTfjsWasm: "learning, 512 rows: SIMD against TensorFlow.js wasm",
  learnSimdVsTfjsWasm2048: "learning, 2,048 rows: SIMD against TensorFlow.js wasm",
  learnSimdVsPlainJs: "learning, 512 rows: SIMD against plain JavaScript",
  learnSimdVsPlainJs2048: "learning, 2,048 rows: SIMD against plain JavaScript",
  learnFmaVsPlainJs: "learning, 512 rows: SIMD with fused multiply-adds against plain JavaScript",
  scaling2Vs1: "training loop: two actors against one",
  peakScaling2Vs1: "multiply-adds from registers, the most that this machine can scale: two threads against one",
  webgpuFusedVsOpByOp: "learning on the graphics device, 80 rows: fused against TensorFlow.js",
  encodeFusedVsOpByOp: "the processor's part of it: TensorFlow.js against fused",
  shareOfPeak: "multiply-adds of the training loop with two actors, of the peak of two threads at once",
} as const;

export type RatioName = keyof typeof ratioNames;
/** null: not measured here. */
export type Ratios = Readonly<Record<RatioName, number | null>>;

/** A ratio as it is shown. */
export const ratioText = (name: RatioName, x: number | null): string =>
  x === null ? "not measured" : name === "shareOfPeak" ? `${(100 * x).toFixed(0)} %` : `${x.toFixed(1)} ×`;

export function ratiosOf(results: readonly Result[], loops: readonly EndToEnd[]): Ratios {
  const rate = (name: Case["name"], engine: EngineName, batch: number, network: Case["network"] = "L2") =>
    results.find((r) => r.name === name && r.engine === engine && r.batch === batch && r.network === network)
      ?.perSecond ?? null;
  const over = (a: number | null, b: number | null) => (a === null || b === null ? null : a / b);
  const between = (name: Case["name"], batch: number, engine: EngineName, other: EngineName) =>
    over(rate(name, engine, batch), rate(name, other, batch));
  const loop = (actors: number) => loops.find((l) => l.network === "L2" && l.actors === actors)?.stepsPerSecond ?? null;
  const { forward, backward } = multiplyAdds(networks.L2, 4, 2);
  const two = loop(2);
  const peak = (threads: number) => rate("peak", "simd", threads, "none");
  return {
    actSimdVsTfjsWasm: between("act", 64, "simd", "tfjs-wasm"),
    actSimdVsTfjsWasmOps: between("act", 64, "simd", "tfjs-wasm-ops"),
    actSimdVsPlainJs: between("act", 64, "simd", "plain-js"),
    actFmaVsPlainJs: between("act", 64, "simd-fma", "plain-js"),
    learnSimdVsTfjsWasm: between("learn", 512, "simd", "tfjs-wasm"),
    learnSimdVsTfjsWasm2048: between("learn", 2048, "simd", "tfjs-wasm"),
    learnSimdVsPlainJs: between("learn", 512, "simd", "plain-js"),
    learnSimdVsPlainJs2048: between("learn", 2048, "simd", "plain-js"),
    learnFmaVsPlainJs: between("learn", 512, "simd-fma", "plain-js"),
    scaling2Vs1: over(two, loop(1)),
    peakScaling2Vs1: over(peak(2), peak(1)),
    webgpuFusedVsOpByOp: between("learn", 80, "webgpu", "tfjs-webgpu"),
    encodeFusedVsOpByOp: between("encode", 80, "webgpu", "tfjs-webgpu"),
    // every step goes forward once (acting, whose activations are kept) and backward once
    shareOfPeak: over(two === null ? null : two * (forward + backward), peak(2)),
  };
}
