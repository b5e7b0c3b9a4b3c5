/** Memories for the tests of the SIMD kernels: what a kernel must not read is not a number, what it must not write is watched. */
import { setFlagsFromString } from "node:v8";
import { expect } from "vitest";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import { f32, layout, viewsOf } from "../../../src/core/layout.ts";
import { LEARNER_ROWS, simdEngine } from "../../../src/nn/simd/engine.ts";
import { fastest, reproducible } from "../../../src/nn/simd/kernels.generated.ts";
import { type Build, type Kernels, loadKernels } from "../../../src/nn/simd/kernels.ts";
import { workspaceLayout } from "../../../src/nn/simd/network.ts";
import { sharedMemory } from "../../../src/runtime/memory/memory.ts";
import type { Costs, Sizes } from "../plain.ts";
import { normals, specOf } from "../specs.ts";

export const binaries: Record<Build, Uint8Array<ArrayBuffer>> = {
  reproducible: Uint8Array.from(Buffer.from(reproducible, "base64")),
  fastest: Uint8Array.from(Buffer.from(fastest, "base64")),
};

// Node 20 has relaxed SIMD behind a flag.
if (!WebAssembly.validate(binaries.fastest)) setFlagsFromString("--experimental-wasm-relaxed-simd");

/** The builds that run here: relaxed SIMD may be missing. */
export const builds = (["reproducible", "fastest"] as const).filter((build) => WebAssembly.validate(binaries[build]));

/** Bits of a float32 that is not a number, and of a strange integer. */
const CANARY = 0x7fc0ca7a;
const PAGE = 65_536;

/** A memory full of canaries, in which arrays are placed with canaries between them. */
export class Arena {
  readonly memory = sharedMemory(PAGE);
  readonly kernels: Kernels;
  private at = 64;

  constructor(build: Build = "reproducible") {
    this.kernels = loadKernels(this.memory, build);
    new Uint32Array(this.memory.buffer).fill(CANARY);
  }

  /** Places numbers at a multiple of 16 bytes. */
  put(values: ArrayLike<number>): Float32Array {
    const view = new Float32Array(this.memory.buffer, this.at, values.length);
    view.set(values);
    this.at = 16 * Math.ceil(this.at / 16 + values.length / 4) + 32;
    return view;
  }

  /** Room for so many floats; it holds canaries. */
  room(length: number): Float32Array {
    const view = new Float32Array(this.memory.buffer, this.at, length);
    this.at = 16 * Math.ceil(this.at / 16 + length / 4) + 32;
    return view;
  }

  /** Runs a kernel, and fails where a byte outside of these arrays has changed. */
  writesOnly(written: readonly ArrayBufferView[], run: () => void): void {
    const all = new Uint8Array(this.memory.buffer);
    const before = Buffer.from(all);
    run();
    for (const { byteOffset, byteLength } of written)
      before.set(all.subarray(byteOffset, byteOffset + byteLength), byteOffset);
    expect(before.compare(all), "bytes outside of the written arrays have changed").toBe(0);
  }
}

/** One update's experience and costs, as drawn. */
export interface Drawn extends Costs {
  readonly sizes: Sizes;
  readonly rows: number;
  readonly seed: number;
  readonly scale: number;
}

/** A learner's arrays in one memory, filled; canaries stand where its arrays end. */
export function learnerGround(
  { sizes, rows, seed, scale, valueCost, entropyCost }: Drawn,
  { build = "reproducible", offset = 0, algo = "a2c" }: { build?: Build; offset?: number; algo?: AlgorithmId } = {},
) {
  const spec = specOf(sizes);
  const gap = f32(16);
  const of = layout({
    gap,
    parameters: f32(spec.size),
    gap1: gap,
    gradient: f32(spec.size),
    gap2: gap,
    observation: f32(rows, spec.inputs),
    gap3: gap,
    action: f32(rows),
    advantage: f32(rows),
    returns: f32(rows),
    gap4: gap,
    workspace: workspaceLayout(spec, LEARNER_ROWS, algorithms[algo].losses.categorical.outputGradient),
    gap5: gap,
  });
  const memory = sharedMemory(offset + of.bytes);
  const views = viewsOf(of, memory.buffer, offset);
  const gaps = [views.gap, views.gap1, views.gap2, views.gap3, views.gap4, views.gap5];
  for (const each of gaps) each.fill(Number.NaN);
  views.parameters.set(normals(seed, spec.size, scale));
  views.observation.set(normals(seed + 1, rows * sizes.inputs));
  normals(seed + 2, rows).forEach((x, n) => {
    views.action[n] = Math.floor(Math.abs(x) * 1000) % sizes.actions;
  });
  views.advantage.set(normals(seed + 3, rows, 2));
  views.returns.set(normals(seed + 4, rows, 5));
  views.gradient.fill(Number.NaN);
  const { observation, action, advantage, returns, parameters, gradient, workspace } = views;
  const batch = { rows, observation, action, advantage, returns };
  const hp = { valueCost, entropyCost };
  const stats = new Float32Array(4).fill(Number.NaN);
  const { outputGradient } = algorithms[algo].losses.categorical;
  const engine = simdEngine(loadKernels(memory, build), memory, spec, workspace, outputGradient);
  const differentiate = () => void engine.differentiate(parameters, batch, hp, gradient, stats);
  const untouched = () => gaps.every((each) => each.every(Number.isNaN));
  return { spec, memory, engine, parameters, gradient, workspace, batch, hp, stats, differentiate, untouched };
}

/** The greatest difference, relative to the norm of what is expected. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>, least: number): number {
  let greatest = 0;
  let squares = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(difference)) return Number.NaN;
    greatest = Math.max(greatest, difference);
    squares += expected[i] * expected[i];
  }
  return greatest / Math.max(Math.sqrt(squares), least);
}
