import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGenerated } from "../../../src/cli/kernels.ts";
import { f32, i32, layout, viewsOf } from "../../../src/core/layout.ts";
import { type Moments, optimizerNames, plainOptimizer } from "../../../src/nn/optimizers.ts";
import { loadKernels } from "../../../src/nn/simd/kernels.ts";
import { simdOptimizer } from "../../../src/nn/simd/optimizer.ts";
import { padded } from "../../../src/nn/simd/packing.ts";
import { sharedMemory } from "../../../src/runtime/memory/memory.ts";
import { normals } from "../specs.ts";
import { Arena, binaries, builds } from "./arena.ts";

const NaNs = (length: number) => new Float32Array(length).fill(Number.NaN);

describe.each(Object.keys(binaries) as (keyof typeof binaries)[])("the binary, %s", (build) => {
  test("has neither data nor a start function, and imports the memory alone", () => {
    const binary = binaries[build];
    const sections: number[] = [];
    for (let at = 8; at < binary.length; ) {
      sections.push(binary[at++]);
      let size = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = binary[at++];
        size |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      at += size;
    }
    // type, import, function, export, code: no memory 5, global 6, start 8, element 9, data 11
    expect(sections.filter((id) => id !== 0)).toEqual([1, 2, 3, 7, 10]);
    if (!builds.includes(build)) return;
    const module = new WebAssembly.Module(binary);
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  });
});

test("both binaries together are small to download", () => {
  const packed = Object.values(binaries).map((binary) => gzipSync(binary).length);
  expect(packed[0] + packed[1]).toBeLessThanOrEqual(15_000);
});

describe("the generated files", () => {
  test("are what their sources print, and what was compiled of them", () => {
    expect(() => checkGenerated()).not.toThrow();
  });

  test.each([
    ["binary", /AGFzbQ/, "AGFzcQ"],
    ["hash of the sources", /[0-9a-f]{16}\. \*/, "0123456789abcdef. *"],
    ["compiler", /AssemblyScript [\d.]+/, "AssemblyScript 0.0.1"],
    ["kernel for the graphics device", /greatest/, "least"],
  ])("with another %s are refused", (_, part, other) => {
    const changed = (path: string) => readFileSync(path, "utf8").replace(part, other);
    expect(() => checkGenerated(changed)).toThrow(/generated\.ts is older than its sources: npm run kernels/);
  });
});

const shape = {
  rows: fc.integer({ min: 1, max: 9 }),
  k: fc.integer({ min: 1, max: 13 }),
  quads: fc.integer({ min: 1, max: 5 }), // n = 4, 8, 12, 16, 20
  gap: fc.integer({ min: 0, max: 3 }), // floats between rows of X
  seed: fc.nat(),
};

/** X [rows, k], rows `stride` floats apart; not numbers between them. */
function strided(x: Float32Array, rows: number, k: number, stride: number): Float32Array {
  const spread = NaNs(rows * stride);
  for (let r = 0; r < rows; r++) spread.set(x.subarray(r * k, (r + 1) * k), r * stride);
  return spread;
}

/** A sum of products in float32 is as near as this to the exact one: terms × half an ulp of Σ|terms|. */
const near = (actual: number, terms: number[], what: string) => {
  const exact = terms.reduce((a, b) => a + b, 0);
  const bound = (terms.length + 2) * 2 ** -24 * terms.reduce((a, b) => a + Math.abs(b), 0);
  expect(Math.abs(actual - exact), what).toBeLessThanOrEqual(bound);
};

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe.each(builds)("kernels, %s", (build) => {
  test("dense: Y = X W + b", () => {
    fc.assert(
      fc.property(fc.record(shape), ({ rows, k, quads, gap, seed }) => {
        const n = 4 * quads;
        const arena = new Arena(build);
        const x = normals(seed, rows * k);
        const w = normals(seed + 1, k * n);
        const b = normals(seed + 2, n);
        const X = arena.put(strided(x, rows, k, k + gap));
        const [W, B, Y] = [arena.put(w), arena.put(b), arena.room(rows * n)];
        arena.writesOnly([Y], () =>
          arena.kernels.dense(X.byteOffset, W.byteOffset, B.byteOffset, Y.byteOffset, rows, k, k + gap, n),
        );
        for (let r = 0; r < rows; r++)
          for (let j = 0; j < n; j++)
            near(Y[r * n + j], [b[j], ...range(k).map((i) => x[r * k + i] * w[i * n + j])], `row ${r}, column ${j}`);
      }),
    );
  });

  test("weightGradient: dW += Xᵀ dY, db += Σ dY", () => {
    fc.assert(
      fc.property(fc.record(shape), ({ rows, k, quads, gap, seed }) => {
        const n = 4 * quads;
        const arena = new Arena(build);
        const x = normals(seed, rows * k);
        const dy = normals(seed + 1, rows * n);
        const dw = normals(seed + 2, k * n);
        const db = normals(seed + 3, n);
        const X = arena.put(strided(x, rows, k, k + gap));
        const [DY, DW, DB] = [arena.put(dy), arena.put(dw), arena.put(db)];
        arena.writesOnly([DW, DB], () =>
          arena.kernels.weightGradient(X.byteOffset, DY.byteOffset, DW.byteOffset, DB.byteOffset, rows, k, k + gap, n),
        );
        for (let j = 0; j < n; j++) {
          near(DB[j], [db[j], ...range(rows).map((r) => dy[r * n + j])], `bias ${j}`);
          for (let i = 0; i < k; i++)
            near(DW[i * n + j], [dw[i * n + j], ...range(rows).map((r) => x[r * k + i] * dy[r * n + j])], `${i}, ${j}`);
        }
      }),
    );
  });

  test("transpose: Wᵀ, its padding zero", () => {
    fc.assert(
      fc.property(fc.record(shape), ({ k, quads, gap, seed }) => {
        const n = 4 * quads;
        const wide = 4 * Math.ceil(k / 4) + 4 * gap;
        const arena = new Arena(build);
        const W = arena.put(normals(seed, k * n));
        const T = arena.room(n * wide);
        arena.writesOnly([T], () => arena.kernels.transpose(W.byteOffset, T.byteOffset, k, n, wide));
        for (let j = 0; j < n; j++)
          for (let i = 0; i < wide; i++) expect(T[j * wide + i]).toBe(i < k ? W[i * n + j] : 0);
      }),
    );
  });

  test("tanh: within 5e-7 everywhere, never beyond ±1, odd, signs of zero kept", () => {
    const count = 4000;
    for (const half of [20, 1, 0.01, 1e-4]) {
      const arena = new Arena(build);
      const x = Float32Array.from({ length: count }, (_, i) => ((2 * i) / (count - 1) - 1) * half);
      const Y = arena.put(x);
      arena.writesOnly([Y], () => arena.kernels.tanhForward(Y.byteOffset, count));
      let worst = 0;
      let greatest = 0;
      x.forEach((z, i) => {
        worst = Math.max(worst, Math.abs(Y[i] - Math.tanh(z)) / Math.min(1, half));
        greatest = Math.max(greatest, Math.abs(Y[i]));
      });
      expect(worst).toBeLessThan(5e-7);
      expect(greatest).toBeLessThanOrEqual(1);
    }
    const arena = new Arena(build);
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN: nan } = Number;
    const Y = arena.put([0, -0, nan, 1e-40, 8, -8, 3e38, -3e38, POSITIVE_INFINITY, NEGATIVE_INFINITY, 0.7, -0.7]);
    arena.kernels.tanhForward(Y.byteOffset, Y.length);
    expect(Y[0]).toBe(0);
    expect(Y[1]).toBe(-0);
    expect(Y[2]).toBeNaN();
    expect(Y[3]).toBeCloseTo(0, 30);
    for (const i of [4, 6, 8]) expect(Math.abs(Y[i] - 1)).toBeLessThan(5e-7);
    for (const i of [5, 7, 9, 11]) expect(Y[i]).toBe(-Y[i - 1]);
  });

  test("relu: max(0, x); not a number stays so, −0 becomes 0", () => {
    const arena = new Arena(build);
    const x = normals(3, 40);
    x.set([Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42, -1e-42]);
    const Y = arena.put(x);
    arena.writesOnly([Y], () => arena.kernels.reluForward(Y.byteOffset, x.length));
    expect([...Y]).toEqual([...x].map((z) => (z > 0 || Number.isNaN(z) ? z : 0)));
  });

  test("the ways back: d (1 − h²), and d where h > 0", () => {
    const arena = new Arena(build);
    const h = normals(5, 40, 0.5).map((z) => Math.max(-1, Math.min(1, z)));
    const d = normals(6, 40);
    const [H, D, R] = [arena.put(h), arena.put(d), arena.put(d)];
    arena.writesOnly([D], () => arena.kernels.tanhBackward(H.byteOffset, D.byteOffset, 40));
    arena.writesOnly([R], () => arena.kernels.reluBackward(H.byteOffset, R.byteOffset, 40));
    d.forEach((g, i) => {
      expect(Math.abs(D[i] - g * (1 - h[i] * h[i]))).toBeLessThan(2e-7 * Math.abs(g));
      expect(R[i]).toBe(h[i] > 0 ? g : 0);
    });
    H.set([1, -1, Number.NaN, 0]);
    D.set([5, 5, 5, 5]);
    R.set([5, Number.NaN, 5, 5]);
    arena.kernels.tanhBackward(H.byteOffset, D.byteOffset, 4);
    arena.kernels.reluBackward(H.byteOffset, R.byteOffset, 4);
    expect([...D.subarray(0, 4)]).toEqual([0, 0, Number.NaN, 5]); // saturated: no slope
    expect([...R.subarray(0, 4)]).toEqual([5, 0, 0, 0]); // what is not above zero has no slope, whatever d is
  });

  test("sumOfSquares, scale, addScaled", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), fc.constantFrom(1, 1e-25, 1e15), (quads, seed, scale) => {
        const arena = new Arena(build);
        const a = normals(seed, 4 * quads, scale);
        const b = normals(seed + 1, 4 * quads, scale);
        const [A, B] = [arena.put(a), arena.put(b)];
        let sum = 0;
        arena.writesOnly([], () => {
          sum = arena.kernels.sumOfSquares(A.byteOffset, a.length);
        });
        const exact = a.reduce((s, x) => s + x * x, 0);
        expect(Math.abs(sum - exact)).toBeLessThanOrEqual(1e-14 * exact);
        arena.writesOnly([A], () => arena.kernels.addScaled(A.byteOffset, B.byteOffset, a.length, 0.3));
        const by = Math.fround(0.3);
        a.forEach((x, i) => {
          near(A[i], [x, b[i] * by], `element ${i}`);
        });
        arena.writesOnly([B], () => arena.kernels.scale(B.byteOffset, a.length, 0.3));
        expect([...B]).toEqual([...b].map((x) => Math.fround(x * by)));
      }),
    );
  });

  test("copyColumns copies bits between strides, and nothing else", () => {
    const anyCopy = fc.record({
      columns: fc.integer({ min: 1, max: 9 }),
      rows: fc.integer({ min: 1, max: 6 }),
      fromGap: fc.integer({ min: 0, max: 4 }),
      toGap: fc.integer({ min: 0, max: 4 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(anyCopy, ({ columns, rows, fromGap, toGap, seed }) => {
        const arena = new Arena(build);
        const [from, to] = [columns + fromGap, columns + toGap];
        const x = normals(seed, rows * columns);
        const F = arena.put(strided(x, rows, columns, from));
        const T = arena.room(rows * to);
        const places = range(rows).map((r) => T.subarray(r * to, r * to + columns));
        arena.writesOnly(places, () => arena.kernels.copyColumns(F.byteOffset, from, T.byteOffset, to, columns, rows));
        places.forEach((place, r) => {
          expect([...place]).toEqual([...x.subarray(r * columns, (r + 1) * columns)]);
        });
      }),
    );
  });

  const anyRows = fc.record({
    columns: fc.integer({ min: 1, max: 9 }),
    rows: fc.integer({ min: 1, max: 6 }),
    gap: fc.integer({ min: 0, max: 4 }),
    seed: fc.nat(),
  });

  test("normalise: (x − mean) · scale within the limit, its padding zero; its way back is the slope", () => {
    fc.assert(
      fc.property(anyRows, ({ columns, rows, gap, seed }) => {
        const arena = new Arena(build);
        const n = padded(columns);
        const x = normals(seed, rows * columns, 3);
        const X = arena.put(strided(x, rows, columns, columns + gap));
        const mean = arena.put(normals(seed + 1, columns));
        // Beyond the last column, scales may be anything.
        const scale = arena.put([...normals(seed + 2, columns), ...range(n - columns).map(() => 1e4)]);
        const Y = arena.room(rows * n);
        const { kernels } = arena;
        const [m, s] = [mean.byteOffset, scale.byteOffset];
        arena.writesOnly([Y], () =>
          kernels.normalise(X.byteOffset, columns + gap, m, s, Y.byteOffset, n, columns, rows, 2),
        );
        const D = arena.put(normals(seed + 3, rows * n));
        const dX = arena.room(rows * n);
        arena.writesOnly([dX], () =>
          kernels.normaliseBackward(Y.byteOffset, D.byteOffset, s, dX.byteOffset, n, rows, 2),
        );
        for (let r = 0; r < rows; r++)
          for (let j = 0; j < n; j++) {
            const at = r * n + j;
            const exact = j < columns ? Math.fround(Math.fround(x[r * columns + j] - mean[j]) * scale[j]) : 0;
            expect(Y[at]).toBe(Math.max(-2, Math.min(2, exact)));
            if (j < columns) expect(dX[at]).toBe(Math.abs(Y[at]) < 2 ? Math.fround(D[at] * scale[j]) : 0);
          }
        expect(Y.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test("normalise hands a NaN on", () => {
    const arena = new Arena(build);
    const [X, mean, scale] = [arena.put([Number.NaN]), arena.put([0]), arena.put([1])];
    const Y = arena.room(4);
    arena.kernels.normalise(X.byteOffset, 1, mean.byteOffset, scale.byteOffset, Y.byteOffset, 4, 1, 1, 10);
    expect([...Y]).toEqual([Number.NaN, 0, 0, 0]);
  });

  test("squares, with zeros behind; inverse roots one by one", () => {
    fc.assert(
      fc.property(anyRows, ({ columns, rows, gap, seed }) => {
        const arena = new Arena(build);
        const n = padded(columns);
        const x = normals(seed, rows * columns, 3);
        const X = arena.put(strided(x, rows, columns, columns + gap));
        const Y = arena.room(rows * n);
        const { kernels } = arena;
        arena.writesOnly([Y], () => kernels.squares(X.byteOffset, columns + gap, Y.byteOffset, n, columns, rows));
        for (let r = 0; r < rows; r++)
          expect([...Y.subarray(r * n, (r + 1) * n)]).toEqual(
            range(n).map((j) => (j < columns ? Math.fround(x[r * columns + j] ** 2) : 0)),
          );
        const V = arena.put(x.map((xi) => xi * xi));
        arena.writesOnly([V], () => kernels.inverseRoots(V.byteOffset, V.length, 0.25));
        V.forEach((v, i) => {
          expect(Math.abs(v * Math.sqrt(x[i] * x[i] + 0.25) - 1)).toBeLessThan(3e-7);
        });
      }),
    );
  });

  test("e²ˣ, ½ ln x, quotients and products", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(), fc.constantFrom(0.1, 3, 12), (quads, seed, scale) => {
        const arena = new Arena(build);
        const x = normals(seed, 4 * quads, scale);
        const [X, E, L] = [arena.put(x), arena.room(x.length), arena.room(x.length)];
        const { kernels } = arena;
        arena.writesOnly([E], () => kernels.exponentialsOfTwice(X.byteOffset, E.byteOffset, x.length));
        arena.writesOnly([L], () => kernels.halfLogarithms(E.byteOffset, L.byteOffset, x.length));
        x.forEach((xi, i) => {
          if (Math.abs(xi) > 43) return; // e²ˣ leaves the normal numbers
          expect(Math.abs(E[i] / Math.exp(2 * xi) - 1)).toBeLessThan(1e-6 * (1 + Math.abs(xi)));
          expect(Math.abs(L[i] - xi)).toBeLessThan(2e-6 * (1 + Math.abs(xi)));
        });
        const [A, B] = [arena.put(x), arena.put(normals(seed + 1, x.length))];
        const b = [...B];
        arena.writesOnly([A], () => kernels.multiply(A.byteOffset, B.byteOffset, x.length));
        expect([...A]).toEqual(b.map((bi, i) => Math.fround(x[i] * bi)));
        arena.writesOnly([A], () => kernels.divide(A.byteOffset, X.byteOffset, x.length));
        expect([...A]).toEqual(b.map((bi, i) => Math.fround(Math.fround(x[i] * bi) / x[i])));
      }),
    );
  });

  test("loading the kernels writes nothing", () => {
    const memory = sharedMemory(65_536);
    loadKernels(memory, build);
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  describe("the optimizer", () => {
    /** Parameters, gradients and moments, in the kernels' memory and outside of it. */
    function both(size: number) {
      const of = layout({
        theta: f32(size),
        g: f32(size),
        first: f32(size),
        second: f32(size),
        steps: i32(1),
      });
      const memory = sharedMemory(of.bytes);
      const mine = viewsOf(of, memory.buffer);
      const theirs = viewsOf(of, new ArrayBuffer(of.bytes));
      return { memory, mine, theirs, simd: simdOptimizer(loadKernels(memory, build)) };
    }

    const anyRun = fc.record({
      size: fc.integer({ min: 1, max: 23 }),
      seed: fc.nat(),
      scale: fc.constantFrom(1e-12, 1e-4, 1, 30),
      lr: fc.double({ min: 1e-4, max: 0.02, noNaN: true }),
      decay: fc.constantFrom(0, 0.9, 0.99, 0.9999),
      beta1: fc.constantFrom(0, 0.5, 0.9, 0.9999),
      beta2: fc.constantFrom(0.5, 0.9, 0.999, 0.99999),
      epsilon: fc.constantFrom(1e-10, 1e-5, 0.1),
    });

    test.each(optimizerNames)("%s: the steps of plain TypeScript to 2e-6 of the way", (rule) => {
      fc.assert(
        fc.property(anyRun, ({ size, seed, scale, ...hp }) => {
          const { mine, theirs, simd } = both(size);
          mine.theta.set(normals(seed, size));
          theirs.theta.set(mine.theta);
          const way = new Float64Array(size); // length of the path so far
          for (let step = 1; step <= 12; step++) {
            const g = normals(seed + step, size, scale);
            if (step % 5 === 0) g.fill(0);
            const before = theirs.theta.slice();
            for (const [views, optimizer] of [
              [mine, simd],
              [theirs, plainOptimizer],
            ] as const) {
              views.g.set(g);
              optimizer.step(rule, views.theta, views.g, views as Moments, hp);
            }
            theirs.theta.forEach((x, i) => {
              way[i] += Math.abs(x - before[i]);
              const bound = 2e-6 * way[i] + step * 2 ** -23 * (1 + Math.abs(x));
              expect(Math.abs(mine.theta[i] - x), `parameter ${i}, step ${step}`).toBeLessThan(bound);
            });
          }
          expect(mine.steps[0]).toBe(12);
        }),
      );
    });

    test("β close to 1 loses no digits: Adam's first step is lr g / (|g| + ε) whatever the betas", () => {
      for (const beta2 of [0.9, 0.999, 0.9999, 0.99999]) {
        const { mine, simd } = both(4);
        mine.g.set([2, -0.5, 1e-3, 0]);
        simd.step("adam", mine.theta, mine.g, mine, {
          lr: 0.1,
          decay: 0,
          beta1: 0.9999,
          beta2,
          epsilon: 1e-5,
        });
        [2, -0.5, 1e-3, 0].forEach((g, i) => {
          const step = (0.1 * g) / (Math.abs(g) + 1e-5);
          expect(Math.abs(mine.theta[i] + step), `β₂ = ${beta2}`).toBeLessThanOrEqual(1e-6 * Math.abs(step));
        });
      }
    });

    test("β = 0 remembers nothing: a great moment before leaves no trace", () => {
      const { mine, simd } = both(4);
      mine.first.fill(1e6);
      mine.second.fill(1e12);
      mine.g.set([2, -0.5, 1e-3, 1]);
      simd.step("adam", mine.theta, mine.g, mine, { lr: 0.1, decay: 0, beta1: 0, beta2: 0, epsilon: 1e-5 });
      expect([...mine.first]).toEqual([...mine.g]);
      expect([...mine.second]).toEqual([...mine.g].map((g) => Math.fround(g * g)));
      mine.second.fill(1e12);
      simd.step("rmsprop", mine.theta, mine.g, mine, { lr: 0.1, decay: 0, beta1: 0, beta2: 0, epsilon: 1e-5 });
      expect([...mine.second]).toEqual([...mine.g].map((g) => Math.fround(g * g)));
    });

    test.each(optimizerNames)(
      "%s: moments that fade below the normal numbers become 0, and do not move the parameters",
      (rule) => {
        const { mine, simd } = both(12);
        const hp = { lr: 0.01, decay: 0.99, beta1: 0.9, beta2: 0.999, epsilon: 1e-5 };
        mine.theta.fill(1);
        for (let step = 0; step < 400; step++) {
          mine.g.fill(step < 100 ? 1e-20 : 0);
          mine.g[3] = 1e-42;
          simd.step(rule, mine.theta, mine.g, mine, hp);
        }
        expect([...mine.theta]).toEqual(Array(12).fill(1));
        expect([...mine.first, ...mine.second]).toEqual(Array(24).fill(0));
      },
    );

    test("nothing beyond the last 16 bytes of an array is touched, and those stay zero", () => {
      for (const size of [1, 2, 3, 4, 5]) {
        const of = layout({ gap: f32(4), theta: f32(size), gap1: f32(4), g: f32(size), gap2: f32(4) });
        const more = layout({ of, first: f32(size), gap3: f32(4), second: f32(size), gap4: f32(4), steps: i32(1) });
        const memory = sharedMemory(more.bytes);
        const { of: views, ...rest } = viewsOf(more, memory.buffer);
        const gaps = [views.gap, views.gap1, views.gap2, rest.gap3, rest.gap4];
        for (const gap of gaps) gap.fill(Number.NaN);
        const simd = simdOptimizer(loadKernels(memory, build));
        const hp = { lr: 0.01, decay: 0.99, beta1: 0.9, beta2: 0.999, epsilon: 1e-10 };
        views.g.fill(3);
        simd.addScaled(views.g, views.theta, 2);
        expect(simd.clip(views.g, 1)).toBeCloseTo(3 * Math.sqrt(size), 5);
        for (const rule of optimizerNames) simd.step(rule, views.theta, views.g, { ...rest }, hp);
        expect(gaps.every((gap) => gap.every(Number.isNaN))).toBe(true);
        for (const array of [views.theta, views.g, rest.first, rest.second]) {
          const tail = new Float32Array(memory.buffer, array.byteOffset + 4 * size, (4 - (size % 4)) % 4);
          expect(tail.every((x) => x === 0)).toBe(true);
        }
      }
    });
  });
});
