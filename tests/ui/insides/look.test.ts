import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../../../src/core/rng.ts";
import { cartPoleV1 } from "../../../src/envs/cartpole.ts";
import { mountainCar } from "../../../src/envs/mountaincar.ts";
import { pendulum } from "../../../src/envs/pendulum.ts";
import { initialise } from "../../../src/nn/graph.ts";
import {
  colourOf,
  divergence,
  gridSize,
  histogram,
  outputsOver,
  paint,
  placeOf,
  plane,
  policyAt,
  rampOf,
  refined,
  shownOf,
  softmax,
  wholesOf,
} from "../../../src/ui/insides/look.ts";
import { forward } from "../../nn/plain.ts";
import { specOf } from "../../nn/specs.ts";

const spec = specOf({ inputs: 4, actions: 2, widths: [6, 5], activation: "tanh" });
const parameters = new Float32Array(spec.size);
initialise(spec, new Rng().seed(8), parameters);
for (let i = 0; i < parameters.length; i++) parameters[i] += 0.2 * Math.sin(i);

describe("a plane of states", () => {
  test("varies two over what matters, upward, and keeps the others", () => {
    const grid = plane(cartPoleV1, 2, 3, [0.5, -1, 9, 9], 5);
    expect(grid).toHaveLength(100);
    const at = (row: number, column: number) => [...grid.subarray((row * 5 + column) * 4, (row * 5 + column + 1) * 4)];
    const [, , theta, thetaDot] = cartPoleV1.state;
    expect(at(0, 0)).toEqual([0.5, -1, theta.shown[0], thetaDot.shown[1]].map(Math.fround));
    expect(at(4, 4)).toEqual([0.5, -1, theta.shown[1], thetaDot.shown[0]].map(Math.fround));
    expect(at(2, 2)).toEqual([0.5, -1, 0, 0]);
  });
  test("is of what is observed there: the angle of a pendulum as its cosine and sine", () => {
    const grid = plane(pendulum, 0, 1, [0, 0], 3);
    const at = (row: number, column: number) => [...grid.subarray((row * 3 + column) * 3, (row * 3 + column) * 3 + 3)];
    expect(at(1, 1)).toEqual([1, 0, 0]); // upright, at rest
    expect(at(0, 0)[0]).toBeCloseTo(-1, 6); // hanging, at its greatest speed
    expect(at(0, 0)[2]).toBe(8);
  });
  test("shows each of several actions, whose probabilities add up to 1", () => {
    const three = { A: 3, logits: Float32Array.of(0, 1, 2, 5, 0, 0), value: new Float32Array(2) };
    const shares = [0, 1, 2].map((action) => shownOf(three, "policy", action));
    [0, 1].map((row) => expect(shares[0][row] + shares[1][row] + shares[2][row]).toBeCloseTo(1, 12));
    expect(shares[2]).toEqual(shownOf(three, "policy"));
    expect(shares[0][1]).toBeCloseTo(1 / (1 + 2 * Math.exp(-5)), 12);
    expect(rampOf("policy", mountainCar.actions)).toBe("amount");
    expect(rampOf("policy", cartPoleV1.actions)).toBe("which");
    expect(wholesOf(pendulum.actions)).toEqual(["value"]);
  });
  test("has the place of a value, of an angle whatever its turns", () => {
    const [angle, velocity] = pendulum.state;
    expect([-Math.PI, 0, 7 * Math.PI + 0.001].map((x) => placeOf(angle, x))).toEqual([0, 0.5, expect.closeTo(0, 3)]);
    expect([-8, 0, 12].map((x) => placeOf(velocity, x))).toEqual([0, 0.5, 1.25]);
  });
  test("has the outputs that the papers' arithmetic gives", () => {
    const grid = plane(cartPoleV1, 0, 2, [0, 0.3, 0, -0.2], 4);
    const sizes = { inputs: 4, widths: [6, 5], actions: 2, activation: "tanh" } as const;
    const outputs = outputsOver(spec, parameters, grid);
    const [p, v, h] = (["policy", "value", "entropy"] as const).map((what) => shownOf(outputs, what));
    for (let r = 0; r < 16; r++) {
      const one = forward(sizes, parameters, [...grid.subarray(4 * r, 4 * r + 4)]);
      const right = 1 / (1 + Math.exp(one.logits[0] - one.logits[1]));
      expect(p[r]).toBeCloseTo(right, 6);
      expect(v[r]).toBeCloseTo(one.value, 5);
      expect(h[r]).toBeCloseTo(-right * Math.log(right) - (1 - right) * Math.log(1 - right), 6);
    }
    expect(policyAt(spec, parameters, grid)[3][1]).toBeCloseTo(p[3], 6);
  });
  test("between its points has what lies between them", () => {
    // value = 2 x + 3 y, the second logit the same.
    const n = 5;
    const value = Float32Array.from({ length: n * n }, (_, i) => 2 * (i % n) + 3 * Math.floor(i / n));
    const logits = Float32Array.from({ length: 2 * n * n }, (_, i) => (i % 2) * value[i >> 1]);
    const fine = refined({ A: 2, logits, value }, n, 9);
    fine.value.forEach((v, i) => {
      expect(v).toBeCloseTo((i % 9) + 1.5 * Math.floor(i / 9), 5);
      expect(fine.logits[2 * i + 1]).toBeCloseTo(v, 5);
    });
  });
  test("shows a boundary that is narrower than its points as one line, without beads", () => {
    // A policy that jumps at y = 0.3 x + 1.8, a hundred times steeper than the grid could show.
    const [n, m] = [9, 81];
    const logits = new Float32Array(2 * n * n);
    for (let i = 0; i < n * n; i++) logits[2 * i + 1] = 400 * (Math.floor(i / n) - 0.3 * (i % n) - 1.8);
    const p = shownOf(refined({ A: 2, logits, value: new Float32Array(n * n) }, n, m), "policy");
    for (let column = 0; column < m; column++) {
      const edge = Array.from({ length: m }, (_, row) => p[row * m + column]);
      const x = (column * (n - 1)) / (m - 1);
      const line = ((0.3 * x + 1.8) * (m - 1)) / (n - 1); // in rows
      edge.forEach((share, row) => {
        if (Math.abs(row - line) > 0.5) expect(share).toBeCloseTo(row > line ? 1 : 0, 6);
      });
    }
  });
  test("is coarser for a wide network", () => {
    expect(gridSize(spec)).toBe(49);
    expect(gridSize(specOf({ inputs: 4, actions: 2, widths: [512, 512], activation: "tanh" }))).toBe(9);
  });
});

describe("the divergence of two policies", () => {
  test("is nothing for equal ones, and what the formula gives for others", () => {
    expect(divergence([0.3, 0.7], [0.3, 0.7])).toBe(0);
    expect(divergence([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12);
    expect(divergence([1, 0], [0.5, 0.5])).toBeCloseTo(Math.log(2), 12);
  });
  test("is never negative", () => {
    const logits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(logits, logits, (a, b) => {
        expect(divergence(softmax(a, 0, 3), softmax(b, 0, 3))).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });
});

test("a histogram counts every weight once, those beyond at the ends", () => {
  expect(histogram([-9, -1, -0.9, 0, 0.99, 1, 5], 0, 7, 1, 4)).toEqual([3, 0, 1, 3]);
  expect(histogram([0, 1, 2, 3], 1, 3, 4, 2)).toEqual([0, 2]);
});

test("pixels have the colour of their number, and beyond the ends the ends'", () => {
  const pixels = new Uint8ClampedArray(12);
  paint("which", Float64Array.of(2, 4, 9), 2, 2, pixels);
  expect([...pixels]).toEqual([0, 114, 178, 255, 213, 94, 0, 255, 213, 94, 0, 255]);
});

test("colours run from end to end", () => {
  expect(colourOf("which", 0)).toEqual([0, 114, 178]);
  expect(colourOf("which", 1)).toEqual([213, 94, 0]);
  expect(colourOf("amount", 2)).toEqual([255, 234, 70]);
  expect(colourOf("amount", -1)).toEqual([0, 32, 77]);
});
