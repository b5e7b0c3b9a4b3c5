import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmId, algorithms } from "../../src/algorithms/index.ts";
import type { AnyValues, Param, ParamValue } from "../../src/core/params.ts";
import { type EnvId, envs } from "../../src/envs/index.ts";
import {
  combinationProblem,
  configProblems,
  defaultConfig,
  paramsOf,
  type RunConfig,
} from "../../src/runtime/config.ts";
import { type LessonId, lessonTitles } from "../../src/ui/lessons/titles.ts";
import { decodeAddress, decodeRun, encodeAddress, encodeRun, runAddress } from "../../src/ui/url.ts";

/** Every legal value of a parameter, from its declaration alone. */
function legalValue(param: Param<ParamValue>): fc.Arbitrary<ParamValue> {
  const { control } = param;
  const proposals: fc.Arbitrary<ParamValue> =
    control.type === "select"
      ? fc.constantFrom(...control.options)
      : control.type === "slider"
        ? param.kind === "integer"
          ? fc.integer({ min: control.min, max: control.max })
          : fc.double({ min: control.min, max: control.max, noNaN: true })
        : param.kind === "widths"
          ? fc.array(fc.integer({ min: 1, max: 512 }), { maxLength: 4 })
          : fc.uniqueArray(
              fc.oneof(
                fc.constant({ when: "solved" as const }),
                fc.record({
                  when: fc.constantFrom("steps" as const, "updates" as const),
                  count: fc.integer({ min: 1, max: 1e12 }),
                }),
                fc.record({
                  when: fc.constant("seconds" as const),
                  count: fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
                }),
              ),
              { maxLength: 4, selector: (c) => c.when },
            );
  return proposals.filter((value) => param.check(value) === null && param.parse(param.format(value)).ok);
}

/** Some parameters changed, the others at their default. */
function legalConfig(algo: AlgorithmId, env: EnvId): fc.Arbitrary<RunConfig> {
  const arbitraries = Object.fromEntries(
    Object.entries(paramsOf(algo, env)).map(([key, param]) => [key, legalValue(param)]),
  );
  const fallback = defaultConfig(algo, env);
  return fc
    .record(arbitraries, { requiredKeys: [] })
    .map((values) => ({ algo, env, values: { ...fallback.values, ...(values as AnyValues) } }))
    .filter((config) => combinationProblem(config) === null);
}

const algos = Object.keys(algorithms) as AlgorithmId[];
const pairs = algos.flatMap((algo) => (Object.keys(envs) as EnvId[]).map((env) => [algo, env] as const));
const anyConfig = fc.constantFrom(...pairs).chain(([algo, env]) => legalConfig(algo, env));

const problemKeys = (query: string) => decodeRun(query).problems.map((p) => p.key);

describe("round trip", () => {
  test.each(pairs)("%s on %s", (algo, env) => {
    fc.assert(
      fc.property(legalConfig(algo, env), (config) => {
        expect(configProblems(config)).toEqual([]);
        expect(decodeRun(encodeRun(config))).toEqual({ config, problems: [] });
        expect(encodeRun(decodeRun(encodeRun(config)).config)).toBe(encodeRun(config));
      }),
      { numRuns: 300 },
    );
  });

  test("the defaults are an empty query", () => {
    expect(encodeRun(defaultConfig())).toBe("");
    expect(decodeRun("")).toEqual({ config: defaultConfig(), problems: [] });
    expect(runAddress(defaultConfig(), "http://x/")).toBe("http://x/");
  });

  test("only differences, readable", () => {
    const { config, problems } = decodeRun("?v=1&algo=a3c&hidden=64,32&until=solved,steps:500000&lr=0.001");
    expect(problems).toEqual([]);
    expect(encodeRun(config)).toBe("v=1&algo=a3c&hidden=64,32&until=solved,steps:500000&lr=0.001");
  });

  test("an open lesson stands beside the run and changes nothing of it", () => {
    const anyLesson = fc.constantFrom(null, ...(Object.keys(lessonTitles) as LessonId[]));
    fc.assert(
      fc.property(anyConfig, anyLesson, (config, lesson) => {
        const query = encodeAddress(config, lesson);
        expect(decodeAddress(query)).toEqual({ config, lesson, embed: null, problems: [] });
        expect(decodeRun(query)).toEqual({ config, problems: [] });
      }),
      { numRuns: 200 },
    );
    expect(encodeAddress(defaultConfig(), "straggler")).toBe("lesson=straggler");
    expect(runAddress(defaultConfig(), "http://x/", "straggler")).toBe("http://x/?lesson=straggler");
    expect(decodeAddress("lr=0.02").lesson).toBeNull();
  });

  test("every value of one parameter fits into a shareable address", () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        expect(encodeRun(config).length).toBeLessThan(1800);
      }),
      { numRuns: 200 },
    );
  });
});

describe("what is wrong is named, the rest is kept", () => {
  test.each([
    ["gamma=2&lr=0.01", "gamma", "gamma must be a number from 0 to 1"],
    ["actors=0&lr=0.01", "actors", "a whole number from 1 to 32"],
    ["actors=1.5&lr=0.01", "actors", "a whole number from 1 to 32"],
    ["algo=dqn9&lr=0.01", "algo", "must be one of a2c, a3c"],
    ["algo=A3C&lr=0.01", "algo", "Did you mean a3c?"],
    ["env=CartPole-v7&lr=0.01", "env", "must be one of CartPole-v1"],
    ["gama=0.9&lr=0.01", "gama", "Did you mean gamma?"],
    ["Learning_Rate=1&lr=0.01", "Learning_Rate", "Did you mean lr?"],
    ["lesson=stragler&lr=0.01", "lesson", "Did you mean straggler?"],
    ["lesson=__proto__&lr=0.01", "lesson", "must be one of more-actors"],
    ["lessons=entropy&lr=0.01", "lessons", "Did you mean lesson?"],
    ["algo=a2c&gate=drop&lr=0.01", "gate", "gate belongs to a3c: a2c on CartPole-v1 has no such hyperparameter"],
    ["colour=red&lr=0.01", "colour", "is no hyperparameter of a2c on CartPole-v1"],
    ["__proto__=1&lr=0.01", "__proto__", "is no hyperparameter"],
    ["constructor=1&lr=0.01", "constructor", "is no hyperparameter"],
    ["algo=constructor&lr=0.01", "algo", "must be one of"],
    ["env=__proto__&lr=0.01", "env", "must be one of"],
    ["gamma=%&lr=0.01", "gamma", "broken percent-encoding"],
    ["%=1&lr=0.01", "%", "broken percent-encoding"],
    ["%E0%A4%A=1&lr=0.01", "%E0%A4%A", "broken percent-encoding"],
    ["gamma&lr=0.01", "gamma", "has no value"],
    ["gamma=&lr=0.01", "gamma", "must be a number from 0 to 1"],
    ["lr=0.01&lr=0.02", "lr", "more than once"],
    ["v=2&lr=0.01", "v", "newer version"],
    ["v=0&lr=0.01", "v", "must be 1"],
    ["v=one&lr=0.01", "v", "must be 1"],
    ["=5&lr=0.01", "(empty key)", "is no hyperparameter"],
    ["until=steps:0&lr=0.01", "until", `"never", "solved"`],
    ["hidden=64,64,64,64,64&lr=0.01", "hidden", "up to 4 layer widths"],
    ["gamma=Infinity&lr=0.01", "gamma", "a number from 0 to 1"],
    ["gamma=0x1&lr=0.01", "gamma", "a number from 0 to 1"],
    ["gamma=%00&lr=0.01", "gamma", "a number from 0 to 1"],
    ["lr=0.01&gamma=0.", "", ""],
  ])("%s", (query, key, message) => {
    const { config, problems } = decodeRun(query);
    expect(config.values.lr).toBe(0.01);
    expect(configProblems(config)).toEqual([]);
    if (key === "") return expect(config.values.gamma).toBe(0);
    expect(problems).toHaveLength(1);
    expect(problems[0].key).toBe(key);
    expect(problems[0].message).toContain(message);
    expect(problems[0].message.startsWith(key)).toBe(true);
  });

  test("long text is quoted in part", () => {
    const { problems } = decodeRun(`gamma=${"9".repeat(1e6)}&${"k".repeat(1e6)}=1`);
    for (const { key, message } of problems) {
      expect(key.length).toBeLessThanOrEqual(61);
      expect(message.length).toBeLessThan(300);
      expect(message).not.toMatch(/(.)\1{60}/);
    }
    expect(problems.map((p) => p.key)).toEqual(["query", "gamma"]);
    expect(problems[0].message).toContain("query is longer than");
  });

  test("thousands of problems are summed up", () => {
    const many = Array.from({ length: 2000 }, (_, i) => `k${i}=1`).join("&");
    const { problems } = decodeRun(many);
    expect(problems.length).toBeLessThanOrEqual(51);
    expect(problems.at(-1)?.message).toContain("more problems");
  });

  test("a hostile key does not reach the prototype", () => {
    const { config } = decodeRun("__proto__=1&toString=2&hasOwnProperty=3");
    expect(Object.getPrototypeOf(config.values)).toBe(Object.prototype);
    expect(Object.keys(config.values)).toEqual(Object.keys(defaultConfig().values));
  });
});

test("a bad pair among legal ones is named, and every legal one is kept", () => {
  const bad = fc.constantFrom("gammma=1", "nonsense=2", "%=1", "gravity", "force=1e9", "__proto__=x", "seed=-1");
  fc.assert(
    fc.property(anyConfig, bad, fc.nat(), (config, pair, at) => {
      const key = pair.split("=")[0];
      const query = encodeRun(config);
      const legal = query.split("&").filter((p) => p !== "" && p.split("=")[0] !== key);
      const parts = legal.toSpliced(at % (legal.length + 1), 0, pair);
      const decoded = decodeRun(parts.join("&"));
      expect(problemKeys(parts.join("&"))).toEqual([key]);
      for (const name in config.values)
        if (name !== key) expect(decoded.config.values[name]).toEqual(config.values[name]);
    }),
    { numRuns: 500 },
  );
});

test("values that are legal alone and not together are named, and one of them is given up", () => {
  const { config, problems } = decodeRun("v=1&gradients=actors&engine=tfjs-wasm&lr=0.02");
  expect(problems).toHaveLength(1);
  expect(problems[0].message).toMatch(/^gradients must be auto or learner with engine tfjs-wasm/);
  expect(config.values).toMatchObject({ gradients: "auto", engine: "tfjs-wasm", lr: 0.02 });
  expect(configProblems(config)).toEqual([]);
});
