/** The elementary functions against values of an arbitrary-precision library (tests/golden/math.json says which). */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cos, exp, log, sin, TAU, tanh } from "../../src/core/math.ts";

const functions = { sin, cos, exp, log, tanh };
type Name = keyof typeof functions;
const names = Object.keys(functions) as Name[];

/** Triples x, y, rest: the true value is y + rest ulp, and y is the float64 nearest to it. */
const witnesses: Record<Name, [x: number, y: number, rest: number][]> = JSON.parse(
  readFileSync(new URL("../golden/math.json", import.meta.url), "utf8"),
);
/** Bounds of the error in ulp. */
const bound: Record<Name, number> = { sin: 0.9, cos: 0.9, exp: 0.9, log: 0.9, tanh: 1.5 };
/** How often the result is the nearest float64, at least. */
const nearestShare: Record<Name, number> = { sin: 0.95, cos: 0.95, exp: 0.88, log: 0.95, tanh: 0.85 };

const scratch = new DataView(new ArrayBuffer(8));

/** Consecutive float64 numbers have consecutive orders; both zeros have order 0. */
function order(x: number): bigint {
  scratch.setFloat64(0, x);
  const bits = scratch.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

/** How many float64 numbers lie between two. */
function ulps(a: number, b: number): bigint {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0n : 1n << 64n;
  const difference = order(a) - order(b);
  return difference < 0n ? -difference : difference;
}

it("measures distances in float64 numbers", () => {
  expect(ulps(1, 1 + 2 ** -52)).toBe(1n);
  expect(ulps(-5e-324, 5e-324)).toBe(2n);
  expect(ulps(1.7976931348623157e308, Infinity)).toBe(1n);
  expect(ulps(0, NaN)).toBeGreaterThan(2n);
});

describe.each(names)("%s", (name) => {
  const f = functions[name];

  it("has the error that it claims", () => {
    let nearest = 0;
    for (const [x, y, rest] of witnesses[name]) {
      const error = Math.abs(Number(order(f(x)) - order(y)) - rest);
      expect(error, `ulp: ${name}(${x}) is ${f(x)}, true value ${y}`).toBeLessThan(bound[name]);
      if (y === 0) expect(f(x)).toBe(y); // the sign of zero, too
      if (f(x) === y) nearest++;
    }
    expect(witnesses[name].length).toBeGreaterThan(100);
    expect(nearest / witnesses[name].length).toBeGreaterThan(nearestShare[name]);
  });

  it("stays within 2 float64 numbers of the platform's", () => {
    const near = { sin: 1e5, cos: 1e5, exp: 750, log: 1e6, tanh: 25 }[name];
    const anywhere = fc.double({ noNaN: false });
    const close = fc.double({ min: -near, max: near, noNaN: true });
    const closer = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(anywhere, close, closer), (x) => {
        expect(ulps(f(x), Math[name](x)) <= 2n, `${name}(${x}) is ${f(x)}, Math.${name} ${Math[name](x)}`).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

it.each([
  [sin, 0, 0],
  [sin, -0, -0],
  [sin, Infinity, NaN],
  [sin, -Infinity, NaN],
  [sin, NaN, NaN],
  [cos, 0, 1],
  [cos, -0, 1],
  [cos, Infinity, NaN],
  [cos, -Infinity, NaN],
  [cos, NaN, NaN],
  [exp, 0, 1],
  [exp, -0, 1],
  [exp, 5e-324, 1],
  [exp, Infinity, Infinity],
  [exp, -Infinity, 0],
  [exp, NaN, NaN],
  [exp, 709.7827128933841, Infinity],
  [exp, 1e308, Infinity],
  [exp, -745.1332191019412, 0],
  [exp, -1e308, 0],
  [log, 1, 0],
  [log, 0, -Infinity],
  [log, -0, -Infinity],
  [log, -1, NaN],
  [log, -5e-324, NaN],
  [log, -Infinity, NaN],
  [log, Infinity, Infinity],
  [log, NaN, NaN],
  [tanh, 0, 0],
  [tanh, -0, -0],
  [tanh, Infinity, 1],
  [tanh, -Infinity, -1],
  [tanh, NaN, NaN],
] as const)("%o of %d is %d", (f, x, y) => expect(f(x)).toBe(y));

describe("identities", () => {
  const angle = fc.double({ min: -1e5, max: 1e5, noNaN: true });
  const anything = fc.double({ noNaN: true, noDefaultInfinity: true });
  const holds = <T>(values: fc.Arbitrary<T>, check: (x: T) => void) => fc.assert(fc.property(values, check));

  it("τ is a whole turn", () => {
    expect(TAU).toBe(2 * Math.PI);
  });
  it("sin(−x) = −sin x, cos(−x) = cos x, tanh(−x) = −tanh x, to the last bit", () => {
    holds(anything, (x) => {
      expect(sin(-x)).toBe(-sin(x));
      expect(cos(-x)).toBe(cos(x));
      expect(tanh(-x)).toBe(-tanh(x));
    });
  });
  it("sin² + cos² = 1", () => {
    holds(anything, (x) => {
      expect(Math.abs(sin(x) ** 2 + cos(x) ** 2 - 1)).toBeLessThan(1e-15);
    });
  });
  it("sin(x + y) = sin x cos y + cos x sin y", () => {
    const small = fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 2 ** 20); // sums of these are exact
    holds(fc.tuple(small, small), ([x, y]) => {
      expect(Math.abs(sin(x + y) - (sin(x) * cos(y) + cos(x) * sin(y)))).toBeLessThan(1e-15);
    });
  });
  it("log eˣ = x, and eˣ e⁻ˣ = 1", () => {
    holds(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      expect(Math.abs(log(exp(x)) - x)).toBeLessThan(3e-16 * Math.max(1, Math.abs(x)));
      expect(Math.abs(exp(x) * exp(-x) - 1)).toBeLessThan(1e-15);
    });
  });
  it("values stay in their range", () => {
    holds(angle, (x) => {
      for (const f of [sin, cos, tanh]) expect(Math.abs(f(x))).toBeLessThanOrEqual(1);
      expect(exp(x)).toBeGreaterThanOrEqual(0);
    });
  });
});

// Only these are rounded in one way by every engine; Math.sin, Math.pow, ** and the like are not.
it("simulated code uses no function whose bits are the platform's own", () => {
  const exact = "PI LOG2E abs sqrt floor ceil round trunc sign min max fround imul clz32".split(" ");
  const src = new URL("../../src/", import.meta.url);
  const files = ["core/math.ts", "core/rng.ts", ...readdirSync(new URL("envs/", src)).map((file) => `envs/${file}`)];
  for (const file of files) {
    const code = readFileSync(new URL(file, src), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    for (const [use, name] of code.matchAll(/\bMath\b(?:\.(\w+))?/g))
      expect(exact, `${use} in ${file}`).toContain(name);
    for (const [power] of code.matchAll(/\S+ \*\* \S+/g)) expect(power).toMatch(/^\(?2 \*\* -?\d+\b/); // powers of two are exact
  }
});
