/** What is measured on one thread: acting and learning, by every engine, on the two networks of the reference figures. */
import type { RunConfig } from "../runtime/config.ts";
import { defaultConfig, withValues } from "../runtime/config.ts";

export const networks = { L1: [64], L2: [64, 64] } as const;
export type NetworkName = keyof typeof networks;

/**
 * simd-fma: the build with fused multiply-adds, where the browser has it. tfjs: acting is `predict` of a layers model, as
 * an ordinary program would; with -ops, the raw operations. webgpu: the fused step.
 */
export type EngineName =
  | "simd"
  | "simd-fma"
  | "plain-js"
  | "tfjs-wasm"
  | "tfjs-wasm-ops"
  | "tfjs-cpu"
  | "webgpu"
  | "tfjs-webgpu";

export interface Case {
  /**
   * encode: what the processor does for an update on the graphics device, without waiting for it. exchange: one
   * publication of parameters and one pull.
   */
  readonly name: "act" | "learn" | "encode" | "exchange" | "peak";
  readonly engine: EngineName;
  readonly network: NetworkName;
  /** Environment copies of acting, rows of learning, parameters of an exchange. */
  readonly batch: number;
  readonly unit: "steps" | "samples" | "updates" | "exchanges" | "multiply-adds";
}

export interface Result extends Case {
  /** Median over the rounds. */
  readonly perSecond: number;
  /** (upper − lower quartile) / median */
  readonly spread: number;
}

export interface BenchApi {
  /** Sets a case up and warms it; false where this browser cannot run it. */
  prepare(of: Case, warmMilliseconds: number): Promise<boolean>;
  /** Units a second over about so many milliseconds. */
  measure(milliseconds: number): Promise<number>;
}

const cross = (quick: boolean): Case[] => {
  const engines: EngineName[] = ["simd", "simd-fma", "plain-js", "tfjs-wasm", ...(quick ? [] : ["tfjs-cpu" as const])];
  const sizes: NetworkName[] = quick ? ["L2"] : ["L1", "L2"];
  return sizes.flatMap((network) => [
    { name: "act", engine: "tfjs-wasm-ops", network, batch: 64, unit: "steps" } as const,
    ...engines.flatMap((engine): Case[] => [
      { name: "act", engine, network, batch: 64, unit: "steps" },
      ...[80, 512, 2048]
        .filter((b) => !quick || b > 80)
        .map((batch): Case => ({ name: "learn", engine, network, batch, unit: "samples" })),
    ]),
  ]);
};

/** The graphics device: the fused step against TensorFlow.js op by op. */
const onDevice = (quick: boolean): Case[] =>
  (quick ? [80] : [80, 512]).flatMap((batch) =>
    (["webgpu", "tfjs-webgpu"] as const).flatMap((engine): Case[] => [
      { name: "learn", engine, network: "L2", batch, unit: "samples" },
      { name: "encode", engine, network: "L2", batch, unit: "updates" },
    ]),
  );

/** All cases; those of one round follow each other, so that every engine meets the same weather. */
export const casesOf = (quick: boolean): Case[] => [
  { name: "peak", engine: "simd", network: "L2", batch: 1, unit: "multiply-adds" },
  { name: "peak", engine: "simd-fma", network: "L2", batch: 1, unit: "multiply-adds" },
  ...[5_000, 100_000].map(
    (batch): Case => ({ name: "exchange", engine: "plain-js", network: "L2", batch, unit: "exchanges" }),
  ),
  ...cross(quick),
  ...onDevice(quick),
];

/** The configuration whose plan a case runs on: one actor, 32 steps. */
export const configOf = ({ network, batch, name }: Case): RunConfig =>
  withValues(defaultConfig("a2c"), {
    actors: 1,
    envs: name === "learn" ? 1 : batch,
    unroll: 32,
    hidden: networks[network],
    gradients: "learner",
    engine: "simd",
  });

/** Multiply-adds of one sample. */
export function multiplyAdds(widths: readonly number[], observations: number, actions: number) {
  const sizes = [observations, ...widths, actions + 1];
  const forward = sizes.slice(1).reduce((sum, n, i) => sum + n * sizes[i], 0);
  // backward: dW for every layer, dX for all but the first
  return { forward, backward: 2 * forward - observations * (widths[0] ?? actions + 1) };
}

export function summary(of: Case, rates: readonly number[]): Result {
  const sorted = [...rates].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))];
  return { ...of, perSecond: at(0.5), spread: (at(0.75) - at(0.25)) / at(0.5) };
}
