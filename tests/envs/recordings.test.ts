/** The environments beside CartPole against Gymnasium's recordings and descriptions. */
import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../src/core/params.ts";
import { Rng } from "../../src/core/rng.ts";
import { acrobot } from "../../src/envs/acrobot.ts";
import type { Environment } from "../../src/envs/environment.ts";
import { mountainCar, mountainCarContinuous } from "../../src/envs/mountaincar.ts";
import { pendulum } from "../../src/envs/pendulum.ts";
import { descriptions, deviation, recording, startStates } from "./golden.ts";

const TURN = 2 * Math.PI;

interface Case {
  env: Environment;
  /** Largest deviation of a state or a reward. */
  tolerance: number;
  /** Components of the state that are angles modulo a turn. */
  angles: readonly number[];
  /** Constants of Gymnasium that are hyperparameters here, by its names. */
  constants: Readonly<Record<string, string>>;
}

const cases: Case[] = [
  {
    env: acrobot as never,
    tolerance: 1e-10,
    angles: [0, 1],
    constants: { mass1: "LINK_MASS_1", mass2: "LINK_MASS_2", length1: "LINK_LENGTH_1", length2: "LINK_LENGTH_2" },
  },
  { env: mountainCar as never, tolerance: 1e-12, angles: [], constants: { force: "force", gravity: "gravity" } },
  { env: mountainCarContinuous as never, tolerance: 1e-12, angles: [], constants: { power: "power" } },
  {
    env: pendulum as never,
    tolerance: 1e-12,
    angles: [],
    constants: { gravity: "g", mass: "m", length: "l" },
  },
];

describe.each(cases.map((of) => [of.env.id, of] as const))("%s", (_, { env, tolerance, angles, constants }) => {
  const { episodes, env: id } = recording(env.id);
  const gym = descriptions[env.id];
  const defaults = defaultsOf(env.params) as never;
  const rng = new Rng().seed(1);
  const state = new Float64Array(env.state.length);
  const observation = new Float32Array(env.observations.length);
  const observed = (from: readonly number[]) => {
    state.set(from);
    env.observe(state, observation);
    return [...observation];
  };
  const apart = (value: number, expected: number, component: number) => {
    const turns = angles.includes(component) ? TURN * Math.round((value - expected) / TURN) : 0;
    return deviation(value - turns, expected);
  };

  it("has recordings", () => {
    expect(id).toBe(env.id);
    expect(episodes.length).toBeGreaterThan(5);
  });

  it.each(episodes)("$name, step by step", (episode) => {
    const close = (actual: readonly number[], expected: readonly number[], where: string) =>
      actual.forEach((x, i) => {
        expect(deviation(x, expected[i]), where).toBeLessThanOrEqual(2 ** -23);
      });
    close(observed(episode.initial_state), episode.initial_observation, "start");
    for (let t = 0; t < episode.length; t++) {
      state.set(t === 0 ? episode.initial_state : episode.states[t - 1]);
      const reward = env.step(state, Float32Array.of(episode.actions[t]), defaults, rng);
      const where = `step ${t}`;
      for (let i = 0; i < state.length; i++)
        expect(apart(state[i], episode.states[t][i], i), `${where}, component ${i}`).toBeLessThanOrEqual(tolerance);
      expect(deviation(reward, episode.rewards[t]), where).toBeLessThanOrEqual(tolerance);
      expect(env.terminal(state, defaults), where).toBe(episode.terminated[t]);
      // An episode may be recorded for fewer steps than its limit.
      expect(t + 1 >= env.maxSteps, where).toBe(episode.truncated[t]);
      close(observed(episode.states[t]), episode.observations[t], where);
    }
  });

  it("has Gymnasium's limits and constants", () => {
    expect(env.maxSteps).toBe(gym.truncation.max_episode_steps);
    expect(env.solvedAt).toBe(gym.reward_threshold);
    for (const [key, name] of Object.entries(constants))
      expect((defaults as Record<string, number>)[key], key).toBe(gym.constants[name]);
  });

  it("has Gymnasium's actions, and as many state components and observations with the same units", () => {
    expect(env.actions.kind).toBe(gym.actions.type);
    if (env.actions.kind === "discrete") expect(env.actions.names).toHaveLength(gym.actions.n);
    else
      expect(env.actions.components.map(({ low, high }) => [low, high])).toEqual([[gym.actions.low, gym.actions.high]]);
    expect(env.state.map(({ unit }) => unit)).toEqual(gym.state.map(({ unit }) => unit));
    expect(env.observations).toHaveLength(gym.observation.components.length);
  });

  it("starts from Gymnasium's distribution", () => {
    const n = 10_000;
    const { code_bounds, measured } = startStates[env.id];
    const stream = new Rng().seed(2024);
    const draws = Array.from({ length: n }, () => {
      env.initial(stream, state);
      return [...state];
    });
    for (let i = 0; i < state.length; i++) {
      const low = code_bounds.low[i];
      const range = code_bounds.high[i] - low;
      const sorted = draws.map((drawn) => drawn[i]).sort((a, b) => a - b);
      const mean = sorted.reduce((sum, x) => sum + x, 0) / n;
      // five standard errors of the difference between two samples of this size
      expect(Math.abs(mean - measured.mean[i])).toBeLessThanOrEqual(5 * range * Math.sqrt(2 / 12 / n));
      for (const [q, value] of Object.entries(measured.quantiles)) {
        const error = range * Math.sqrt((2 * Number(q) * (1 - Number(q))) / n);
        expect(Math.abs(sorted[Math.floor(Number(q) * n)] - value[i])).toBeLessThanOrEqual(5 * error);
      }
      expect(sorted[0]).toBeGreaterThanOrEqual(Math.fround(low));
      expect(sorted[n - 1]).toBeLessThanOrEqual(Math.fround(code_bounds.high[i]));
    }
  });
});
