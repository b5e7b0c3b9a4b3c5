/** The copies of reference values in tests/golden, and what is said of files that are wrong. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { filesOf, readSuite, suiteIn } from "../../src/cli/golden/index.ts";
import { checkFile, checkFolder } from "../../src/cli/golden.ts";
import { capture, root } from "../../src/cli/process.ts";

const folder = join(root, "tests/golden");
/** Held to by tests of their own: src/cli/golden has no checker for them yet. */
const elsewhere = ["algorithms/gaussian.json", "algorithms/normalise.json"];
const files = filesOf(folder).flatMap((path) => {
  if (elsewhere.includes(path)) return [];
  const suite = readSuite(folder, path);
  return suite ? [{ path, suite }] : []; // values of this program's own are of other forms
});

test("there are files of every form, for every environment", () => {
  const environments = files.find(({ path }) => path === "environments.json")?.suite.cases ?? [];
  expect(environments.length).toBeGreaterThanOrEqual(6);
  for (const { name } of environments)
    expect(
      files.some(({ path }) => path.startsWith(name)),
      name,
    ).toBe(true);
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["reset_distribution.json", "algorithms/gae.json", "algorithms/optimizers.json"]),
  );
  for (const { path, suite } of files) expect(suite.cases.length, path).toBeGreaterThan(0);
});

describe.each(files)("$path", ({ suite }) => {
  test.each(suite.cases)("$name", ({ check }) => {
    expect(check()).toBeNull();
  });
});

test("what is not implemented is named", () => {
  const missing = files.flatMap(({ path, suite }) => suite.missing.map(({ name, what }) => `${path} ${name}: ${what}`));
  const optimizers = {
    sgd_momentum: "momentum",
    sgd_nesterov: "momentum",
    rmsprop_eps_outside: "ε outside the root",
    rmsprop_eps_01_outside: "ε outside the root",
    rmsprop_accumulator_1: "initial_accumulator",
    rmsprop_momentum_outside: "ε outside the root",
    rmsprop_centered_dqn: "centered",
    rmsprop_centered_outside: "ε outside the root",
    adagrad_gorila: "adagrad",
    adagrad_accumulator: "adagrad",
  };
  const gaussian = ["gaussian_td", "gaussian_per_state", "gaussian_returns", "gaussian_n1"];
  expect(missing).toEqual([
    ...gaussian.map((name) => `algorithms/actor_critic.json ${name}: gaussian`),
    ...Object.entries(optimizers).map(([name, what]) => `algorithms/optimizers.json ${name}: ${what}`),
  ]);
});

// biome-ignore lint/suspicious/noExplicitAny: files of any form
type Json = any;
const read = (path: string): Json => JSON.parse(readFileSync(join(folder, path), "utf8"));

/** What the cases of an edited file say; null where all is well. */
function verdicts(path: string, edit: (data: Json) => void): (string | null)[] {
  const data = read(path);
  edit(data);
  return suiteIn(path, JSON.stringify(data))!.cases.map(({ check }) => check());
}

describe("a wrong number is found", () => {
  const path = "Pendulum-v1.json";
  test.each<[string, (episode: Json) => void]>([
    ["step 3: the state[1] is ", (of) => (of.states[3][1] += 1e-10)],
    ["step 3: the reward is ", (of) => (of.rewards[3] += 1e-10)],
    ["step 3: the observation[0] is ", (of) => (of.observations[3][0] += 1e-6)],
    ["step 3: the task did not end", (of) => (of.terminated[3] = true)],
    ["step 3: it is cut", (of) => (of.truncated[3] = true)],
    ["step 0: the state[0] is ", (of) => (of.initial_state[1] += 1e-10)],
    ["the observation[2] is ", (of) => (of.initial_observation[2] += 1e-5)],
    ["step 0: the state has 2 components, not 3", (of) => of.states[0].push(0)],
  ])("in an episode: %s", (words, edit) => {
    const [first, ...others] = verdicts(path, ({ episodes }) => edit(episodes[0]));
    expect(first).toContain(words);
    expect(others.every((one) => one === null)).toBe(true);
  });

  test("in an angle, but not a whole turn", () => {
    const turned = (by: number) =>
      verdicts("Acrobot-v1.json", ({ episodes }) => {
        for (const of of episodes) of.states.at(-1)[0] += by;
      }).filter((one) => one !== null).length;
    expect(turned(2 * Math.PI)).toBe(0);
    expect(turned(1e-3)).toBe(read("Acrobot-v1.json").episodes.length);
  });

  test("in a description", () => {
    const said = verdicts("environments.json", ({ environments }) => {
      environments["CartPole-v0"].truncation.max_episode_steps++;
      environments["CartPole-v1"].constants.masspole = 0.2;
      environments["Acrobot-v1"].constants.dt = 0.1;
      environments["MountainCar-v0"].state[0].unit = "ft";
      environments["MountainCarContinuous-v0"].actions.high = 2;
      environments["Pendulum-v1"].reward_threshold = -200;
    });
    expect(said).toEqual([
      "the step limit: 200, not 201",
      "massPole: 0.1, not 0.2",
      "seconds a step: 0.2, not 0.1",
      'units of the state: ["m","m per step"], not ["ft","m per step"]',
      "bounds of actions: [[-1,1]], not [[-1,2]]",
      "solved at: null, not -200",
    ]);
  });

  test("in a distribution of starts", () => {
    const said = verdicts("reset_distribution.json", ({ environments }) => {
      environments["CartPole-v0"].measured.mean[2] += 0.01;
      environments["CartPole-v1"].measured.std[0] *= 1.1;
      environments["Acrobot-v1"].measured.quantiles["0.5"][3] += 0.02;
      environments["Pendulum-v1"].code_bounds.high[1] = 0.9;
    });
    const words = [
      /^the mean of component 2/,
      /^the standard deviation of component 0/,
      /^quantile 0\.5 of component 3/,
    ];
    words.forEach((one, i) => {
      expect(said[i]).toMatch(one);
    });
    expect(said.filter((one) => one === null)).toHaveLength(2);
    expect(said.at(-1)).toMatch(/^component 1 starts from -[\d.]+ to [\d.]+, outside of -1 to 0\.9/);
  });

  /** Every number of what is expected, and how to change it; of an array, the last. */
  function* numbersIn(of: Json, key: string | number): Generator<{ x: number; set(x: number): void }> {
    const value = of[key];
    if (Array.isArray(value?.data)) yield* numbersIn(value.data, value.data.length - 1);
    else if (typeof value === "object") for (const name of Object.keys(value)) yield* numbersIn(value, name);
    else
      yield {
        x: Number(value),
        set: (x) => {
          of[key] = x;
        },
      };
  }

  const without = ["reward_sum", "steps", "bootstrap_discount", "bootstrap_value_used", "clipped_torch"];
  test.each(files.filter(({ path }) => path.startsWith("algorithms/")))("anywhere in $path", ({ path, suite }) => {
    const data = read(path);
    let tried = 0;
    for (const { name } of suite.cases) {
      const of = data.cases.find((one: Json) => one.name === name);
      for (const key of Object.keys(of.expected).filter((one) => !without.includes(one)))
        for (const { x, set } of numbersIn(of.expected, key)) {
          set(x + 1e-3 * Math.max(1, Math.abs(x)));
          const [{ check }] = suiteIn(path, JSON.stringify({ ...data, cases: [of] }))!.cases;
          expect(check(), `${name} ${key}`).toContain(key);
          set(x);
          tried++;
        }
    }
    expect(tried).toBeGreaterThanOrEqual(suite.cases.length);
  });

  test("where something is expected that nothing computes, or of another shape", () => {
    const path = "algorithms/gae.json";
    const said = verdicts(path, ({ cases }) => {
      cases[0].expected.more = 1;
      cases[1].expected.returns.shape.reverse();
      cases[2].expected.returns = 1;
    });
    expect(said.slice(0, 4)).toEqual([
      "float64: more is not computed",
      expect.stringMatching(/^float64: returns has shape \[\d+,\d+\], expected/),
      "float64: returns is no number",
      null,
    ]);
  });
});

describe("a folder", () => {
  const temporary = mkdtempSync(join(tmpdir(), "cartpool-golden-"));
  afterAll(() => rmSync(temporary, { recursive: true }));
  const checked = (of: string) => {
    const lines: string[] = [];
    return { failed: checkFolder(of, (line) => void lines.push(line)), lines };
  };
  const put = (path: string, text: string) => writeFileSync(join(temporary, path), text);

  test("is gone through, a line a file, and ends with 1 where something is wrong", () => {
    mkdirSync(join(temporary, "algorithms"));
    for (const path of ["Pendulum-v1.json", "algorithms/optimizers.json"])
      cpSync(join(folder, path), join(temporary, path));
    const other = { name: "a", kind: "vtrace", inputs: { x: 1 }, expected: { y: "inf" } };
    const { tolerance } = read("algorithms/gae.json");
    put("algorithms/vtrace.json", JSON.stringify({ tolerance, cases: [other] }));
    put("README.md", "no JSON");
    put("other.json", "[1, 2]");
    const known = {
      "Pendulum-v1.json": "9 cases, 0 failures",
      "algorithms/optimizers.json":
        "15 cases, 0 failures; not implemented: momentum (2), ε outside the root (4), initial_accumulator, centered, adagrad (2)",
      "algorithms/vtrace.json": "not implemented",
      "other.json": "of no form that is known",
    };
    const lined = (texts: Record<string, string>) =>
      Object.entries(texts).map(([path, text]) => `${path.padEnd(26)}  ${text}`);
    expect(checked(temporary)).toEqual({ failed: 0, lines: lined(known) });

    const gae = read("algorithms/gae.json");
    gae.cases[4].expected.advantages.data[0] += 1;
    put("algorithms/gae.json", JSON.stringify(gae));
    const script = join(root, "src/cli/golden.ts");
    const { code, output } = capture(process.execPath, ["--import", "tsx", script, temporary], 60);
    const lines = output.trimEnd().split("\n");
    expect(code).toBe(1);
    expect(lines).toHaveLength(5);
    expect(lines.find((line) => line.startsWith("algorithms/gae.json"))).toMatch(
      /^algorithms\/gae\.json {9}13 cases, 1 failures; mixed_ends: float64: advantages\[0\] is \S+, expected \S+$/,
    );
  });

  test.each<[string, string, RegExp]>([
    ["broken.json", '{"cases": [', /^damaged: .*JSON/],
    ["empty.json", "", /^damaged: .*JSON/],
    ["none.json", "null", /^of no form/],
    ["short.json", '{"cases": [], "tolerance": {}}', /^damaged: tolerance\.float64: Invalid input/],
    [
      "Acrobot-v1.json",
      '{"env": "Acrobot-v1", "options": {}, "episodes": [{"name": "x"}]}',
      /^damaged: episodes\.0\.\w+: /,
    ],
    ["unknown.json", '{"env": "Ant-v5", "options": {}, "episodes": []}', /^not implemented/],
  ])("holds %s: that is said", (path, text, words) => {
    put(path, text);
    const line = checkFile(temporary, path);
    expect(line.text).toMatch(words);
    expect(line.isFailure).toBe(line.text.startsWith("damaged"));
  });

  test("recordings of other options and environments are not implemented; of other physics they are compared", () => {
    const edited = (edit: (data: Json) => void) => {
      const data = read("CartPole-v1.euler.json");
      edit(data);
      put("edited.json", JSON.stringify(data));
      return checkFile(temporary, "edited.json").text;
    };
    expect(edited((data) => (data.options = { sutton_barto_reward: true }))).toBe("not implemented");
    expect(edited((data) => (data.env = "CartPole-v9"))).toBe("not implemented");
    expect(edited((data) => (data.options.gravity = 9.8))).toBe("10 cases, 0 failures");
    expect(edited((data) => (data.options.gravity = 9))).toMatch(
      /^10 cases, 9 failures; random-a: step 0: the state\[1\] is /,
    );
    expect(edited((data) => data.episodes[0].rewards.pop())).toMatch(
      /^damaged: episodes\.0: an episode has other numbers/,
    );
  });

  test("an array that does not fill its shape fails its case", () => {
    const data = read("algorithms/gae.json");
    data.cases[1].inputs.rewards.data.pop();
    put("gae.json", JSON.stringify(data));
    expect(checkFile(temporary, "gae.json").text).toBe(
      "13 cases, 1 failures; basic: rewards: data do not fill the shape",
    );
  });

  test("that is not there, or holds nothing, is refused", () => {
    expect(() => checked(join(temporary, "nowhere"))).toThrow(/no folder .*nowhere/);
    mkdirSync(join(temporary, "nothing"));
    expect(() => checked(join(temporary, "nothing"))).toThrow("no JSON files");
  });
});
