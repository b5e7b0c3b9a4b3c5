/** What every environment of the registry obeys. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnyValues, defaultsOf, problemsOf } from "../../src/core/params.ts";
import { Rng } from "../../src/core/rng.ts";
import {
  actionSize,
  type Environment,
  goodReturn,
  type Mark,
  type Point,
  shareOfGood,
} from "../../src/envs/environment.ts";
import { envs } from "../../src/envs/index.ts";
import { legalValues } from "../core/legal.ts";

const registry: [string, Environment][] = Object.entries(envs);
const STEPS = 60;
/** Of a random policy. */
const EPISODES = 200;
/** Parameters that add chance to a step are called …Noise, and 0 turns them off. */
const noisy = (env: Environment) => Object.keys(env.params).filter((key) => key.endsWith("Noise"));
const withoutNoise = (env: Environment, values: AnyValues): AnyValues => ({
  ...values,
  ...Object.fromEntries(noisy(env).map((key) => [key, 0])),
});

it("has an environment", () => expect(registry.length).toBeGreaterThanOrEqual(2));

describe.each(registry)("%s", (id, env) => {
  const defaults = Object.freeze(defaultsOf(env.params) as AnyValues);
  const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const actionOf = anyAction(env);
  const actionLists = fc.array(actionOf, { minLength: 1, maxLength: STEPS });
  const physics = legalValues(env.params).map((values) => Object.freeze(values as AnyValues));
  const runs = fc.record({ seed: seeds, actions: actionLists, physics });

  /** One copy of the environment, with room around its arrays that nobody may write to. */
  function copy(seed: number) {
    const aroundState = new Float64Array(env.state.length + 2).fill(NaN);
    const aroundObservation = new Float32Array(env.observations.length + 2).fill(NaN);
    const state = aroundState.subarray(1, -1);
    const observation = aroundObservation.subarray(1, -1);
    const rng = new Rng().seed(seed);
    env.initial(rng, state);
    env.observe(state, observation);
    const untouched = () =>
      [aroundState.at(0), aroundState.at(-1), aroundObservation.at(0), aroundObservation.at(-1)].every(Number.isNaN);
    return { state, observation, rng, untouched };
  }

  /** States, observations and rewards of a run until it ends: the start, then one list of numbers a step. */
  function trajectory(seed: number, actions: readonly Float32Array[], values: AnyValues): number[][] {
    const { state, observation, rng } = copy(seed);
    const steps = [[...state, ...observation]];
    for (const action of actions) {
      const reward = env.step(state, action, values, rng);
      env.observe(state, observation);
      steps.push([...state, ...observation, reward]);
      if (env.terminal(state, values)) break;
    }
    return steps;
  }

  /** A run under the defaults that sees a wide range of states. */
  const tour = (seed: number, values: AnyValues = defaults) => {
    const rng = new Rng().seed(seed, 1);
    const actions = Array.from({ length: STEPS }, () => drawAction(env, rng));
    return trajectory(seed, actions, values);
  };

  it("is described", () => {
    expect(env.id).toBe(id);
    const { subject, returns } = env;
    const texts = [env.title, env.about, env.source, subject.one, subject.many, returns.higher];
    for (const text of texts) expect(text.trim()).not.toBe("");
    for (const quantities of [env.state, env.observations]) {
      expect(quantities.length).toBeGreaterThan(0);
      expect(new Set(quantities.map((q) => q.name)).size).toBe(quantities.length);
      for (const { name, symbol, shown, period = shown[1] - shown[0] } of quantities) {
        expect(name && symbol).toBeTruthy();
        expect(shown[1]).toBeGreaterThan(shown[0]);
        expect(shown[1] - shown[0]).toBeCloseTo(period, 12);
      }
    }
    const { actions } = env;
    const names = actions.kind === "discrete" ? actions.names : actions.components.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(actions.kind === "discrete" ? 2 : 1);
    expect(new Set(names).size).toBe(names.length);
    if (actions.kind === "continuous") for (const { low, high } of actions.components) expect(low).toBeLessThan(high);
    expect(Number.isInteger(env.maxSteps) && env.maxSteps > 0).toBe(true);
    expect(env.solvedAt === null || Number.isFinite(env.solvedAt)).toBe(true);
    expect(env.secondsPerStep).toBeGreaterThan(0);
  });

  it("declares what a random policy earns, as it is measured, and what a good one does", () => {
    const earned = Array.from({ length: EPISODES }, (_, episode) => {
      const { state, rng } = copy(episode);
      const choices = new Rng().seed(episode, 1);
      let sum = 0;
      for (let t = 0; t < env.maxSteps; t++) {
        sum += env.step(state, drawAction(env, choices), defaults, rng);
        if (env.terminal(state, defaults)) break;
      }
      return sum;
    });
    const mean = earned.reduce((a, b) => a + b, 0) / EPISODES;
    const variance = earned.reduce((sum, x) => sum + (x - mean) ** 2, 0) / EPISODES;
    const { random, good, reward } = env.returns;
    expect(Math.abs(mean - random)).toBeLessThan(4 * Math.sqrt(variance / EPISODES) + 0.5);
    expect(good === undefined, "good is said where nothing is published, and nowhere else").toBe(env.solvedAt !== null);
    expect(goodReturn(env)).toBeGreaterThan(random + reward);
    expect([random, goodReturn(env)].map((x) => shareOfGood(env, x))).toEqual([0, 1]);
  });

  it("is pushed to the right by a positive strength, to the left by a negative one", () => {
    const width = env.view.right - env.view.left;
    const neutral = middleAction(env);
    /** Where what moves is, a step after a push. */
    const afterPush = (seed: number, strength: number) => {
      const { state, rng } = copy(seed);
      env.push(state, strength);
      env.step(state, neutral, defaults, rng);
      const at = env.sketch(state).flatMap((mark) => (mark.tone === "moving" ? points(mark).map(([x]) => x) : []));
      return at.reduce((a, b) => a + b, 0) / at.length / width;
    };
    const moved = Array.from(
      { length: 30 },
      (_, seed) => afterPush(seed, env.pushed.press) - afterPush(seed, -env.pushed.press),
    );
    expect(moved.filter((by) => by < -0.005)).toEqual([]);
    expect(moved.filter((by) => by > 0.002).length, "and one sees it").toBeGreaterThan(20);
  });

  it("declares its physics as live hyperparameters with legal defaults", () => {
    expect(problemsOf(env.params, defaults)).toEqual([]);
    for (const param of Object.values(env.params)) {
      expect(param).toMatchObject({ group: "physics", live: true });
      expect(param.label && param.help).toBeTruthy();
    }
    for (const key of noisy(env)) expect(defaults[key]).toBe(0);
  });

  it("uses every hyperparameter that it declares", () => {
    for (const [key, param] of Object.entries(env.params)) {
      const { control } = param;
      const others =
        control.type === "select" ? control.options : control.type === "slider" ? [control.min, control.max] : [];
      for (const other of others.filter((value) => value !== param.default)) {
        const changed = [1, 2, 3].some(
          (seed) => JSON.stringify(tour(seed, { ...defaults, [key]: other })) !== JSON.stringify(tour(seed)),
        );
        expect(changed, `${key} = ${other} changes something`).toBe(true);
      }
    }
  });

  it("answers to its actions", () => {
    const extremes = extremeActions(env);
    const ends = extremes.map((action) => JSON.stringify(trajectory(3, Array(5).fill(action), defaults)));
    expect(new Set(ends).size).toBe(extremes.length);
  });

  it("starts in a different state every time, and never in a terminal one", () => {
    fc.assert(
      fc.property(seeds, physics, (seed, values) => {
        const { state, rng } = copy(seed);
        const first = [...state];
        expect(first.every(Number.isFinite)).toBe(true);
        expect(env.terminal(state, values)).toBe(false);
        env.initial(rng, state);
        expect([...state]).not.toEqual(first);
      }),
    );
  });

  it("forgets the state that was there before a start", () => {
    const fresh = copy(7);
    fresh.state.fill(NaN);
    fresh.rng.seed(7);
    env.initial(fresh.rng, fresh.state);
    expect([...fresh.state]).toEqual([...copy(7).state]);
  });

  it("keeps states, observations and rewards finite under any legal physics", () => {
    fc.assert(
      fc.property(runs, ({ seed, actions, physics }) => {
        for (const numbers of trajectory(seed, actions, physics)) expect(numbers.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it("writes only to the state, and observe only to the observation", () => {
    fc.assert(
      fc.property(runs, ({ seed, actions, physics }) => {
        const { state, observation, rng, untouched } = copy(seed);
        for (const action of actions) {
          observation.fill(7);
          env.step(state, action, physics, rng);
          expect(observation.every((v) => v === 7)).toBe(true);
          const before = [...state, ...rng.state];
          env.terminal(state, physics);
          env.observe(state, observation);
          const once = [...observation];
          env.observe(state, observation.fill(9));
          env.sketch(state, physics);
          expect([...observation]).toEqual(once);
          expect([...state, ...rng.state]).toEqual(before);
          if (env.terminal(state, physics)) break;
        }
        expect(untouched()).toBe(true);
      }),
    );
  });

  it("is a function of the state, the action, the physics and the stream", () => {
    fc.assert(
      fc.property(runs, ({ seed, actions, physics }) => {
        expect(trajectory(seed, actions, physics)).toEqual(trajectory(seed, actions, physics));
      }),
    );
  });

  it("keeps nothing from one copy to another", () => {
    fc.assert(
      fc.property(runs, seeds, physics, ({ seed, actions, physics }, otherSeed, otherPhysics) => {
        const alone = trajectory(seed, actions, physics);
        const [one, other] = [copy(seed), copy(otherSeed)];
        for (let t = 1; t < alone.length; t++) {
          env.step(other.state, actions[t - 1], otherPhysics, other.rng);
          const reward = env.step(one.state, actions[t - 1], physics, one.rng);
          env.observe(other.state, other.observation);
          env.observe(one.state, one.observation);
          expect([...one.state, ...one.observation, reward]).toEqual(alone[t]);
          if (env.terminal(other.state, otherPhysics)) env.initial(other.rng, other.state);
        }
      }),
    );
  });

  it("draws no random number in a step without noise", () => {
    fc.assert(
      fc.property(runs, ({ seed, actions, physics }) => {
        const { state, rng } = copy(seed);
        const before = [...rng.state];
        for (const action of actions) {
          env.step(state, action, withoutNoise(env, physics), rng);
          if (env.terminal(state, physics)) break;
        }
        expect([...rng.state]).toEqual(before);
      }),
    );
  });

  for (const key of noisy(env)) {
    it(`draws from the copy's own stream under ${key}, and chance then changes the outcome`, () => {
      const values = { ...defaults, [key]: env.params[key].parse("1").ok ? 1 : 0.01 };
      const next = (streamSeed: number) => {
        const { state, rng } = copy(1);
        rng.seed(streamSeed);
        const before = [...rng.state];
        env.step(state, extremeActions(env)[0], values, rng);
        expect([...rng.state]).not.toEqual(before);
        return [...state];
      };
      expect(next(1)).toEqual(next(1));
      expect(next(1)).not.toEqual(next(2));
    });
  }

  it("draws every state inside its view, or near it", () => {
    const { left, right, bottom, top } = env.view;
    expect(right).toBeGreaterThan(left);
    expect(top).toBeGreaterThan(bottom);
    const [width, height] = [right - left, top - bottom];
    const inBox = ([x, y]: readonly [number, number], margin: number) =>
      x >= left - margin * width &&
      x <= right + margin * width &&
      y >= bottom - margin * height &&
      y <= top + margin * height;
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const numbers of tour(seed)) {
          const state = Float64Array.from(numbers.slice(0, env.state.length));
          const marks = env.sketch(state);
          expect(marks).toEqual(env.sketch(state, defaults));
          expect(marks.flatMap(points).every((point) => inBox(point, 0.5))).toBe(true);
          const moving = marks.filter((mark) => mark.tone === "moving");
          expect(moving.length).toBeGreaterThan(0);
          expect(moving.flatMap(points).some((point) => inBox(point, 0))).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("draws finite marks of positive size under any legal physics", () => {
    fc.assert(
      fc.property(seeds, physics, fc.option(actionOf, { nil: undefined }), (seed, values, action) => {
        const marks = env.sketch(copy(seed).state, values, action);
        expect(marks.flatMap((mark) => [...points(mark).flat(), ...sizes(mark)]).every(Number.isFinite)).toBe(true);
        expect(marks.flatMap(sizes).every((size) => size > 0)).toBe(true);
      }),
    );
  });
});

/** Every discrete action; of continuous ones those with a component at a bound and the others at 0. */
function extremeActions({ actions }: Environment): Float32Array[] {
  if (actions.kind === "discrete") return actions.names.map((_, k) => Float32Array.of(k));
  return actions.components.flatMap(({ low, high }, k) =>
    [low, high].map((bound) => Float32Array.from(actions.components, (_, i) => (i === k ? bound : 0))),
  );
}

/** Neither to the one side nor to the other, where there is such an action. */
function middleAction({ actions }: Environment): Float32Array {
  if (actions.kind === "discrete") return Float32Array.of(Math.floor(actions.names.length / 2));
  return Float32Array.from(actions.components, ({ low, high }) => (low + high) / 2);
}

function drawAction({ actions }: Environment, rng: Rng): Float32Array {
  if (actions.kind === "discrete") return Float32Array.of(rng.next() % actions.names.length);
  return Float32Array.from(actions.components, ({ low, high }) => rng.between(low, high));
}

const anyAction = (env: Environment): fc.Arbitrary<Float32Array> =>
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seed) => {
    const action = drawAction(env, new Rng().seed(seed));
    expect(action).toHaveLength(actionSize(env.actions));
    return action;
  });

function points(mark: Mark): readonly Point[] {
  switch (mark.kind) {
    case "line":
    case "arrow":
      return [mark.from, mark.to];
    case "path":
    case "area":
      return mark.points;
    default:
      return [mark.centre];
  }
}

function sizes(mark: Mark): number[] {
  switch (mark.kind) {
    case "line":
    case "path":
    case "arrow":
      return [mark.width];
    case "box":
      return [...mark.size];
    case "disc":
      return [mark.radius];
    case "turn":
      return [mark.radius, mark.width, Math.abs(mark.to - mark.from)];
    case "area":
      return [];
  }
}
