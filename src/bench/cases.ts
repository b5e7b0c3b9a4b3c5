/** What is measured by itself: acting, learning and exchange, by every engine, on the two networks of the reference figures. */
import { median, quantile } from "../core/quantile.ts";
import type { RunConfig } from "../runtime/plan/config.ts";
import { defaultConfig, withValues } from "../runtime/plan/config.ts";

export const networks = { L1: [64], L2: [64, 64] } as const;
export type NetworkName = keyof typeof networks;

export type EngineName =
  | "simd"
  /** The build with fused multiply-adds, where the browser has it. */
  | "simd-fma"
  | "plain-js"
  /** Acting: a layers model's `predict`. Learning: operations and their gradients. */
  | "tfjs-wasm"
  | "tfjs-cpu"
  /** Acting: the same network as operations, without a layers model. */
  | "tfjs-wasm-ops"
  /** Learning as fused kernels on the graphics device, and operation by operation. */
  | "webgpu"
  | "tfjs-webgpu"
  /** Exchange: parameters through the two banks; a bell there and another back; an empty call there and back. */
  | "banks"
  | "bells"
  | "comlink";

export interface Case {
  /** encode: the processor's own part of learning, where a graphics device does the rest. */
  readonly name: "act" | "learn" | "encode" | "exchange" | "peak";
  readonly engine: EngineName;
  /** A network by its name or by the widths of its two hidden layers; none: it is not about a network. */
  readonly network: NetworkName | `${number},${number}` | "none";
  /** Environment copies of acting, rows of learning, floats of an exchange, threads of the peak. */
  readonly batch: number;
  readonly unit: "steps" | "samples" | "updates" | "copies" | "round trips" | "multiply-adds";
}

export interface Result extends Case {
  /** Median over the rounds. */
  readonly perSecond: number;
  /** (upper − lower quartile) / median */
  readonly spread: number;
}

/** Of one round. */
export interface Rates {
  readonly perSecond: number;
  /** Updates a second that the processor alone could hand to the graphics device, by the median update; null where it does all the work. */
  readonly encodedPerSecond: number | null;
}

export interface BenchApi {
  /** Sets a case up and warms it. Returns null, or why this browser cannot run it. */
  prepare(of: Case, warmMilliseconds: number): Promise<string | null>;
  /** Units a second over about so many milliseconds. */
  measure(milliseconds: number): Promise<Rates>;
}

function casesOfNetwork(network: NetworkName, quick: boolean): Case[] {
  const act = (engine: EngineName): Case => ({ name: "act", engine, network, batch: 64, unit: "steps" });
  const learn =
    (engine: EngineName) =>
    (batch: number): Case => ({ name: "learn", engine, network, batch, unit: "samples" });
  const batches = quick ? [512, 2048] : [80, 512, 2048];
  const onDevice = quick ? [80] : [80, 512];
  const all = (engine: EngineName) => [act(engine), ...batches.map(learn(engine))];
  return [
    ...(["simd", "simd-fma", "plain-js", "tfjs-wasm"] as const).flatMap(all),
    act("tfjs-wasm-ops"),
    ...(quick ? [act("tfjs-cpu"), learn("tfjs-cpu")(512)] : all("tfjs-cpu")),
    ...(["webgpu", "tfjs-webgpu"] as const).flatMap((engine) => onDevice.map(learn(engine))),
  ];
}

const apart = { network: "none" } as const;

/** All cases; those of one round follow each other, so that every engine meets the same weather. */
export const casesOf = (quick: boolean): Case[] => [
  { name: "peak", engine: "simd", ...apart, batch: 1, unit: "multiply-adds" },
  { name: "peak", engine: "simd", ...apart, batch: 2, unit: "multiply-adds" },
  { name: "peak", engine: "simd-fma", ...apart, batch: 1, unit: "multiply-adds" },
  ...(quick ? (["L2"] as const) : (["L1", "L2"] as const)).flatMap((network) => casesOfNetwork(network, quick)),
  { name: "exchange", engine: "banks", ...apart, batch: 5_000, unit: "copies" },
  { name: "exchange", engine: "banks", ...apart, batch: 100_000, unit: "copies" },
  { name: "exchange", engine: "bells", ...apart, batch: 1, unit: "round trips" },
  { name: "exchange", engine: "comlink", ...apart, batch: 1, unit: "round trips" },
];

/** Threads that do a case's work at once: what it comes to is theirs together. */
export const threadsOf = ({ name, batch }: Case): number => (name === "peak" ? batch : 1);

/** Whether a case is measured in the rounds of the training loops, which it says something about. */
export const isBesideLoops = ({ name, engine }: Case): boolean => name === "peak" && engine === "simd";

/** Hidden widths of a case's network. Throws where it is not about one. */
export function widthsOf({ name, network }: Case): readonly number[] {
  if (network === "none") throw new Error(`"${name}" has no network`);
  return network === "L1" || network === "L2" ? networks[network] : network.split(",").map(Number);
}

/** The configuration whose plan a case runs on: one actor, 32 steps. */
export const configOf = (of: Case): RunConfig =>
  withValues(defaultConfig("a2c"), {
    actors: 1,
    envs: of.name === "learn" ? 1 : of.batch,
    unroll: 32,
    hidden: widthsOf(of),
    gradients: "learner",
    engine: "simd",
  });

/** 1, 2, 4, … and as many as there are cores; 1 and 2 always. */
export function actorCounts(cores: number, quick: boolean): number[] {
  if (quick) return [1, 2];
  const powers = Array.from({ length: 10 }, (_, i) => 2 ** i).filter((count) => count <= Math.max(2, cores));
  return [...new Set([...powers, Math.max(2, cores)])];
}

/** Multiply-adds of one sample. */
export function multiplyAdds(widths: readonly number[], observations: number, actions: number) {
  const sizes = [observations, ...widths, actions + 1];
  const forward = sizes.slice(1).reduce((sum, n, i) => sum + n * sizes[i], 0);
  // backward: dW for every layer, dX for all but the first
  return { forward, backward: 2 * forward - observations * (widths[0] ?? actions + 1) };
}

/** Median, and (upper − lower quartile) / median. */
export function middle(rates: readonly number[]): { perSecond: number; spread: number } {
  const perSecond = median(rates);
  return { perSecond, spread: (quantile(rates, 0.75) - quantile(rates, 0.25)) / perSecond };
}

/** What the rounds of a case come to: itself and, where a graphics device does the work, the processor's part. */
export function summary(of: Case, rounds: readonly Rates[]): Result[] {
  const encoded = rounds.flatMap(({ encodedPerSecond }) => encodedPerSecond ?? []);
  return [
    { ...of, ...middle(rounds.map(({ perSecond }) => perSecond)) },
    ...(encoded.length > 0 ? [{ ...of, name: "encode" as const, unit: "updates" as const, ...middle(encoded) }] : []),
  ];
}
