/** Counts of work that no noise touches: calls of kernels, their multiply-adds, and bytes that are copied. */
import type { Kernels } from "../../src/nn/simd/kernels.ts";

/** Calls by the name of the kernel. */
export type Calls = Readonly<Record<string, number>>;

export interface Work {
  readonly calls: Calls;
  /** Of the products of matrices, padding included. */
  readonly multiplyAdds: number;
  /** Into the run's memory: by kernels, and by arrays that are set from others. */
  readonly copiedBytes: number;
}

const counts = { calls: {} as Record<string, number>, multiplyAdds: 0, copiedBytes: 0 };

type Kernel = (...args: number[]) => unknown;

/** What a call adds beside itself. */
const weights: Readonly<Record<string, Kernel>> = {
  dense(_x, _w, _b, _y, rows, k, _xStride, n) {
    counts.multiplyAdds += rows * k * n;
  },
  weightGradient(_x, _dy, _dw, _db, rows, k, _xStride, n) {
    counts.multiplyAdds += rows * k * n;
  },
  copyColumns(_from, _fromStride, _to, _toStride, columns, rows) {
    counts.copiedBytes += 4 * columns * rows;
  },
};

function counted(name: string, kernel: Kernel): Kernel {
  return (...args) => {
    counts.calls[name] = (counts.calls[name] ?? 0) + 1;
    weights[name]?.(...args);
    return kernel(...args);
  };
}

const eachCounted = (kernels: object): object =>
  Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]) => [
      name,
      typeof kernel === "function" ? counted(name, kernel as Kernel) : kernel,
    ]),
  );

/** The same kernels, whose calls are counted. */
export const withCounts = (kernels: Kernels): Kernels =>
  ({ ...eachCounted(kernels), rows: eachCounted(kernels.rows) }) as Kernels;

const typedArrays = Object.getPrototypeOf(Float32Array.prototype) as Float32Array;

/** What is done meanwhile, on kernels that are counted. */
export function workOf(work: () => void): Work {
  Object.assign(counts, { calls: {}, multiplyAdds: 0, copiedBytes: 0 });
  const { set } = typedArrays;
  typedArrays.set = function (this: Float32Array, from: ArrayLike<number>, at?: number) {
    if (this.buffer instanceof SharedArrayBuffer) counts.copiedBytes += from.length * this.BYTES_PER_ELEMENT;
    set.call(this, from, at);
  };
  try {
    work();
  } finally {
    typedArrays.set = set;
  }
  return { ...counts };
}

const sum = (a: Calls, b: Calls): Calls => {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
};

export const nothing: Work = { calls: {}, multiplyAdds: 0, copiedBytes: 0 };

export const together = (...all: readonly Partial<Work>[]): Work =>
  all.reduce<Work>(
    (before, { calls = {}, multiplyAdds = 0, copiedBytes = 0 }) => ({
      calls: sum(before.calls, calls),
      multiplyAdds: before.multiplyAdds + multiplyAdds,
      copiedBytes: before.copiedBytes + copiedBytes,
    }),
    nothing,
  );

export const times = (n: number, work: Partial<Work>): Work => together(...Array<Partial<Work>>(n).fill(work));

/** Without kernels that are not called. */
export const called = ({ calls, ...rest }: Work): Work => ({
  ...rest,
  calls: Object.fromEntries(Object.entries(calls).filter(([, count]) => count > 0)),
});
