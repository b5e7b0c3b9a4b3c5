import { afterEach, describe, expect, test, vi } from "vitest";
import { algorithms } from "../../../src/algorithms/index.ts";
import { envs } from "../../../src/envs/index.ts";
import {
  algorithmsOf,
  configProblems,
  defaultConfig,
  environmentsOf,
  offeredPairs,
  pairProblem,
  paramsOf,
  runParams,
  switchTo,
  withValues,
} from "../../../src/runtime/plan/config.ts";

/** Keys of a run URL that are not hyperparameters. */
const reserved = ["algo", "env", "v"];

describe.each(offeredPairs())("%s on %s", (algo, env) => {
  test("the keys of run, algorithm and environment are disjoint, and none is reserved", () => {
    const { params, paramsIn } = algorithms[algo];
    const keys = [runParams, params, paramsIn(envs[env]), envs[env].params].flatMap((set) => Object.keys(set));
    expect(new Set([...keys, ...reserved]).size).toBe(keys.length + reserved.length);
    expect(Object.keys(paramsOf(algo, env)).sort()).toEqual([...keys].sort());
  });

  test("what every object has is no hyperparameter", () => {
    const params = paramsOf(algo, env);
    for (const key of ["constructor", "toString", "__proto__", "valueOf"]) expect(params[key]).toBeUndefined();
  });

  test("its defaults can be started", () => {
    expect(configProblems(defaultConfig(algo, env))).toEqual([]);
  });

  test("live parameters have slots that hold their values", () => {
    for (const [key, param] of Object.entries(paramsOf(algo, env)))
      if (param.live && !param.immediate)
        expect(param.fromSlot(param.toSlot(param.default)), key).toEqual(param.default);
  });
});

describe("a pair that cannot work", () => {
  afterEach(() => vi.restoreAllMocks());

  test("is not offered, and says why", () => {
    const why = "a pendulum is not for it";
    vi.spyOn(algorithms.a2c, "accepts").mockImplementation(({ id }) => (id === "Pendulum-v1" ? why : null));
    vi.spyOn(algorithms.a3c, "accepts").mockReturnValue(null);
    expect(pairProblem("a2c", "Pendulum-v1")).toBe(why);
    const others = Object.keys(envs).filter((id) => id !== "Pendulum-v1");
    expect(environmentsOf("a2c")).toEqual(others);
    expect(algorithmsOf("Pendulum-v1")).toEqual(Object.keys(algorithms).filter((id) => id !== "a2c"));
    expect(offeredPairs()).not.toContainEqual(["a2c", "Pendulum-v1"]);
    expect(configProblems(defaultConfig("a2c", "Pendulum-v1"))).toEqual([
      `env must be one of ${others.join(", ")} with algo a2c, not Pendulum-v1, because ${why}`,
    ]);
    expect(configProblems(defaultConfig("a3c", "Pendulum-v1"))).toEqual([]);
  });
});

test("every illegal value is named", () => {
  const problems = configProblems(withValues(defaultConfig(), { actors: 0, gamma: 2, hidden: [0] }));
  expect(problems).toHaveLength(3);
  for (const key of ["actors", "gamma", "hidden"])
    expect(problems.some((problem) => problem.startsWith(`${key} `))).toBe(true);
});

describe("another environment", () => {
  afterEach(() => vi.restoreAllMocks());

  test("keeps what is declared once, and no physics of another world", () => {
    const cart = withValues(defaultConfig("a2c", "CartPole-v1"), { gravity: 20, force: 30, seed: 9, gamma: 0.9 });
    const { values } = defaultConfig("a2c", "MountainCar-v0");
    expect(switchTo(cart, { env: "MountainCar-v0" }).values).toEqual({ ...values, seed: 9, gamma: 0.9 });
    expect(switchTo(cart, { env: "CartPole-v0" }).values).toEqual(cart.values);
  });

  test("begins with its own defaults where the values stood at the others", () => {
    vi.spyOn(algorithms.a2c, "defaults", "get").mockReturnValue({
      2: { "CartPole-v1": { lr: 0.003 }, "Acrobot-v1": { lr: 0.002, envs: 16 } },
    });
    const cart = defaultConfig("a2c", "CartPole-v1");
    expect(switchTo(cart, { env: "Acrobot-v1" })).toEqual(defaultConfig("a2c", "Acrobot-v1"));
    // The declared default is a value like any other where the pair has one of its own.
    const changed = withValues(cart, { lr: 0.01, unroll: 9 });
    expect(switchTo(changed, { env: "Acrobot-v1" }).values).toMatchObject({ lr: 0.01, unroll: 9, envs: 16 });
    for (const env of environmentsOf("a2c"))
      expect(switchTo(switchTo(cart, { env }), { env: "CartPole-v1" })).toEqual(cart);
  });
});

test("another algorithm keeps what both have", () => {
  const config = withValues(defaultConfig("a2c", "CartPole-v1"), { lr: 0.02, gravity: 20, actors: 7 });
  expect(switchTo(config, { algo: "a3c", env: "CartPole-v0" })).toEqual({
    algo: "a3c",
    env: "CartPole-v0",
    values: { ...defaultConfig("a3c", "CartPole-v0").values, ...config.values },
  });
  const there = withValues(switchTo(config, { algo: "a3c" }), { apply: "actors" });
  expect(switchTo(there, { algo: "a2c" })).toEqual(config); // what A2C does not have is forgotten
});

test("replacing values leaves the original alone", () => {
  const config = defaultConfig();
  const before = structuredClone(config);
  withValues(config, { lr: 0.05 });
  expect(config).toEqual(before);
});
