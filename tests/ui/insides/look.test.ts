import { describe, expect, test } from "vitest";
import { Rng } from "../../../src/core/rng.ts";
import { cartPoleV1 } from "../../../src/envs/cartpole.ts";
import { mountainCar } from "../../../src/envs/mountaincar.ts";
import { pendulum } from "../../../src/envs/pendulum.ts";
import { categorical } from "../../../src/nn/acting/categorical.ts";
import { gaussian } from "../../../src/nn/acting/gaussian.ts";
import { initialise } from "../../../src/nn/initialise.ts";
import { actorCriticNetwork } from "../../../src/nn/networks.ts";
import {
  colourOf,
  endsOf,
  gridSize,
  histogram,
  outputsOver,
  paint,
  placeOf,
  plane,
  rampOf,
  refined,
  shownOf,
  type Whole,
  wholes,
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
    const three = specOf({ inputs: 4, actions: 3, widths: [], activation: "tanh" });
    const outputs = { width: 4, numbers: Float32Array.of(0, 1, 2, 9, 5, 0, 0, 9) };
    const shares = [0, 1, 2].map((action) => shownOf(outputs, "policy", categorical(three), three, action));
    [0, 1].map((row) => expect(shares[0][row] + shares[1][row] + shares[2][row]).toBeCloseTo(1, 12));
    expect(shares[0][1]).toBeCloseTo(1 / (1 + 2 * Math.exp(-5)), 12);
    expect(rampOf("policy", mountainCar.actions)).toBe("amount");
    expect(rampOf("policy", cartPoleV1.actions)).toBe("which");
    expect(endsOf("policy", mountainCar.actions, 0, [0.2, 0.4])).toEqual([0, 1]);
    expect(endsOf("entropy", mountainCar.actions, 0, [0.2, 0.4])).toEqual([0, Math.log(3)]);
    expect(endsOf("value", mountainCar.actions, 0, [-9, 4])).toEqual([-9, 4]);
  });
  test("shows the mean of a force between its ends, its entropy and the value", () => {
    const shape = {
      inputs: 3,
      hidden: [],
      activation: "tanh",
      trunk: "shared",
      normalise: false,
      tracksReturn: false,
    } as const;
    const spec = actorCriticNetwork({ ...shape, policy: { mean: 1, logSigma: "free", initialLogSigma: 0 } });
    const rule = gaussian(spec, "white");
    const outputs = { width: 3, numbers: Float32Array.of(1.5, 0, 7, -0.5, -1, 8) };
    const of = (what: Whole) => [...shownOf(outputs, what, rule, spec, 0)];
    expect(of("policy")).toEqual([1.5, -0.5]);
    expect(of("value")).toEqual([7, 8]);
    expect(of("entropy")[0] - of("entropy")[1]).toBeCloseTo(1, 12);
    expect(rule.deviation(outputs.numbers, 3, 0)).toBeCloseTo(Math.exp(-1), 12);
    expect(endsOf("policy", pendulum.actions, 0, [-0.5, 1.5])).toEqual([-2, 2]);
    expect(endsOf("entropy", pendulum.actions, 0, [0.4, 1.4])).toEqual([0.4, 1.4]);
    expect(rampOf("policy", pendulum.actions)).toBe("which");
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
    const [p, v, h] = wholes.map((what) => shownOf(outputs, what, categorical(spec), spec, 1));
    for (let r = 0; r < 16; r++) {
      const one = forward(sizes, parameters, [...grid.subarray(4 * r, 4 * r + 4)]);
      const right = 1 / (1 + Math.exp(one.logits[0] - one.logits[1]));
      expect(p[r]).toBeCloseTo(right, 6);
      expect(v[r]).toBeCloseTo(one.value, 5);
      expect(h[r]).toBeCloseTo(-right * Math.log(right) - (1 - right) * Math.log(1 - right), 6);
    }
  });
  test("between its points has what lies between them", () => {
    // The second of two outputs is 2 x + 3 y, the first is 0.
    const n = 5;
    const at = (i: number) => 2 * (i % n) + 3 * Math.floor(i / n);
    const numbers = Float32Array.from({ length: 2 * n * n }, (_, i) => (i % 2) * at(i >> 1));
    const fine = refined({ width: 2, numbers }, n, 9);
    fine.numbers.forEach((x, i) => {
      const row = i >> 1;
      expect(x).toBeCloseTo((i % 2) * ((row % 9) + 1.5 * Math.floor(row / 9)), 5);
    });
  });
  test("shows a boundary that is narrower than its points as one line, without beads", () => {
    // A policy that jumps at y = 0.3 x + 1.8, a hundred times steeper than the grid could show.
    const [n, m] = [9, 81];
    const numbers = new Float32Array(3 * n * n);
    for (let i = 0; i < n * n; i++) numbers[3 * i + 1] = 400 * (Math.floor(i / n) - 0.3 * (i % n) - 1.8);
    const p = shownOf(refined({ width: 3, numbers }, n, m), "policy", categorical(spec), spec, 1);
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
