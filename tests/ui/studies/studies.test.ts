import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultConfig, switchTo, withValues } from "../../../src/runtime/plan/config.ts";
import type { Phase, Runner, Snapshot } from "../../../src/runtime/seen/view.ts";
import { encodeRun } from "../../../src/ui/address/url.ts";
import {
  band,
  bandsOf,
  type CurvePoint,
  type Ended,
  endOf,
  GRID,
  heldAt,
  studyRows,
  valueAt,
} from "../../../src/ui/studies/curves.ts";
import { differences, labelOf } from "../../../src/ui/studies/differences.ts";
import { configsOf, entriesLeft, joined, planOf } from "../../../src/ui/studies/kept.ts";
import { type Outcome, parseStudy, type Study } from "../../../src/ui/studies/outcome.ts";
import { estimate, interquartileMean, inWords } from "../../../src/ui/studies/statistics.ts";
import {
  clockProblem,
  csvOf,
  type Entry,
  entriesOf,
  gridOf,
  labelsOf,
  runStudy,
  twinIn,
  warmUp,
} from "../../../src/ui/studies/study.ts";

const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 });

describe("the interquartile mean", () => {
  test.each([
    [[1, 2, 3, 4], 2.5],
    [[4, 100, 2, 3, 1, -50, 5, 6], 3.5], // of 2, 3, 4, 5
    [[7], 7],
    [[0, 10], 5], // half of each
    [[0, 3, 9], (0.25 * 0 + 3 + 0.25 * 9) / 1.5],
    [[1, 2, 3, 4, 5, 100], (0.5 * 2 + 3 + 4 + 0.5 * 5) / 3],
  ])("of %j is %d", (of, expected) => {
    expect(interquartileMean(of)).toBeCloseTo(expected, 12);
  });
  test("lies among the values, whatever their order, and within its interval", () => {
    fc.assert(
      fc.property(values, (of) => {
        const iqm = interquartileMean(of);
        expect(iqm).toBeGreaterThanOrEqual(Math.min(...of) - 1e-9);
        expect(iqm).toBeLessThanOrEqual(Math.max(...of) + 1e-9);
        expect(interquartileMean([...of].reverse())).toBeCloseTo(iqm, 9);
        const { interval, iqm: same } = estimate(of, 100);
        expect(same).toBe(iqm);
        expect(estimate([...of].reverse(), 100)).toEqual({ iqm, interval });
        expect(interval === null).toBe(of.length < 3);
        const [low, high] = interval ?? [iqm, iqm];
        expect(low).toBeLessThanOrEqual(iqm);
        expect(high).toBeGreaterThanOrEqual(iqm);
      }),
    );
  });
  test("has no width where the runs are alike, the same one twice, and a narrower one with more runs", () => {
    expect(estimate([5, 5, 5, 5])).toEqual({ iqm: 5, interval: [5, 5] });
    const few = [1, 9, 4, 6];
    expect(estimate(few)).toEqual(estimate(few));
    const many = Array.from({ length: 16 }, () => few).flat();
    const width = (of: number[]) => {
      const [low, high] = estimate(of).interval!;
      return high - low;
    };
    expect(width(many)).toBeLessThan(width(few) / 2);
  });
  test("is all that is said of one run or two", () => {
    expect([[500], [500, 500], [58.5, 500, 500]].map((of) => inWords(estimate(of)))).toEqual([
      "500.0",
      "500.0",
      "426.4 [58.5, 500.0]",
    ]);
  });
  test("its interval is that of a bootstrap written otherwise, within the noise of resampling", () => {
    const runs = [12, 480, 500, 300, 475, 90, 333, 410, 450, 500];
    let state = 1;
    const random = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const middle = (xs: number[]) => {
      const s = [...xs].sort((a, b) => a - b);
      return (0.5 * s[2] + s[3] + s[4] + s[5] + s[6] + 0.5 * s[7]) / 5;
    };
    const drawn = Array.from({ length: 4000 }, () => middle(runs.map(() => runs[Math.floor(random() * 10)]))).sort(
      (a, b) => a - b,
    );
    const { iqm, interval } = estimate(runs);
    const [low, high] = interval!;
    expect(iqm).toBeCloseTo(middle(runs), 10);
    expect(Math.abs(low - drawn[100])).toBeLessThan(25);
    expect(Math.abs(high - drawn[3899])).toBeLessThan(12);
  });
});

const curve = (...points: [number, number][]): CurvePoint[] =>
  points.map(([envSteps, mean]) => ({ envSteps, seconds: envSteps / 1000, mean, mean100: Number.NaN }));

/** A run that ended at its last point, or later. */
const ended = (of: CurvePoint[], envSteps = of.at(-1)!.envSteps, group = 0): Ended => ({
  group,
  curve: of,
  envSteps,
  seconds: envSteps / 1000,
});

describe("curves on one grid", () => {
  test("between points by a line, before the first and beyond the last nothing", () => {
    const of = curve([10, 0], [20, 10], [40, 20]);
    expect([5, 10, 15, 20, 30, 40, 90].map((x) => valueAt(of, "envSteps", x))).toEqual([
      Number.NaN,
      0,
      5,
      10,
      15,
      20,
      Number.NaN,
    ]);
    expect(valueAt(of, "seconds", 0.03)).toBeCloseTo(15, 12);
    expect(valueAt([], "envSteps", 3)).toBeNaN();
  });
  test("a run that has ended holds its last value, and has none before it begins", () => {
    const of = ended(curve([10, 0], [20, 10]), 30);
    expect([5, 15, 25, 30, 90].map((x) => heldAt(of, "envSteps", x))).toEqual([Number.NaN, 5, 10, 10, 10]);
    expect(heldAt({ group: 0, curve: [] }, "envSteps", 3)).toBeNaN();
  });
  test("the band is the statistics of the values there, where at least half of the runs have begun", () => {
    const runs = [curve([0, 1], [100, 1]), curve([0, 3], [100, 3]), curve([50, 8], [100, 8])].map((c) => ended(c));
    const points = band(runs, "envSteps", 100);
    expect(points).toHaveLength(GRID);
    expect(points[0].runs).toBe(2);
    expect(points[0].iqm).toBeCloseTo(2, 12);
    expect(points[0].interval).toBeNull();
    expect(points.at(-1)!.runs).toBe(3);
    expect(points.at(-1)!.iqm).toBeCloseTo(interquartileMean([1, 3, 8]), 12);
    const late = [curve([90, 1], [100, 1]), curve([95, 1], [100, 1]), curve([0, 1], [100, 1])].map((c) => ended(c));
    expect(band(late, "envSteps", 100)[0].x).toBe(90);
  });
  test("a fast run that ended high does not drop out of the mean: it ends at the mean of the final values", () => {
    const fast = (x: number) => ended(curve([0, 0], [x, 500]));
    const slow = ended(curve([0, 0], [100, 300]));
    const points = band([fast(30), fast(35), fast(40), slow], "seconds", 0.1);
    expect(points.at(-1)).toMatchObject({ runs: 4, held: 3, iqm: 500 });
    for (const [i, { iqm }] of points.entries()) if (i > 0) expect(iqm).toBeGreaterThanOrEqual(points[i - 1].iqm);
  });
  test("where a run has ended, the mean is marked as such; a run that ends within the last stretch is under way in it", () => {
    const outcomes = [
      ended(curve([0, 1], [50, 1])), // solved early
      ended(curve([0, 3], [98, 3]), 100),
      ended(curve([0, 7], [80, 7]), 80, 1),
    ];
    const live = [{ group: 1, curve: curve([0, 5], [60, 5]) }];
    const rows = studyRows(outcomes, bandsOf(outcomes, 2, "envSteps", 100), live, "envSteps", 100, true);
    const at = (x: number) => rows.find((row) => row.x === x)!;
    expect(at(50)).toMatchObject({ iqm0: 2, part0: 2, runs0: 2, held0: 0, iqm1: 7, run0: 1, run1: 3, run2: 7 });
    expect(at(60)).toEqual({
      ...{ x: 60, part0: 2, runs0: 2, held0: 1, iqm1: 7, runs1: 1, held1: 0 },
      ...{ run1: 3, run2: 7, live0: 5 },
    });
    expect(at(49).part0).toBeUndefined();
    expect(at(90)).toEqual({ x: 90, part0: 2, runs0: 2, held0: 1, part1: 7, runs1: 1, held1: 1, run1: 3 });
    const [first, , third] = outcomes;
    const three = studyRows(
      [first, first, third].map((of) => ({ ...of, group: 0 })),
      [band([first, first, third], "envSteps", 80)],
      ...([[], "envSteps", 80, false] as const),
    );
    expect(three.at(-1)).toEqual({ x: 80, part0: 2, band0: [1, 7], runs0: 3, held0: 2 });
    expect(endOf(outcomes, live, "envSteps")).toBe(100);
    expect(endOf([], live, "envSteps")).toBe(60);
    expect(endOf([], [], "envSteps")).toBe(1);
  });
});

describe("differences", () => {
  const base = defaultConfig("a2c");
  test("name only what sets configurations apart", () => {
    const faster = withValues(base, { lr: 0.02 });
    const other = withValues(switchTo(base, { algo: "a3c" }), { lr: 0.02 });
    expect(differences([base, base])).toEqual([]);
    expect(differences([base, faster])).toEqual(["lr"]);
    expect(differences([faster, other])).toEqual(["algo"]);
    expect(new Set(differences([base, withValues(other, { apply: "actors" })]))).toEqual(
      new Set(["algo", "apply", "lr"]),
    );
    expect(labelOf(other, ["algo", "lr"])).toBe("A3C · α 0.02");
    expect(labelsOf([base, other])).toEqual(["A2C · α 0.01", "A3C · α 0.02"]);
    expect(labelsOf([base, withValues(base, { seed: 5 })])).toEqual(["A2C", "A2C"]);
    // Gravity belongs to its environment.
    const car = defaultConfig("a2c", "MountainCar-v0");
    expect(differences([base, car])).toEqual(["env"]);
    expect(differences([base, withValues(car, { gravity: 0.004 })])).toEqual(["env", "gravity"]);
  });
});

describe("a study", () => {
  const base = withValues(defaultConfig("a2c"), { seed: 3 });
  test("has every combination, seed by seed, each with an end", () => {
    const grid = gridOf(base, [
      { key: "lr", values: [0.01, 0.02] },
      { key: "lambda", values: [0.9, 1] },
    ]);
    expect(grid.map(({ values }) => [values.lr, values.lambda])).toEqual([
      [0.01, 0.9],
      [0.01, 1],
      [0.02, 0.9],
      [0.02, 1],
    ]);
    const entries = entriesOf(grid, 3, 5000, true);
    expect(entries.map(({ group, config }) => [group, config.values.seed])).toEqual(
      [3, 4, 5].flatMap((seed) => [0, 1, 2, 3].map((group) => [group, seed])),
    );
    expect(entries[0].config.values.until).toEqual([{ when: "solved" }, { when: "steps", count: 5000 }]);
    expect(() => gridOf(base, [{ key: "lr", values: [7] }])).toThrow("lr must be a number");
    expect(() => gridOf(base, [{ key: "wings", values: [7] }])).toThrow("no hyperparameter");
    expect(() => entriesOf(grid, 20, 5000, true)).toThrow("80 runs are too many");
  });

  /** A runner whose runs end after a turn, all but those of seed 4, which never end. */
  function fake() {
    const listeners = new Set<() => void>();
    let phase: Phase = "idle";
    let config = base;
    const enter = (next: Phase) => {
      phase = next;
      for (const listener of [...listeners]) listener();
    };
    const runner = {
      start: async (next: typeof base) => {
        config = next;
        enter("running");
        if (next.values.seed !== 4) setTimeout(() => enter(next.values.seed === 5 ? "failed" : "stopped"), 1);
      },
      reset: async () => enter("idle"),
      onPhase: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      snapshot: () =>
        ({
          phase,
          resolved: config,
          returns: [],
          envSteps: 9,
          problem: phase === "failed" ? "NaN" : null,
        }) as unknown as Snapshot,
    } as unknown as Runner;
    return { runner, listeners };
  }
  test("compares no configuration with itself", () => {
    const faster = withValues(base, { lr: 0.02 });
    const other = switchTo(base, { algo: "a3c" });
    expect(twinIn([base, faster, other])).toBeNull();
    expect(twinIn([base, faster, other, withValues(faster, { seed: 9, pace: "watchable" })])).toBe("A2C · α 0.02");
    expect(twinIn([base, withValues(faster, { lr: 0.01 })])).toBe("A2C");
  });
  const entry = (seed: number, round = 0): Entry => ({ group: 0, round, config: withValues(base, { seed }) });

  test("goes on after a run that failed", async () => {
    const { runner, listeners } = fake();
    const seen: string[] = [];
    const outcomes = await runStudy([runner], [entry(3), entry(5), entry(6)], new AbortController().signal, {
      pace: () => "watchable",
      onBegin: ({ config }) => seen.push(`${config.values.seed} begins`),
      onEnd: async ({ seed }, of) => {
        seen.push(`${seed} ${of.snapshot().phase} at ${of.snapshot().resolved.values.pace}`);
      },
    });
    expect(outcomes.map(({ seed, problem }) => [seed, problem])).toEqual([
      [3, null],
      [5, "NaN"],
      [6, null],
    ]);
    expect(outcomes[0].query).not.toContain("pace");
    expect(seen).toEqual(
      ["3 begins", "3 stopped", "5 begins", "5 failed", "6 begins", "6 stopped"].map((what) =>
        what.includes("begins") ? what : `${what} at watchable`,
      ),
    );
    expect(listeners.size).toBe(0);
  });
  test("is warmed up by a short run of each configuration, of which it keeps nothing", async () => {
    const { runner, listeners } = fake();
    const { start } = runner;
    const warmed: unknown[] = [];
    runner.start = (config, options) => {
      warmed.push([config.values.lr, config.values.until]);
      return start(config, options);
    };
    const faster = { ...entry(3), group: 1, config: withValues(base, { lr: 0.02, seed: 3 }) };
    await warmUp(runner, [entry(3), faster, entry(6)], new AbortController().signal);
    const short = [{ when: "steps", count: 10_000 }];
    expect(warmed).toEqual([
      [0.01, short],
      [0.02, short],
    ]);
    const off = new AbortController();
    const called = warmUp(runner, [entry(4), faster], off.signal); // seed 4 never ends
    off.abort();
    await called;
    expect(warmed).toHaveLength(3);
    expect(runner.snapshot().phase).toBe("idle");
    expect(listeners.size).toBe(0);
  });
  test("called off in mid-run keeps what is done", async () => {
    const { runner, listeners } = fake();
    const off = new AbortController();
    const study = runStudy([runner], [entry(3), entry(4), entry(6)], off.signal);
    await new Promise((resolve) => setTimeout(resolve, 30));
    off.abort();
    expect((await study).map(({ seed }) => seed)).toEqual([3]);
    expect(runner.snapshot().phase).toBe("idle");
    expect(listeners.size).toBe(0);
  });

  test("together, each on a runner of its own, the next seed when all have ended", async () => {
    const [one, two] = [fake(), fake()];
    const begun: [number, boolean][] = [];
    const outcomes = await runStudy(
      [one.runner, two.runner],
      [entry(3), entry(5), entry(6), entry(7, 1), entry(8, 1)],
      new AbortController().signal,
      { onBegin: ({ config }, of) => begun.push([config.values.seed as number, of === one.runner]) },
    );
    expect(begun).toEqual([
      [3, true],
      [5, false],
      [6, true], // what is left of a round has no company from the next
      [7, true],
      [8, false],
    ]);
    expect(outcomes.map(({ seed }) => seed)).toEqual([3, 5, 6, 7, 8]);
  });

  const outcomeOf = ({ group, config }: Entry): Outcome => ({
    group,
    query: encodeRun(config),
    seed: config.values.seed as number,
    envSteps: 5000,
    updates: 9,
    seconds: 0.2,
    solvedAt: null,
    final: Number.NaN,
    curve: curve([10, 2]),
    parametersHash: "0badf00d",
    problem: null,
  });
  /** Of these configurations, all of its runs still to be made. */
  const planned = (configs: readonly (typeof base)[], seeds: number): Study => ({
    queries: configs.map(encodeRun),
    together: false,
    disturbed: false,
    limit: 5000,
    whenSolved: true,
    total: configs.length * seeds,
    outcomes: [],
  });

  test("is exported with every run's end and curve", () => {
    const outcome = { ...outcomeOf(entry(7)), final: 12.5, sleptSeconds: 3.5, curve: curve([10, 2], [20, 3], [30, 4]) };
    // As it is drawn: the mean of the last 100 episodes where there are so many.
    outcome.curve[2] = { ...outcome.curve[2], mean100: 3.25 };
    const lines = csvOf([outcome, { ...outcomeOf(entry(8)), curve: [] }], ['α "0.02"']).split("\n");
    const query = encodeRun(withValues(base, { seed: 7 }));
    const named = '"α ""0.02""",7';
    expect(lines[0].split(",").slice(0, 6)).toEqual([
      "what",
      "configuration",
      "seed",
      "env-steps",
      "seconds",
      "mean return of the last 100 episodes",
    ]);
    expect(lines.slice(1, 5)).toEqual([
      `end,${named},5000,0.2,12.5,9,,,0badf00d,${query},3.5`,
      `curve,${named},10,0.01,2,,,,,,`,
      `curve,${named},20,0.02,3,,,,,,`,
      `curve,${named},30,0.03,3.25,,,,,,`,
    ]);
    expect(lines).toHaveLength(6);
    expect(lines[5]).toMatch(/^end,[^,]*,8,5000,0\.2,,9,/); // it has no mean
  });

  test("says why wall times are not to be compared: cores that were shared, a machine that slept", () => {
    const outcomes = [outcomeOf(entry(1)), { ...outcomeOf(entry(2)), sleptSeconds: 0 }];
    const of = { together: false, disturbed: false, outcomes };
    expect(clockProblem(of)).toBeNull();
    expect(clockProblem({ ...of, outcomes: [...outcomes, { ...outcomeOf(entry(3)), sleptSeconds: 61 }] })).toBe(
      "The machine slept during 1 of 3 runs: wall times are not comparable.",
    );
    expect(clockProblem({ ...of, disturbed: true })).toContain("shared the cores");
    expect(clockProblem({ ...of, together: true })).toContain("shared the cores");
  });

  test("that was kept is read again, and nothing else is", () => {
    const faster = withValues(base, { lr: 0.02 });
    const outcome = outcomeOf({ group: 0, round: 0, config: faster });
    const study: Study = { ...planned([faster], 1), outcomes: [outcome] };
    expect(parseStudy(structuredClone(study))).toEqual(study);
    const { whenSolved, ...unsaid } = study;
    expect(parseStudy(unsaid)).toEqual(unsaid);
    expect(parseStudy(undefined)).toBeNull();
    // Before v=2 a configuration with every default was kept as nothing.
    const old = parseStudy({ ...study, queries: ["", ...study.queries.slice(1)] });
    expect(configsOf(old!)[0]).toEqual(defaultConfig("a2c", "CartPole-v1", 1));
    for (const broken of [
      { total: "many" },
      { total: 0 },
      { total: 65 },
      { limit: 0.5 },
      { whenSolved: "yes" },
      { queries: [] },
      { queries: ["", ""] }, // of two configurations, one run in all
      { outcomes: [{ ...outcome, group: 1 }] },
      { total: 2, outcomes: [outcome, outcome] },
      { outcomes: [outcome, { ...outcome, seed: 4 }] },
    ])
      expect(parseStudy({ ...study, ...broken }), JSON.stringify(broken)).toBeNull();
  });

  test("that was interrupted has the runs left that were not made, whichever were", () => {
    const configs = [
      base,
      withValues(base, { lr: 0.02 }),
      base,
      withValues(switchTo(base, { algo: "a3c" }), { seed: 9 }),
    ];
    const study = planned(configs, 3);
    expect(configsOf(study)).toEqual(configs);
    const all = entriesOf(configs, 3, 5000, true);
    expect(entriesLeft(study)).toEqual(all);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(all.length - 1)), (made) => {
        const kept = parseStudy({ ...study, outcomes: made.map((i) => outcomeOf(all[i])) });
        expect(entriesLeft(kept!)).toEqual(all.filter((_, i) => !made.includes(i)));
      }),
      { numRuns: 30 },
    );
    const plan = { configs, seeds: 3, limit: 5000, whenSolved: true };
    expect(planOf(study)).toEqual({ ...plan, order: "one after the other" });
    expect(planOf({ ...study, together: true })).toEqual({ ...plan, order: "together" });
  });
  test("that two tabs have added to has every run once", () => {
    const study = planned([base], 3);
    const [first, second, third] = entriesOf([base], 3, 5000, true).map(outcomeOf);
    const mine = { ...study, outcomes: [first, second] };
    expect(joined(mine, null)).toBe(mine);
    expect(joined(mine, { ...study, outcomes: [first] })).toEqual(mine);
    const whole = joined(mine, { ...study, disturbed: true, outcomes: [first, third] });
    expect(whole).toEqual({ ...study, disturbed: true, outcomes: [third, first, second] });
    expect(entriesLeft(whole)).toEqual([]);
  });
  test("goes on at the other end of the seeds, and on the engine that its runs had", () => {
    const last = withValues(base, { seed: 2 ** 32 - 1 });
    const study = planned([last, base], 2);
    const all = entriesOf([last, base], 2, 5000, true);
    const chosen = { engine: "webgpu", gradients: "learner" };
    const made = { ...all[0], config: withValues(all[0].config, chosen) };
    const failed = { ...outcomeOf({ ...all[1], config: withValues(all[1].config, chosen) }), problem: "NaN" };
    expect(entriesLeft({ ...study, outcomes: [outcomeOf(made), failed] })).toEqual([
      { group: 0, round: 1, config: withValues(last, { ...all[2].config.values, ...chosen, seed: 0 }) },
      all[3],
    ]);
  });
  test("has nothing left to make where it is not known what was planned", () => {
    const study = planned([base], 2);
    const [first] = entriesOf([base], 2, 5000, true);
    expect(entriesLeft(study)).toHaveLength(2);
    expect(entriesLeft({ ...study, whenSolved: undefined })).toEqual([]);
    expect(entriesLeft({ ...study, queries: ["v=1&wings=2"] })).toEqual([]);
    expect(entriesLeft({ ...study, outcomes: [{ ...outcomeOf(first), seed: 77 }] })).toEqual([]);
  });
});
