/** Kernels that draw continuous actions, against plain float64 arithmetic on the same streams. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../../../src/core/rng.ts";
import { normals as plainNormals } from "../../../src/nn/acting/normals.ts";
import { normals } from "../specs.ts";
import { Arena, builds } from "./arena.ts";

/** Streams as an actor has them, the second of two of a copy; whole numbers in the arena's memory. */
function streamsOf(arena: Arena, rows: number, seed: number): Uint32Array {
  const view = arena.room(8 * rows);
  const words = new Uint32Array(view.buffer, view.byteOffset, 8 * rows);
  for (let s = 0; s < 2 * rows; s++) new Rng(words.subarray(4 * s, 4 * s + 4)).seed(seed, s);
  return words;
}

function integers(arena: Arena, values: readonly number[]): Int32Array {
  const view = arena.room(values.length);
  const integers = new Int32Array(view.buffer, view.byteOffset, values.length);
  integers.set(values);
  return integers;
}

const near = (actual: number, expected: number, tolerance: number) =>
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).toBeLessThanOrEqual(
    tolerance * (1 + Math.abs(expected)),
  );

describe.each(builds)("%s", (build) => {
  test("normals are those of the plain form, from the same words; rows that are not due keep theirs", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 21 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (rows, count, every, seed) => {
          const arena = new Arena(build);
          const streams = streamsOf(arena, rows, seed);
          const twin = streams.slice();
          const steps = integers(
            arena,
            Array.from({ length: rows }, (_, r) => r + (seed % 7)),
          );
          const to = arena.room(rows * count);
          const before = to.slice();
          const { kernels } = arena;
          arena.writesOnly([to, streams], () => {
            kernels.normals(streams.byteOffset + 16, 32, rows, steps.byteOffset, every, to.byteOffset, count);
          });
          const expected = new Float64Array(count);
          for (let r = 0; r < rows; r++) {
            const own = to.subarray(r * count, (r + 1) * count);
            if (steps[r] % every !== 0) {
              expect(Buffer.from(own.slice().buffer)).toEqual(
                Buffer.from(before.slice(r * count, (r + 1) * count).buffer),
              );
              continue;
            }
            plainNormals(new Rng(twin.subarray(8 * r + 4, 8 * r + 8)), expected, 0, count);
            own.forEach((x, i) => {
              near(x, expected[i], 2e-6);
            });
          }
          expect([...streams]).toEqual([...twin]);
        },
      ),
    );
  });

  test("normals are normal: their moments, tails and independence of the one before, over 400,000", () => {
    const arena = new Arena(build);
    const streams = streamsOf(arena, 1, 5);
    const steps = integers(arena, [0]);
    const count = 2000;
    const to = arena.room(count);
    const sums = { 1: 0, 2: 0, 3: 0, 4: 0, beside: 0 };
    let beyond = 0;
    let inner = 0;
    const n = 200 * count;
    for (let draw = 0; draw < 200; draw++) {
      arena.kernels.normals(streams.byteOffset, 32, 1, steps.byteOffset, 1, to.byteOffset, count);
      to.forEach((x, i) => {
        sums[1] += x;
        sums[2] += x * x;
        sums[3] += x ** 3;
        sums[4] += x ** 4;
        if (i > 0) sums.beside += x * to[i - 1];
        if (Math.abs(x) > 3) beyond++;
        if (Math.abs(x) < 0.5) inner++;
      });
    }
    // Within four standard errors.
    const within = (sum: number, mean: number, variance: number) =>
      expect(Math.abs(sum - n * mean)).toBeLessThan(4 * Math.sqrt(n * variance));
    within(sums[1], 0, 1);
    within(sums[2], 1, 2);
    within(sums[3], 0, 15);
    within(sums[4], 3, 96);
    within(sums.beside, 0, 1);
    within(beyond, 0.0026998, 0.0026998 * (1 - 0.0026998));
    within(inner, 0.3829249, 0.3829249 * (1 - 0.3829249));
  });

  test("gaussian: μ + σ n, ln σ within its bounds", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(1, 20),
        fc.nat(),
        (rows, size, scale, seed) => {
          const arena = new Arena(build);
          const stride = 4 * Math.ceil((2 * size + 1) / 4);
          const out = arena.put(normals(seed, rows * stride, scale));
          const noise = arena.put(normals(seed + 1, rows * size));
          const action = arena.room(rows * size);
          arena.writesOnly([action], () => {
            arena.kernels.gaussian(
              out.byteOffset,
              stride,
              0,
              size,
              -10,
              5,
              noise.byteOffset,
              action.byteOffset,
              rows,
              size,
            );
          });
          for (let r = 0; r < rows; r++)
            for (let k = 0; k < size; k++) {
              const log = Math.min(Math.max(out[r * stride + size + k], -10), 5);
              near(action[r * size + k], out[r * stride + k] + Math.exp(log) * noise[r * size + k], 1e-6);
            }
        },
      ),
    );
  });

  test("ornsteinUhlenbeck: ρ ε + √(1 − ρ²) n, n alone at an episode's first step", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (rows, size, seed) => {
        const arena = new Arena(build);
        const noise = arena.put(normals(seed, rows * size));
        const state = arena.put(normals(seed + 1, rows * size));
        const before = state.slice();
        const steps = integers(
          arena,
          Array.from({ length: rows }, (_, r) => (r + seed) % 3),
        );
        const rho = (seed % 11) / 10;
        const root = Math.sqrt(1 - rho * rho);
        arena.writesOnly([state], () => {
          arena.kernels.ornsteinUhlenbeck(noise.byteOffset, state.byteOffset, steps.byteOffset, rows, size, rho, root);
        });
        state.forEach((x, i) => {
          const first = steps[Math.floor(i / size)] === 0;
          near(x, first ? noise[i] : rho * before[i] + root * noise[i], 1e-6);
        });
      }),
    );
  });

  test("sdeSigma: eˣ of numbers up to 88, transposed", () => {
    const arena = new Arena(build);
    const [length, size] = [700, 3];
    const logSigma = arena.put(
      Float32Array.from({ length: length * size }, (_, i) => -87 + (175 * i) / (length * size - 1)),
    );
    const sigma = arena.room(length * size);
    arena.writesOnly([sigma], () => {
      arena.kernels.sdeSigma(logSigma.byteOffset, sigma.byteOffset, length, size);
    });
    for (let i = 0; i < length; i++)
      for (let k = 0; k < size; k++) {
        const expected = Math.exp(logSigma[i * size + k]);
        expect(Math.abs(sigma[k * length + i] / expected - 1), `${logSigma[i * size + k]}`).toBeLessThan(3e-7);
      }
  });

  test("sdeAction: μ + φ (σ ∘ E)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 19 }),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        (rows, size, length, gap, seed) => {
          const arena = new Arena(build);
          const stride = 4 * Math.ceil((2 * size + 1) / 4);
          const phiStride = length + gap;
          const out = arena.put(normals(seed, rows * stride));
          const phi = arena.put(normals(seed + 1, rows * phiStride));
          const sigma = arena.put(normals(seed + 2, size * length));
          const noise = arena.put(normals(seed + 3, rows * size * length));
          const action = arena.room(rows * size);
          arena.writesOnly([action], () => {
            arena.kernels.sdeAction(
              out.byteOffset,
              stride,
              0,
              phi.byteOffset,
              phiStride,
              sigma.byteOffset,
              noise.byteOffset,
              action.byteOffset,
              rows,
              size,
              length,
            );
          });
          for (let r = 0; r < rows; r++)
            for (let k = 0; k < size; k++) {
              let sum = out[r * stride + k];
              for (let i = 0; i < length; i++)
                sum += phi[r * phiStride + i] * sigma[k * length + i] * noise[(r * size + k) * length + i];
              near(action[r * size + k], sum, 1e-5);
            }
        },
      ),
    );
  });
});
