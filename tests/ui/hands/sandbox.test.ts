import { describe, expect, test } from "vitest";
import { type AnyValues, defaultsOf } from "../../../src/core/params.ts";
import { acrobot } from "../../../src/envs/acrobot.ts";
import { cartPoleV0, cartPoleV1 } from "../../../src/envs/cartpole.ts";
import type { Environment } from "../../../src/envs/environment.ts";
import { mountainCar } from "../../../src/envs/mountaincar.ts";
import { pendulum } from "../../../src/envs/pendulum.ts";
import { categorical } from "../../../src/nn/acting/categorical.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { defaultConfig } from "../../../src/runtime/plan/config.ts";
import { hasMiddle, noTallies, Sandbox } from "../../../src/ui/hands/sandbox.ts";
import { specOf } from "../../nn/specs.ts";

const physics = defaultConfig().values;

describe("a sandbox", () => {
  test("steps as the environment does, with the action that is held", () => {
    const sandbox = new Sandbox(cartPoleV1 as never, physics);
    const twin = sandbox.state.slice();
    for (const held of [1, 1, -1, 1]) {
      sandbox.held = held;
      expect(sandbox.step()).toBe(false);
      cartPoleV1.step(twin, Float32Array.of(held > 0 ? 1 : 0), physics as never, null as never);
      expect([...sandbox.state]).toEqual([...twin]);
    }
    expect(sandbox.score).toBe(4);
  });

  test("who always pushes right falls within a dozen steps; the score is remembered and it begins anew", () => {
    const sandbox = new Sandbox(cartPoleV1 as never, physics);
    const scores: number[] = [];
    for (let k = 0; k < 60; k++) {
      sandbox.held ??= 1;
      if (sandbox.step()) scores.push(sandbox.tally.last!);
    }
    expect(scores.length).toBeGreaterThan(3);
    for (const score of scores) expect(score).toBeLessThan(13);
    expect(sandbox.tally.best).toBe(Math.max(...scores));
    expect(sandbox.tally.episodes).toBe(scores.length);
    expect(sandbox.score).toBeLessThan(13);
  });

  test("nothing happens before a person acts, in the first episode and in every later one", () => {
    const sandbox = new Sandbox(cartPoleV1 as never, physics);
    const start = [...sandbox.state];
    for (let k = 0; k < 200; k++) expect(sandbox.step()).toBe(false);
    expect([...sandbox.state]).toEqual(start);
    expect(sandbox.tally).toEqual({ last: null, best: null, episodes: 0 });
    sandbox.held = -1;
    while (!sandbox.step());
    expect(sandbox.waits).toBe(true);
    for (let k = 0; k < 200; k++) expect(sandbox.step()).toBe(false);
    expect(sandbox.tally.episodes).toBe(1);
    expect(sandbox.score).toBe(0);
  });

  test("each driver has a tally, and its episodes are its own from the start", () => {
    const sandbox = new Sandbox(cartPoleV1 as never, physics, 5);
    sandbox.driver = "chance";
    while (!sandbox.step());
    for (let k = 0; k < 4; k++) sandbox.step();
    expect(sandbox.tally.episodes).toBe(1);
    sandbox.driver = "you";
    expect(sandbox.tally.episodes).toBe(0);
    expect(sandbox.score).toBe(0);
    expect(sandbox.waits).toBe(true);
  });

  test("a policy drives it: towards the side to which the pole falls", () => {
    const spec = specOf({ inputs: 4, actions: 2, widths: [], activation: "tanh" });
    const parameters = new Float32Array(spec.size);
    parameters[layerOf(spec, "logits", "dense").weight + 2 * 2 + 1] = 1;
    parameters[layerOf(spec, "logits", "dense").weight + 3 * 2 + 1] = 1;
    const sandbox = new Sandbox(cartPoleV0 as never, physics);
    sandbox.load({ spec, acting: categorical(spec) }, parameters);
    sandbox.driver = "policy";
    while (!sandbox.step());
    expect(sandbox.tally.last).toBeGreaterThan(80);
    expect(sandbox.tally.last).toBeLessThanOrEqual(200); // its step limit
  });

  test("other physics takes effect at once, and a push too", () => {
    const heavy = new Sandbox(cartPoleV1 as never, physics);
    const light = new Sandbox(cartPoleV1 as never, physics);
    light.values = { ...physics, gravity: 1.6 };
    heavy.held = 0;
    light.held = 0;
    for (let k = 0; k < 5; k++) {
      heavy.step();
      light.step();
    }
    expect(heavy.state[2]).not.toBe(light.state[2]);
    const before = heavy.state[3];
    heavy.push(0.6);
    expect(heavy.state[3] - before).toBeCloseTo(0.6, 12);
  });

  test("controls in the middle are the action to neither side, and the ends those to the sides", () => {
    const actionAt = (environment: Environment, held: number) => {
      const sandbox = new Sandbox(environment, defaultsOf(environment.params) as AnyValues);
      sandbox.held = held;
      sandbox.step();
      return sandbox.action[0];
    };
    expect([-1, 0, 1].map((held) => actionAt(mountainCar, held))).toEqual([0, 1, 2]);
    expect([-1, -0.5, 0, 1].map((held) => actionAt(pendulum, held))).toEqual([-2, -1, 0, 2]);
    expect([cartPoleV1, acrobot, mountainCar, pendulum].map(({ actions }) => hasMiddle(actions))).toEqual([
      ...[false, true, true, true],
    ]);
  });

  test("negative returns: the best is the least negative one", () => {
    const sandbox = new Sandbox(mountainCar, defaultsOf(mountainCar.params) as AnyValues);
    const play = (sign: 1 | -1) => {
      for (;;) {
        // Along with the velocity: the way up; against it: never.
        sandbox.held = sign * (sandbox.state[1] < 0 ? -1 : 1);
        if (sandbox.step()) return sandbox.tally;
      }
    };
    expect(play(-1)).toEqual({ last: -200, best: -200, episodes: 1 });
    const { best } = play(1);
    expect(best).toBeGreaterThan(-130);
    expect(play(-1)).toEqual({ last: -200, best, episodes: 3 });
  });

  test("a picture between two steps lies between the two states, an angle on the shorter way", () => {
    const sandbox = new Sandbox(acrobot, defaultsOf(acrobot.params) as AnyValues);
    const into = new Float64Array(4);
    expect([...sandbox.at(0.5, into)]).toEqual([...sandbox.state]);
    sandbox.state.set([3.1, 3.1, 2, -2]);
    sandbox.held = 1;
    sandbox.step();
    expect(sandbox.state[0]).toBeLessThan(-2); // beyond π
    expect(sandbox.at(0, into)[0]).toBeCloseTo(3.1, 12);
    expect(sandbox.at(1, into)[0]).toBeCloseTo(sandbox.state[0] + 2 * Math.PI, 12);
    const half = sandbox.at(0.5, into)[0];
    expect(half).toBeGreaterThan(3.1);
    expect(half).toBeLessThan(sandbox.state[0] + 2 * Math.PI);
  });

  test("two side by side begin at the same start and share what they have done", () => {
    const tallies = noTallies();
    const [you, rival] = [1, 2].map((seed) => new Sandbox(cartPoleV1 as never, physics, seed, tallies));
    rival.driver = "chance";
    rival.restart(you);
    expect([...rival.state]).toEqual([...you.state]);
    while (!rival.step());
    expect(you.tallies.chance.episodes).toBe(1);
    expect(you.tally.episodes).toBe(0);
  });

  test("chance has both actions", () => {
    const sandbox = new Sandbox(cartPoleV1 as never, physics, 5);
    sandbox.driver = "chance";
    const moves = new Set<number>();
    for (let k = 0; k < 20; k++) {
      const before = sandbox.state[1];
      if (!sandbox.step()) moves.add(Math.sign(sandbox.state[1] - before));
    }
    expect(moves).toEqual(new Set([-1, 1]));
  });
});
