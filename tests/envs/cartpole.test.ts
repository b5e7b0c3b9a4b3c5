/** CartPole against Gymnasium's description, and against the equations of motion where no recording reaches. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { described } from "../../src/cli/golden/environments/descriptions.ts";
import { defaultsOf } from "../../src/core/params.ts";
import { Rng } from "../../src/core/rng.ts";
import { cartPoleV0, cartPoleV1 } from "../../src/envs/cartpole.ts";
import { discreteNames } from "../../src/envs/environment.ts";
import { legalValues } from "../core/legal.ts";

const versions = [cartPoleV1, cartPoleV0];
const defaults = defaultsOf(cartPoleV1.params);
const text = readFileSync(new URL("../golden/environments.json", import.meta.url), "utf8");
const { environments: descriptions } = described.parse(JSON.parse(text));
const rng = new Rng().seed(1);

describe.each(versions)("description of $id", (env) => {
  const gym = descriptions[env.id];

  it("has Gymnasium's names and units", () => {
    const spelled = (symbol: string) => symbol.normalize("NFD").replace("θ", "theta").replace("\u0307", "_dot");
    expect(env.state.map((q) => [spelled(q.symbol), q.unit])).toEqual(gym.state.map((q) => [q.name, q.unit]));
    expect(env.observations.map((q) => [q.name, q.unit])).toEqual(
      gym.observation.components.map((q) => [q.name, q.unit]),
    );
    expect(gym.actions.type).toBe(env.actions.kind);
    const names = discreteNames(env.actions);
    expect(names).toHaveLength(gym.actions.n as number);
    for (const [i, name] of names.entries()) {
      for (const word of name.split(" ")) expect(gym.actions.meaning[i]).toContain(word);
    }
  });

  it("ends strictly beyond Gymnasium's thresholds", () => {
    const { x_threshold: x, theta_threshold_radians: theta } = gym.constants as Record<string, number>;
    const ends = (...state: number[]) => env.terminal(Float64Array.from(state), defaults);
    const beyond = (limit: number) => limit * (1 + 2 ** -52);
    for (const sign of [1, -1]) {
      expect(ends(sign * x, 9, sign * theta, -9)).toBe(false);
      expect(ends(sign * beyond(x), 0, 0, 0)).toBe(true);
      expect(ends(0, 0, sign * beyond(theta), 0)).toBe(true);
    }
  });
});

describe("dynamics, whatever the physics", () => {
  const speed = fc.double({ min: -3, max: 3, noNaN: true });
  const start = fc
    .tuple(
      fc.double({ min: -2.4, max: 2.4, noNaN: true }),
      speed,
      fc.double({ min: -0.2, max: 0.2, noNaN: true }),
      speed,
    )
    .map((numbers) => Float64Array.from(numbers));
  const physics = legalValues(cartPoleV1.params).map((values) => ({ ...values, forceNoise: 0 }));
  const action = fc.constantFrom(0, 1);

  /** Accelerations of a step, from the difference of velocities. */
  function accelerations(from: Float64Array, act: number, values: typeof defaults, stream = rng) {
    const to = from.slice();
    cartPoleV1.step(to, Float32Array.of(act), values, stream);
    return { to, x: (to[1] - from[1]) / 0.02, theta: (to[3] - from[3]) / 0.02 };
  }

  it("obeys Lagrange's equations of a cart and a uniform rod", () => {
    fc.assert(
      fc.property(start, action, physics, (from, act, p) => {
        const { x, theta } = accelerations(from, act, p);
        const [, , angle, rate] = from;
        const F = act === 1 ? p.force : -p.force;
        // (M + m) ẍ + m l θ̈ cos θ − m l θ̇² sin θ = F
        const terms = [
          (p.massCart + p.massPole) * x,
          p.massPole * p.length * theta * Math.cos(angle),
          -p.massPole * p.length * rate * rate * Math.sin(angle),
          -F,
        ];
        // 4/3 l θ̈ + ẍ cos θ − g sin θ = 0
        const torques = [(4 / 3) * p.length * theta, x * Math.cos(angle), -p.gravity * Math.sin(angle)];
        for (const sum of [terms, torques]) {
          const scale = Math.max(1, ...sum.map(Math.abs));
          expect(Math.abs(sum.reduce((a, b) => a + b)) / scale).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it("moves with the old velocities (euler) or the new ones (semi-implicit)", () => {
    fc.assert(
      fc.property(start, action, physics, (from, act, p) => {
        const { to } = accelerations(from, act, p);
        const velocities = p.integrator === "euler" ? from : to;
        expect(to[0]).toBeCloseTo(from[0] + 0.02 * velocities[1], 9);
        expect(to[2]).toBeCloseTo(from[2] + 0.02 * velocities[3], 9);
      }),
    );
  });

  it("is its own mirror image, to the last bit", () => {
    fc.assert(
      fc.property(start, action, physics, (from, act, p) => {
        const { to } = accelerations(from, act, p);
        const mirrored = accelerations(
          from.map((v) => -v),
          1 - act,
          p,
        ).to;
        for (let i = 0; i < 4; i++) expect(mirrored[i] === -to[i]).toBe(true);
      }),
    );
  });

  it("disturbs the force by a normal number of the given standard deviation", () => {
    const n = 4000;
    const sigma = 3;
    const stream = new Rng().seed(5);
    const from = Float64Array.of(0.1, 0.3, 0.1, -0.4);
    const disturbances = Array.from({ length: n }, () => {
      const p = { ...defaults, forceNoise: sigma };
      const { x, theta } = accelerations(from, 1, p, stream);
      return (
        (p.massCart + p.massPole) * x + p.massPole * p.length * (theta * Math.cos(0.1) - 0.16 * Math.sin(0.1)) - p.force
      );
    });
    const mean = disturbances.reduce((a, b) => a + b) / n;
    const variance = disturbances.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    expect(Math.abs(mean)).toBeLessThan((5 * sigma) / Math.sqrt(n));
    expect(Math.abs(variance / sigma ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });
});

describe("sketch", () => {
  it("shows cart, axle and a pole of the physical length at the angle of the state", () => {
    const state = Float64Array.of(1.5, 0, 0.15, 0);
    for (const length of [0.5, 0.8]) {
      const marks = cartPoleV1.sketch(state, { ...defaults, length });
      const cart = marks.find((m) => m.tone === "body");
      const pole = marks.find((m) => m.tone === "moving");
      const axle = marks.find((m) => m.tone === "joint");
      if (cart?.kind !== "box" || pole?.kind !== "line" || axle?.kind !== "disc") throw new Error("marks are missing");
      expect(cart.centre).toEqual([1.5, 0]);
      expect(axle.centre).toEqual(pole.from);
      const [dx, dy] = [pole.to[0] - pole.from[0], pole.to[1] - pole.from[1]];
      expect(Math.hypot(dx, dy)).toBeCloseTo(2 * length, 12);
      expect(Math.atan2(dx, dy)).toBeCloseTo(0.15, 12); // to the right
    }
    const limits = cartPoleV1.sketch(state).filter((m) => m.tone === "limit");
    expect(limits.map((m) => m.kind === "line" && m.from[0])).toEqual([-2.4, 2.4]);
  });
});
