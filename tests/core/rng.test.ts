/** The random streams: published outputs of the generator, statistics, and what a path of numbers promises. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../../src/core/rng.ts";

const draw = <T>(n: number, f: () => T): T[] => Array.from({ length: n }, f);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const moment = (values: readonly number[], k: number) => mean(values.map((x) => x ** k));

/** Σ (observed − expected)² / expected of counts that should be equal, as standard deviations from its mean. */
function chiSquare(counts: readonly number[]): number {
  const expected = mean(counts);
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

function counts(bins: number, values: readonly number[]): number[] {
  const result = Array<number>(bins).fill(0);
  for (const value of values) result[Math.floor(value * bins)]++;
  return result;
}

describe("xoshiro128++", () => {
  const reference = () => new Rng(Uint32Array.of(1, 2, 3, 4));

  // Outputs of the authors' xoshiro128plusplus.c, as in the tests of Rust's rand_xoshiro.
  it("draws the published numbers", () => {
    const rng = reference();
    expect(draw(10, () => rng.next())).toEqual([
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ]);
  });

  // PHP's ext/random/tests/02_engine/user_xoshiro128plusplus.phpt: fa 3c 87 2c, low byte first.
  it("draws the published number after 102,400 others", () => {
    const rng = reference();
    for (let i = 0; i < 102_400; i++) rng.next();
    expect(rng.next()).toBe(0x2c873cfa);
  });
});

describe("distribution", () => {
  const n = 100_000;
  const rng = new Rng().seed(11);
  const uniform = draw(n, () => rng.uniform());
  const normal = draw(n, () => rng.normal());

  it("is uniform in [0, 1)", () => {
    expect(uniform.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(Math.abs(chiSquare(counts(256, uniform)))).toBeLessThan(5);
  });

  it("is uniform in pairs of successive numbers", () => {
    const pairs = draw(n / 2, () => 0).map(
      (_, i) => (Math.floor(uniform[2 * i] * 16) * 16 + Math.floor(uniform[2 * i + 1] * 16)) / 256,
    );
    expect(Math.abs(chiSquare(counts(256, pairs)))).toBeLessThan(5);
  });

  it("is even in every bit", () => {
    const words = draw(20_000, () => rng.next());
    for (let bit = 0; bit < 32; bit++) {
      const ones = mean(words.map((word) => (word >>> bit) & 1));
      expect(Math.abs(ones - 0.5), `bit ${bit}`).toBeLessThan((5 * 0.5) / Math.sqrt(words.length));
    }
  });

  it("is standard normal", () => {
    expect(normal.every(Number.isFinite)).toBe(true);
    // moments 0, 1, 0, 3, within 5 standard errors √((μ₂ₖ − μₖ²)/n)
    const expected = [0, 1, 0, 3];
    const variance = [1, 2, 15, 96];
    for (let k = 1; k <= 4; k++) {
      const error = Math.abs(moment(normal, k) - expected[k - 1]);
      expect(error, `moment ${k}`).toBeLessThan(5 * Math.sqrt(variance[k - 1] / n));
    }
    for (const [bound, share] of [
      [1, 0.6826894921370859],
      [2, 0.9544997361036416],
      [3, 0.9973002039367398],
    ]) {
      const inside = mean(normal.map((x) => (Math.abs(x) < bound ? 1 : 0)));
      expect(Math.abs(inside - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / n));
    }
    expect(Math.abs(mean(normal.slice(1).map((x, i) => x * normal[i])))).toBeLessThan(5 / Math.sqrt(n));
  });

  it("is Box and Muller's transform of two numbers", () => {
    const [source, rng] = [new Rng().seed(4), new Rng().seed(4)];
    for (let i = 0; i < 1000; i++) {
      const radius = Math.sqrt(-2 * Math.log((source.next() + 1) / 2 ** 32));
      expect(rng.normal()).toBeCloseTo(radius * Math.cos((2 * Math.PI * source.next()) / 2 ** 32), 12);
    }
  });

  it("fills an interval and stays inside it", () => {
    const values = draw(10_000, () => rng.between(-3, 5));
    expect(values.every((v) => v >= -3 && v < 5)).toBe(true);
    expect(
      Math.abs(
        chiSquare(
          counts(
            64,
            values.map((v) => (v + 3) / 8),
          ),
        ),
      ),
    ).toBeLessThan(5);
  });
});

describe("streams", () => {
  const start = (...path: number[]) => [...new Rng().seed(...path).state];
  const part = fc.oneof(fc.nat(1000), fc.maxSafeNat());
  const paths = fc.array(part, { maxLength: 4 });

  it("follow from their path", () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(start(...path)).toEqual(start(...path));
      }),
    );
  });

  it("differ where their paths differ, in order, length and every word of a part", () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(start(...a)).not.toEqual(start(...b));
      }),
    );
    expect(start(1, 2)).not.toEqual(start(2, 1));
    expect(start(7)).not.toEqual(start(7, 0));
    expect(start()).not.toEqual(start(0));
    expect(start(1)).not.toEqual(start(1 + 2 ** 32));
  });

  it("start in different words for neighbouring paths", () => {
    const words = [0, 1, 2].flatMap((seed) =>
      draw(32, () => 0).flatMap((_, actor) => draw(64, () => 0).map((_, copy) => start(seed, 1, actor, copy))),
    );
    expect(new Set(words.map(String)).size).toBe(words.length);
    const flipped = words.slice(1).map((word, i) => (word[0] ^ words[i][0]) >>> 0);
    for (let bit = 0; bit < 32; bit++) {
      const share = mean(flipped.map((word) => (word >>> bit) & 1));
      expect(Math.abs(share - 0.5), `bit ${bit}`).toBeLessThan((5 * 0.5) / Math.sqrt(flipped.length));
    }
  });

  it("are uniform across seeds and across copies, from the first number on", () => {
    const bySeed = draw(20_000, () => 0).map((_, seed) => new Rng().seed(seed).uniform());
    const byCopy = draw(20_000, () => 0).map((_, copy) => new Rng().seed(1, 2, 3, copy).uniform());
    for (const firsts of [bySeed, byCopy]) expect(Math.abs(chiSquare(counts(128, firsts)))).toBeLessThan(5);
  });

  it("are uncorrelated between neighbours", () => {
    const n = 20_000;
    const [a, b] = [0, 1].map((copy) => {
      const rng = new Rng().seed(1, 2, copy);
      return draw(n, () => rng.normal());
    });
    expect(Math.abs(mean(a.map((x, i) => x * b[i])))).toBeLessThan(5 / Math.sqrt(n));
  });

  it("start in four unrelated words", () => {
    const starts = draw(4000, () => 0).map((_, copy) => start(1, copy));
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]) {
      const high = starts.map((words) => ((words[i] >>> 28) * 16 + (words[j] >>> 28)) / 256);
      expect(Math.abs(chiSquare(counts(256, high))), `words ${i} and ${j}`).toBeLessThan(5);
    }
  });

  it("never start at zero, where xoshiro would stay", () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(start(...path).some((word) => word !== 0)).toBe(true);
      }),
    );
  });
});

describe("state", () => {
  it("continues where a copy of its words was taken", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(50), (seed, skip) => {
        const rng = new Rng().seed(seed);
        for (let i = 0; i < skip; i++) rng.next();
        const saved = rng.state.slice();
        const expected = draw(5, () => [rng.next(), rng.uniform(), rng.normal()]);
        const restored = new Rng(saved);
        expect(draw(5, () => [restored.next(), restored.uniform(), restored.normal()])).toEqual(expected);
      }),
    );
  });

  it("lives in the caller's memory, shared or not", () => {
    const memory = new Uint32Array(new SharedArrayBuffer(24)).fill(5);
    const rng = new Rng(memory.subarray(1, 5)).seed(3);
    const twin = new Rng().seed(3);
    expect([...memory.subarray(1, 5)]).toEqual([...twin.state]);
    expect(draw(10, () => rng.normal())).toEqual(draw(10, () => twin.normal()));
    expect([memory[0], memory[5]]).toEqual([5, 5]);
  });

  it("moves by one number for uniform and between, and by two for normal", () => {
    const nextAfter = (f: (rng: Rng) => unknown) => {
      const rng = new Rng().seed(9);
      f(rng);
      return rng.next();
    };
    const rng = new Rng().seed(9);
    const [, second, third] = draw(3, () => rng.next());
    expect(nextAfter((r) => r.uniform())).toBe(second);
    expect(nextAfter((r) => r.between(0, 9))).toBe(second);
    expect(nextAfter((r) => r.normal())).toBe(third);
  });
});
