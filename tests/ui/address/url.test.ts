import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import type { AnyValues, Param, ParamValue } from "../../../src/core/params.ts";
import type { EnvId } from "../../../src/envs/index.ts";
import {
  combinationProblem,
  configProblems,
  defaultConfig,
  environmentsOf,
  offeredPairs,
  paramsOf,
  type RunConfig,
  VERSION,
} from "../../../src/runtime/plan/config.ts";
import { closest } from "../../../src/ui/address/closest.ts";
import { isTracking } from "../../../src/ui/address/tracking.ts";
import {
  decodeAddress,
  decodeRun,
  encodeAddress,
  encodeRun,
  encodeRunIn,
  isDefault,
  keptQuery,
  runAddress,
  withoutTracking,
} from "../../../src/ui/address/url.ts";
import { type LessonId, lessonTitles } from "../../../src/ui/lessons/titles.ts";
import { fingerprint } from "../../../src/ui/share/ghost.ts";
import { readPins } from "../../runtime/pins.ts";

vi.mock("../../../src/ui/address/closest.ts", { spy: true });

/** Every legal value of a parameter, from its declaration alone. */
function legalValue(param: Param<ParamValue>): fc.Arbitrary<ParamValue> {
  const { control } = param;
  const proposals: fc.Arbitrary<ParamValue> =
    control.type === "select"
      ? fc.constantFrom(...control.options)
      : control.type === "slider"
        ? param.kind === "integer"
          ? fc.integer({ min: control.min, max: control.max })
          : fc.oneof(
              { weight: 3, arbitrary: fc.double({ min: control.min, max: control.max, noNaN: true }) },
              fc.constantFrom(...(control.open ? [Number.POSITIVE_INFINITY] : [control.max])),
            )
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

const pairs = offeredPairs();
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

  test("of the defaults a query says the version alone", () => {
    expect(encodeRun(defaultConfig())).toBe(`v=${VERSION}`);
    expect(isDefault(defaultConfig())).toBe(true);
    expect(isDefault(defaultConfig("a3c"))).toBe(false);
    expect(decodeRun("")).toEqual({ config: defaultConfig(), problems: [] });
    expect(runAddress(defaultConfig(), "http://x/")).toBe(`http://x/?v=${VERSION}`);
  });

  test("in the words of every version", () => {
    const anyVersion = fc.integer({ min: 1, max: VERSION });
    fc.assert(
      fc.property(anyConfig, anyVersion, (config, version) => {
        const query = encodeRunIn(version, config);
        expect(query.startsWith(`v=${version}`)).toBe(true);
        expect(decodeRun(query)).toEqual({ config, problems: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("only differences, readable", () => {
    const query = "v=1&algo=a3c&hidden=64,32&until=solved,steps:500000&lr=0.001";
    const { config, problems } = decodeRun(`?${query}`);
    expect(problems).toEqual([]);
    expect(encodeRunIn(1, config)).toBe(query);
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
    expect(encodeAddress(defaultConfig(), "straggler")).toBe(`v=${VERSION}&lesson=straggler`);
    expect(runAddress(defaultConfig(), "http://x/", "straggler")).toBe(`http://x/?v=${VERSION}&lesson=straggler`);
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
    ["algo=A33C&lr=0.01", "algo", "Did you mean a3c?"],
    ["evalEvery=20,000&lr=0.01", "evalEvery", '"20,000" is 20 or 20000: write which'],
    ["until=steps:20,000&lr=0.01", "until", '"20,000" is 20 or 20000: write which'],
    ["hidden=0,5&lr=0.01", "hidden", "up to 4 layer widths"],
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
    [`v=${VERSION + 1}&lr=0.01`, "v", "newer version"],
    ["v=0&lr=0.01", "v", `must be a whole number from 1 to ${VERSION}`],
    ["v=one&lr=0.01", "v", `must be a whole number from 1 to ${VERSION}`],
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

  test("a pair that cannot work", () => {
    const why = "a pole is not for it";
    const accepts = vi.spyOn(algorithms.a3c, "accepts");
    accepts.mockImplementation(({ subject }) => (subject.one === "pole" ? why : null));
    const { config, problems } = decodeRun("algo=a3c&env=CartPole-v0&lr=0.02");
    expect(problems).toEqual([
      {
        key: "env",
        message: `env must be one of ${environmentsOf("a3c").join(", ")} with algo a3c, not CartPole-v0, because ${why}`,
      },
    ]);
    expect(config).toMatchObject({ algo: "a3c", env: environmentsOf("a3c")[0], values: { lr: 0.02 } });
    expect(configProblems(config)).toEqual([]);
    // Where a link names no environment, it is one that the algorithm can learn.
    expect(decodeRun("algo=a3c")).toMatchObject({ config: { env: environmentsOf("a3c")[0] }, problems: [] });
    accepts.mockRestore();
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

/** Recorded from the last build that wrote v=1. */
describe("links of v=1", () => {
  interface Recorded {
    query: string;
    algo: AlgorithmId;
    env: EnvId;
    differs: AnyValues;
    problems?: string[];
    fingerprint: number;
  }
  const file = new URL("../../golden/links.v1.json", import.meta.url);
  const recorded = JSON.parse(readFileSync(file, "utf8")) as {
    defaults: Record<string, AnyValues>;
    links: Recorded[];
  };
  /** What such a link could not speak of stands at the value that changes nothing. */
  const meant = ({ algo, env, differs }: Pick<Recorded, "algo" | "env" | "differs">): RunConfig => ({
    algo,
    env,
    values: { ...defaultConfig(algo, env, 1).values, ...recorded.defaults[`${algo} ${env}`], ...differs },
  });

  test.each(Object.keys(recorded.defaults))("%s begins as it did", (pair) => {
    const [algo, env] = pair.split(" ") as [AlgorithmId, EnvId];
    expect(defaultConfig(algo, env, 1).values).toMatchObject(recorded.defaults[pair]);
  });

  test("mean what they meant, and are refused where they were", () => {
    expect(recorded.links.length).toBeGreaterThan(300);
    for (const link of recorded.links) {
      const { config, problems } = decodeRun(link.query);
      expect(config, link.query).toEqual(meant(link));
      expect(problems.map(({ key }) => key)).toEqual(link.problems ?? []);
    }
  });

  test("the same run is found again beside its shared curve", () => {
    for (const link of recorded.links) expect(fingerprint(meant(link), 1), link.query).toBe(link.fingerprint);
  });

  test("say the same as v=2, in other words", () => {
    for (const link of recorded.links) {
      const config = meant(link);
      for (let version = 1; version <= VERSION; version++)
        expect(decodeRun(encodeRunIn(version, config))).toEqual({ config, problems: [] });
    }
  });

  test("the pinned runs are read as they were", () => {
    for (const { query } of readPins().runs) {
      const { config, problems } = decodeRun(query);
      expect(problems).toEqual([]);
      for (let version = 1; version <= VERSION; version++)
        expect(decodeRun(encodeRunIn(version, config)).config).toEqual(config);
      const written = query.split("&").map((pair) => pair.split("=") as [string, string]);
      const params = paramsOf(config.algo, config.env);
      for (const [key, text] of written.filter(([key]) => Object.hasOwn(params, key)))
        expect(params[key].format(config.values[key])).toBe(text);
    }
  });

  test("what was kept of a run with every default is read as one of them", () => {
    expect(keptQuery("")).toBe("v=1");
    expect(keptQuery("v=2&lr=0.02")).toBe("v=2&lr=0.02");
  });
});

describe("what people and programs do to a link", () => {
  const understood = (query: string) => {
    const { config, problems } = decodeRun(query);
    expect(problems).toEqual([]);
    return encodeRun(config);
  };

  test.each([
    ["algo=A3C&lr=0,001", "v=1&algo=a3c&lr=0.001"],
    ["env=cartpole-V0&optimizer=RMSProp", "v=1&env=CartPole-v0&optimizer=rmsprop"],
    ["clip=OFF&optimizer=SGD", "v=1&optimizer=sgd&clip=off"],
    ["until=Solved, steps: 20k", "v=1&until=solved,steps:20000"],
    ["until=Solved,%20steps%3A%20２００００", "v=1&until=solved,steps:20000"],
    ["hidden=32, 32&horizon=1e5", "v=1&horizon=100000&hidden=32,32"],
    ["seed= 7 & lr=%0a0.02", "v=1&lr=0.02&seed=7"],
    ["v=1&amp;algo=a3c&amp;amp;seed=7&AMP;lr=0.02", "v=1&algo=a3c&lr=0.02&seed=7"],
    ["?seed=7&amp;lr=0.02", "v=1&lr=0.02&seed=7"],
  ])("%s is understood", (query, canonical) => expect(understood(query)).toBe(understood(canonical)));

  const trackers = [
    ..."fbclid=IwAR0_x gclid=a.b utm_source=news utm_Medium=e%20mail UTM_ID=1 _gl=1*x*_ga*y _ga=2.3 gbraid=1 wbraid=2".split(
      " ",
    ),
    ..."dclid=1 msclkid=a mc_cid=1 mc_eid=2 igshid=q== igsh=1 si=x yclid=1 twclid=2 ttclid=3 li_fat_id=4 ref=hn".split(
      " ",
    ),
    ..."ref_src=twsrc%5Etfw _hsenc=1 _hsmi=2 mtm_campaign=1 __cft__[0]=a mkt_tok=% gclid=twice srsltid utm_term=".split(
      " ",
    ),
  ];
  test.each(trackers)("%s says nothing of a run", (tracker) => {
    expect(understood(`seed=7&${tracker}&lr=0.02&amp;${tracker}`)).toBe(understood("seed=7&lr=0.02"));
    expect(withoutTracking(`?seed=7&${tracker}&colour=red`)).toBe("?seed=7&colour=red");
    for (const start of ["", "?", "#"]) expect(withoutTracking(start + tracker)).toBe("");
  });

  test("no hyperparameter is taken for a tracker, and nothing of a run is left out", () => {
    const names = pairs.flatMap(([algo, env]) => Object.keys(paramsOf(algo, env)));
    for (const name of [...names, "v", "algo", "env", "lesson", "embed", "show", "run"])
      expect(isTracking(name)).toBe(false);
    fc.assert(
      fc.property(anyConfig, (config) => {
        for (const start of ["", "?", "#"])
          expect(withoutTracking(start + encodeRun(config))).toBe(encodeRun(config) && start + encodeRun(config));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a link of 20,000 characters", () => {
  const filled = (pair: (i: number) => string) =>
    Array.from({ length: 20_000 }, (_, i) => pair(i))
      .join("&")
      .slice(0, 20_000);
  const code = (i: number) => i.toString(36).padStart(3, "0");
  test.each([
    ["unknown names", filled((i) => `k${code(i)}=1`)],
    ["names near others", filled((i) => `learningrat${code(i)}=1`)],
    ["long names", filled((i) => `${code(i)}${"learningrate".repeat(5).slice(0, 54)}=1`)],
    ["names without values", filled((i) => code(i))],
    ["one name", filled(() => "a=1")],
    ["illegal values", filled((i) => `lr=${i}&%6C%72=${i}&until=${"steps:1,".repeat(20)}`)],
    ["separators", "&".repeat(20_000)],
    ["trackers", filled((i) => `utm_${code(i)}=1`)],
    ["&amp;", filled(() => "amp;amp;amp;seed=1")],
  ])("of %s is refused at once", (_, query) => {
    vi.mocked(closest).mockClear();
    const times = Array.from({ length: 5 }, () => {
      const before = performance.now();
      decodeAddress(query);
      return performance.now() - before;
    });
    expect(vi.mocked(closest).mock.calls.length).toBeLessThanOrEqual(5 * 51);
    expect(Math.min(...times)).toBeLessThan(50);
    const { config, problems } = decodeAddress(`${query}&lr=0.5`);
    expect(configProblems(config)).toEqual([]);
    expect(problems[0].key).toBe("query");
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
