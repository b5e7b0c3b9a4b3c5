/** CartPole against Gymnasium's recordings, and against the equations of motion where no recording reaches. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../src/core/params.ts";
import { Rng } from "../../src/core/rng.ts";
import { cartPoleV0, cartPoleV1 } from "../../src/envs/cartpole.ts";
import { discreteNames } from "../../src/envs/environment.ts";
import { legalValues } from "../core/legal.ts";
import { descriptions, deviation, recording, startStates } from "./golden.ts";

const versions = [cartPoleV1, cartPoleV0];
const defaults = defaultsOf(cartPoleV1.params);
const integrators = { euler: "euler", "semi-implicit euler": "semi-implicit" } as const;
const rng = new Rng().seed(1);

describe.each(
  versions.flatMap((env) => Object.values(integrators).map((integrator) => ({ env, name: `${env.id}.${integrator}` }))),
)("recording $name", ({ env, name }) => {
  const { episodes, options, env: id } = recording(name);
  const physics = { ...defaults, integrator: integrators[options.kinematics_integrator as keyof typeof integrators] };

  it("is of this environment", () => {
    expect(id).toBe(env.id);
    expect(name).toContain(physics.integrator);
    expect(episodes.length).toBeGreaterThan(5);
  });

  it.each(episodes)("$name, step by step", (episode) => {
    const state = new Float64Array(4);
    const observation = new Float32Array(4);
    const observed = (from: readonly number[]) => {
      state.set(from);
      env.observe(state, observation);
      return [...observation];
    };
    expect(observed(episode.initial_state)).toEqual(episode.initial_observation.map(Math.fround));
    for (let t = 0; t < episode.length; t++) {
      state.set(t === 0 ? episode.initial_state : episode.states[t - 1]);
      const reward = env.step(state, Float32Array.of(episode.actions[t]), physics, rng);
      const where = `step ${t}`;
      for (let i = 0; i < 4; i++) expect(deviation(state[i], episode.states[t][i]), where).toBeLessThanOrEqual(1e-12);
      expect(reward, where).toBe(episode.rewards[t]);
      expect(env.terminal(state, physics), where).toBe(episode.terminated[t]);
      expect(t + 1 >= env.maxSteps, where).toBe(episode.truncated[t]);
      expect(observed(episode.states[t]), where).toEqual(episode.observations[t].map(Math.fround));
    }
  });

  // The system is unstable: a rounding error grows tenfold about every 30 steps.
  it.each(episodes)("$name, played from its start", (episode) => {
    const state = Float64Array.from(episode.initial_state);
    let total = 0;
    for (let t = 0; t < Math.min(episode.length, 200); t++) {
      total += env.step(state, Float32Array.of(episode.actions[t]), physics, rng);
      for (let i = 0; i < 4; i++) expect(deviation(state[i], episode.states[t][i])).toBeLessThanOrEqual(1e-8);
      expect(env.terminal(state, physics)).toBe(episode.terminated[t]);
    }
    if (episode.length <= 200) expect(total).toBe(episode.return);
  });
});

describe.each(versions)("description of $id", (env) => {
  const gym = descriptions[env.id];

  it("has Gymnasium's constants as defaults", () => {
    const { gravity, masscart, masspole, length, force_mag, kinematics_integrator, tau } = gym.constants;
    expect(defaults).toEqual({
      gravity,
      massCart: masscart,
      massPole: masspole,
      length,
      force: force_mag,
      integrator: kinematics_integrator,
      forceNoise: 0,
    });
    expect(env.secondsPerStep).toBe(tau);
  });

  it("has Gymnasium's limits", () => {
    expect(env.maxSteps).toBe(gym.truncation.max_episode_steps);
    expect(env.solvedAt).toBe(gym.reward_threshold);
  });

  it("has Gymnasium's names and units", () => {
    const spelled = (symbol: string) => symbol.normalize("NFD").replace("θ", "theta").replace("\u0307", "_dot");
    expect(env.state.map((q) => [spelled(q.symbol), q.unit])).toEqual(gym.state.map((q) => [q.name, q.unit]));
    expect(env.observations.map((q) => [q.name, q.unit])).toEqual(
      gym.observation.components.map((q) => [q.name, q.unit]),
    );
    expect(gym.actions.type).toBe(env.actions.kind);
    const names = discreteNames(env.actions);
    expect(names).toHaveLength(gym.actions.n);
    for (const [i, name] of names.entries()) {
      for (const word of name.split(" ")) expect(gym.actions.meaning[i]).toContain(word);
    }
  });

  it("ends strictly beyond Gymnasium's thresholds", () => {
    const { x_threshold: x, theta_threshold_radians: theta } = gym.constants;
    const ends = (...state: number[]) => env.terminal(Float64Array.from(state), defaults);
    const beyond = (limit: number) => limit * (1 + 2 ** -52);
    for (const sign of [1, -1]) {
      expect(ends(sign * x, 9, sign * theta, -9)).toBe(false);
      expect(ends(sign * beyond(x), 0, 0, 0)).toBe(true);
      expect(ends(0, 0, sign * beyond(theta), 0)).toBe(true);
    }
  });

  it("starts from Gymnasium's distribution", () => {
    const n = 10_000;
    const { code_bounds, measured } = startStates[env.id];
    expect(code_bounds).toMatchObject(gym.start_state);
    const stream = new Rng().seed(2024);
    const draws = Array.from({ length: n }, () => {
      const state = new Float64Array(4);
      env.initial(stream, state);
      return state;
    });
    for (let i = 0; i < 4; i++) {
      const low = code_bounds.low[i];
      const range = code_bounds.high[i] - low;
      const sorted = draws.map((state) => state[i]).sort((a, b) => a - b);
      const mean = sorted.reduce((sum, x) => sum + x, 0) / n;
      const std = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
      // five standard errors of the difference between two samples of this size
      expect(Math.abs(mean - measured.mean[i])).toBeLessThan(5 * range * Math.sqrt(2 / 12 / n));
      expect(Math.abs(std - measured.std[i])).toBeLessThan(5 * range * Math.sqrt(2 / 180 / n) * Math.sqrt(3));
      for (const [q, value] of Object.entries(measured.quantiles)) {
        const error = range * Math.sqrt((2 * Number(q) * (1 - Number(q))) / n);
        expect(Math.abs(sorted[Math.floor(Number(q) * n)] - value[i])).toBeLessThan(5 * error);
      }
      expect(sorted[0]).toBeGreaterThanOrEqual(low);
      expect(sorted[n - 1]).toBeLessThan(code_bounds.high[i]);
      for (let j = 0; j < i; j++) {
        const covariance = draws.reduce((sum, s) => sum + (s[i] - mean) * s[j], 0) / n;
        expect(Math.abs(covariance) / std ** 2).toBeLessThan(5 / Math.sqrt(n));
      }
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
