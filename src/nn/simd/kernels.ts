/** Loads the SIMD kernels over a memory. Every thread has an instance of its own; none holds any state. */
import type { DrawingKernels } from "../acting/acting.ts";
import { fastest, reproducible } from "./kernels.generated.ts";

/** What kernels.as.ts exports. Addresses are bytes from the start of the memory, multiples of 16. */
export interface Kernels extends DrawingKernels {
  dense(x: number, w: number, b: number, y: number, rows: number, k: number, xStride: number, n: number): void;
  weightGradient(
    x: number,
    dy: number,
    dw: number,
    db: number,
    rows: number,
    k: number,
    xStride: number,
    n: number,
  ): void;
  transpose(w: number, wt: number, k: number, n: number, kPadded: number): void;
  tanhForward(y: number, count: number): void;
  reluForward(y: number, count: number): void;
  tanhBackward(h: number, d: number, count: number): void;
  reluBackward(h: number, d: number, count: number): void;
  sumOfSquares(g: number, count: number): number;
  scale(g: number, count: number, by: number): void;
  addScaled(a: number, b: number, count: number, by: number): void;
  rmsprop(theta: number, g: number, s: number, count: number, lr: number, oneLessRho: number, epsilon: number): void;
  adam(
    theta: number,
    g: number,
    m: number,
    v: number,
    count: number,
    lr: number,
    oneLessBeta1: number,
    oneLessBeta2: number,
    epsilon: number,
    correct1: number,
    correct2: number,
  ): void;
  normalise(
    x: number,
    xStride: number,
    mean: number,
    scale: number,
    y: number,
    n: number,
    columns: number,
    rows: number,
    limit: number,
  ): void;
  normaliseBackward(y: number, dy: number, scale: number, dx: number, n: number, rows: number, limit: number): void;
  inverseRoots(x: number, count: number, epsilon: number): void;
  squares(x: number, xStride: number, y: number, n: number, columns: number, rows: number): void;
  exponentialsOfTwice(x: number, y: number, count: number): void;
  halfLogarithms(x: number, y: number, count: number): void;
  divide(a: number, b: number, count: number): void;
  multiply(a: number, b: number, count: number): void;
  peak(rounds: number): number;
  copyColumns(from: number, fromStride: number, to: number, toStride: number, columns: number, rows: number): void;
  /** The printed row functions by their id; rows.ts has the arguments. */
  readonly rows: Readonly<Record<string, RowKernel>>;
}

type RowKernel = (
  outputs: number,
  gradient: number,
  rows: number,
  stride: number,
  inverseN: number,
  call: number,
  hp: number,
  scratch: number,
  stats: number,
) => void;

/** reproducible: the same bits in every browser. fastest: fused multiply-adds, whose bits depend on the machine. */
export type Build = "reproducible" | "fastest";

const modules: Partial<Record<Build, WebAssembly.Module>> = {};

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Whether this browser can run the build with fused multiply-adds. */
export const hasFastest = (): boolean => WebAssembly.validate(bytesOf(fastest));

/** Throws a CompileError where the browser lacks WebAssembly SIMD. "fastest" is "reproducible" where it lacks relaxed SIMD. */
export function loadKernels(memory: WebAssembly.Memory, build: Build = "reproducible"): Kernels {
  const text = build === "fastest" && hasFastest() ? fastest : reproducible;
  modules[build] ??= new WebAssembly.Module(bytesOf(text));
  const instance = new WebAssembly.Instance(modules[build], { env: { memory } });
  const { exports } = instance as unknown as { exports: Omit<Kernels, "rows"> & Kernels["rows"] };
  return { ...exports, rows: exports };
}
