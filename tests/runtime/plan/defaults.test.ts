import { afterEach, describe, expect, test, vi } from "vitest";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import type { ParamSet } from "../../../src/core/params.ts";
import { type EnvId, envs } from "../../../src/envs/index.ts";
import { configProblems, defaultConfig, offeredPairs, paramsOf, VERSION } from "../../../src/runtime/plan/config.ts";
import { defaultsIn, readDefaults } from "./defaults.ts";

const versions = Array.from({ length: VERSION }, (_, i) => i + 1);
const { out, versions: recorded } = readDefaults();

describe.each(versions)("links of v=%i", (version) => {
  test("lean on the recorded defaults (tests/golden/defaults.ts adds what is new)", () => {
    expect(defaultsIn(version)).toEqual(recorded[version]);
  });

  test.each(offeredPairs())("begin %s on %s with legal values", (algo, env) => {
    const config = defaultConfig(algo, env, version);
    expect(configProblems(config)).toEqual([]);
    expect(Object.keys(config.values)).toEqual(Object.keys(paramsOf(algo, env)));
  });
});

test("a version is recorded for each that there is, and the deployed one is among them", () => {
  expect(Object.keys(recorded).map(Number)).toEqual(versions);
  expect(versions).toContain(out);
});

test("an earlier default is of a version before the newest", () => {
  const sets: ParamSet[] = offeredPairs().map(([algo, env]) => paramsOf(algo, env));
  for (const [key, { earlier = {} }] of sets.flatMap((set) => Object.entries(set)))
    for (const last of Object.keys(earlier).map(Number)) {
      expect(last, key).toBeGreaterThanOrEqual(1);
      expect(last, key).toBeLessThan(VERSION);
    }
});

test("a pair names environments and hyperparameters that there are", () => {
  for (const algo of Object.keys(algorithms) as AlgorithmId[])
    for (const pairs of Object.values(algorithms[algo].defaults))
      for (const [env, values] of Object.entries(pairs)) {
        expect(Object.keys(envs)).toContain(env);
        for (const key of Object.keys(values)) expect(Object.keys(paramsOf(algo, env as EnvId))).toContain(key);
      }
});

describe("a pair that is tuned again", () => {
  afterEach(() => vi.restoreAllMocks());

  test("keeps its values in the versions before", () => {
    vi.spyOn(algorithms.a2c, "defaults", "get").mockReturnValue({
      2: { "Acrobot-v1": { lr: 0.002, envs: 16 }, "MountainCar-v0": { lr: 0.003 } },
      10: { "Acrobot-v1": { lr: 0.004 } },
    });
    const valuesIn = (version: number, env: EnvId) => {
      const { lr, envs } = defaultConfig("a2c", env, version).values;
      return { lr, envs };
    };
    const { lr, envs } = defaultConfig("a2c", "CartPole-v1", 1).values;
    const declared = { lr, envs };
    expect(valuesIn(1, "Acrobot-v1")).toEqual(declared);
    for (const version of [2, 9]) expect(valuesIn(version, "Acrobot-v1")).toEqual({ lr: 0.002, envs: 16 });
    expect(valuesIn(10, "Acrobot-v1")).toEqual({ lr: 0.004, envs: declared.envs }); // the entry as a whole is new
    expect(valuesIn(10, "MountainCar-v0")).toEqual({ lr: 0.003, envs: declared.envs });
    expect(valuesIn(10, "CartPole-v1")).toEqual(declared);
  });
});
