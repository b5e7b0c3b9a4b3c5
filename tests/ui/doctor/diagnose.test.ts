import { describe, expect, test } from "vitest";
import { cartPoleV1 } from "../../../src/envs/cartpole.ts";
import { type Environment, goodReturn } from "../../../src/envs/environment.ts";
import { envs } from "../../../src/envs/index.ts";
import { configProblems, type RunConfig, withValues } from "../../../src/runtime/plan/config.ts";
import type { EvaluationPoint, UpdatePoint } from "../../../src/runtime/seen/view.ts";
import { decodeRun } from "../../../src/ui/address/url.ts";
import { bestEvaluation, isBelowBest, recentReturn } from "../../../src/ui/doctor/best.ts";
import { diagnose, type Finding, type Patient } from "../../../src/ui/doctor/diagnose.ts";
import { type Course, configOf, looksOf, readCourses } from "./courses.ts";
import { Findings, type Look, train } from "./training.ts";

const courses = readCourses();

function findings(course: Course): Finding[] {
  const found = new Findings();
  for (const look of looksOf(course)) found.look(look);
  return found.all;
}

const ids = (found: readonly Finding[]) => found.map(({ id }) => id);

test("a recorded course is what the doctor sees of the run", async () => {
  const course = courses.healthy[0];
  const live: Look[] = [];
  await train(configOf(course), 300_000, (look) => live.push(look));
  const recorded = [...looksOf(course)];
  expect(recorded.length).toBe(live.length);
  for (const [i, { updateSeries, returns, ...look }] of live.entries()) {
    const { updates, phase, trouble, evaluations, solvedAt } = recorded[i];
    expect({ updates, phase, trouble }).toEqual({ updates: look.updates, phase: look.phase, trouble: look.trouble });
    expect(solvedAt === null).toBe(look.solvedAt === null);
    expect(recorded[i].updateSeries.map((p) => p.updates)).toEqual(updateSeries.map((p) => p.updates));
    const farthest = (key: "entropy" | "gradientNorm" | "valueLoss" | "explainedVariance" | "lr", floor: number) =>
      updateSeries.reduce((most, p, at) => {
        const apart = Math.abs(recorded[i].updateSeries[at][key]! - p[key]!) / Math.max(floor, Math.abs(p[key]!));
        return Math.max(most, apart);
      }, 0);
    expect(farthest("entropy", 1)).toBeLessThanOrEqual(0.0051);
    expect(farthest("gradientNorm", 0)).toBeLessThanOrEqual(0.051);
    expect(farthest("valueLoss", 0)).toBeLessThanOrEqual(0.051);
    expect(farthest("explainedVariance", 0.1)).toBeLessThanOrEqual(0.051);
    expect(farthest("lr", 0)).toBe(0);
    expect(evaluations.map((e) => [e.updates, e.mean])).toEqual(look.evaluations.map((e) => [e.updates, e.mean]));
    expect(recentReturn(recorded[i].returns) / recentReturn(returns)).toBeCloseTo(1, 0);
    expect(diagnose({ ...look, updateSeries, returns })).toEqual([]);
  }
});

describe("a healthy run has nothing", () => {
  test.each([
    ["", 10],
    ["algo=a3c", 10],
    ["actors=1", 5],
    ["actors=8", 5],
    ["schedule=linear", 5],
    ["hidden=64,64&lr=0.002", 2],
    ["env=Acrobot-v1&lr=0.003", 3],
    ["env=Acrobot-v1&algo=a3c&lr=0.001", 3],
    ["env=MountainCar-v0&lr=0.001&entropyCost=0.1", 2], // it has found nothing, and goes on looking
  ])("%s", (query, seeds) => {
    const runs = courses.healthy.filter((course) => course.query === query);
    expect(runs.map(({ seed }) => seed)).toEqual(Array.from({ length: seeds }, (_, i) => i + 1));
    for (const course of runs) expect(ids(findings(course)), `seed ${course.seed}`).toEqual([]);
  });
});

describe("an ill run is recognised", () => {
  test.each([
    ["lr=0.1", "entropy-collapse", "restart"],
    ["lr=0.1&entropyCost=0", "entropy-collapse", "restart"],
    ["valueCost=0&lr=0.001", "dead-critic", "edit"],
    ["lr=0.1&clip=100&valueCost=10&activation=relu&hidden=256,256&gamma=1", "dead-critic", "restart"],
    ["schedule=linear&horizon=2000", "rate-spent", "edit"],
    ["env=Acrobot-v1&lr=0.01", "entropy-collapse", "restart"],
    ["env=Acrobot-v1&valueCost=0&lr=0.001", "dead-critic", "edit"],
    ["env=Acrobot-v1&lr=0.003&schedule=linear&horizon=2000", "rate-spent", "edit"],
    ["env=MountainCar-v0&lr=0.01", "entropy-collapse", "restart"],
    ["env=MountainCar-v0&valueCost=0&lr=0.001", "dead-critic", "edit"],
  ])("%s", (query, id, kind) => {
    const found = findings(courses.ill.find((course) => course.query === query)!);
    expect(ids(found)).toContain(id);
    expect(found.find((f) => f.id === id)?.action.does.kind).toBe(kind);
  });
});

const point = (updates: number, changed: Partial<UpdatePoint> = {}): UpdatePoint => ({
  envSteps: updates * 80,
  updates,
  seconds: updates / 1000,
  loss: 1,
  policyLoss: 0,
  valueLoss: 1,
  entropy: 0.6,
  gradientNorm: 5,
  lr: 0.01,
  explainedVariance: 0.5,
  staleness: 0,
  maxStaleness: 0,
  ...changed,
});
const evaluation = (updates: number, mean: number): EvaluationPoint => ({
  envSteps: updates * 80,
  updates,
  seconds: updates / 1000,
  episodes: 10,
  mean,
  std: 0,
  min: mean,
  max: mean,
});
const episodes = (updates: number, mean: number) => ({ ...evaluation(updates, mean), episodes: 20, mean100: mean });

const points = (change: (updates: number) => Partial<UpdatePoint>) =>
  Array.from({ length: 100 }, (_, i) => point(10 * (i + 1), change(10 * (i + 1))));

const patient = (changed: Partial<Patient> = {}): Patient => ({
  phase: "running",
  trouble: null,
  config: decodeRun("").config,
  returns: [episodes(1000, 60)],
  updateSeries: points(() => ({})),
  evaluations: [],
  edits: [],
  solvedAt: null,
  ...changed,
});

const exploding = points((u) => ({ gradientNorm: u > 700 ? 500 : 5 }));

test("a gradient that grows a hundredfold explodes; one that is large from the beginning does not", () => {
  expect(ids(diagnose(patient({ updateSeries: exploding })))).toEqual(["exploding-gradient"]);
  expect(diagnose(patient({ updateSeries: points(() => ({ gradientNorm: 500 })) }))).toEqual([]);
});

test("a gradient that nothing clips explodes too, and is clipped", () => {
  const { config } = decodeRun("clip=off");
  const [finding, ...others] = diagnose(patient({ config, updateSeries: exploding }));
  expect(others).toEqual([]);
  expect(finding.id).toBe("exploding-gradient");
  expect(finding.action.does).toMatchObject({ values: { clip: 0.5 } });
});

test("no number any more: a tenth of the rate and a clip, in a new run", () => {
  const { config } = decodeRun("lr=0.05&clip=100");
  const [finding, ...others] = diagnose(patient({ phase: "failed", trouble: { kind: "not finite" }, config }));
  expect(others).toEqual([]);
  expect(finding.id).toBe("not-finite");
  expect(finding.action.does).toEqual({ kind: "restart", values: { lr: 0.005, clip: 0.5 } });
  expect(finding.action.label).toBe("Train again with α = 0.005, ‖g‖ = 0.5");
});

test("a stalled actor is replaced", () => {
  const [finding] = diagnose(patient({ trouble: { kind: "stalled", actor: 2 } }));
  expect(finding.title).toBe("Actor 3 has stalled");
  expect(finding.action.does).toEqual({ kind: "replace", actor: 2 });
});

describe("what was learnt and lost", () => {
  const solvedAt = { envSteps: 40_000, updates: 500, seconds: 0.5 };
  const lost = { solvedAt, evaluations: [500, 500, 20, 10].map((mean, i) => evaluation(250 * (i + 1), mean)) };

  test("brings the best parameters back, with shorter steps", () => {
    const [finding] = diagnose(patient({ ...lost, returns: [episodes(1000, 30)] }));
    expect(finding.id).toBe("forgotten");
    expect(finding.action.does).toEqual({ kind: "edit", values: { lr: 0.003 }, rollBack: true });
  });

  test("is not lost where episodes are still good, or one evaluation only is poor", () => {
    expect(diagnose(patient({ ...lost, returns: [episodes(1000, 490)] }))).toEqual([]);
    const once = [500, 500, 500, 10].map((mean, i) => evaluation(250 * (i + 1), mean));
    expect(diagnose(patient({ ...lost, evaluations: once, returns: [episodes(1000, 30)] }))).toEqual([]);
  });

  test("the way back is offered while evaluation and episodes are clearly below the best", () => {
    expect(isBelowBest(cartPoleV1, { ...lost, returns: [episodes(1000, 30)] })).toBe(true);
    expect(isBelowBest(cartPoleV1, { ...lost, returns: [episodes(1000, 400)] })).toBe(false);
    expect(isBelowBest(cartPoleV1, { evaluations: [], returns: [episodes(1000, 30)] })).toBe(false);
    expect(bestEvaluation(lost.evaluations)?.updates).toBe(250);
  });

  test("after the treatment only what follows it counts, pushes of poles are none", () => {
    const at = (key: string) => [{ update: 995, envSteps: 79_600, seconds: 1, key, value: "to update 500" }];
    const ill = patient({ ...lost, updateSeries: exploding, returns: [episodes(1000, 30)] });
    expect(ids(diagnose(ill))).toEqual(["exploding-gradient", "forgotten"]);
    expect(diagnose({ ...ill, edits: at("rollback") })).toEqual([]);
    expect(ids(diagnose({ ...ill, edits: at("actor") }))).toEqual(["exploding-gradient", "forgotten"]);
  });
});

describe.each(Object.values(envs) as Environment[])(
  "returns of $id are measured from chance to good",
  (environment) => {
    const { random } = environment.returns;
    const at = (share: number) => random + share * (goodReturn(environment) - random);
    const played = (...shares: number[]) => shares.map((share, i) => evaluation(250 * (i + 1), at(share)));
    const on = (changed: Partial<Patient>) =>
      patient({
        config: decodeRun(`env=${environment.id}`).config,
        solvedAt: environment.solvedAt === null ? null : { envSteps: 40_000, updates: 500, seconds: 0.5 },
        ...changed,
      });
    const lost = { evaluations: played(1.02, 1.05, 0.1, 0.05), returns: [episodes(1000, at(0.1))] };

    test("what was learnt and lost", () => {
      expect(ids(diagnose(on(lost)))).toEqual(["forgotten"]);
      expect(isBelowBest(environment, lost)).toBe(true);
      for (const well of [
        { ...lost, returns: [episodes(1000, at(0.95))] },
        { ...lost, evaluations: played(1, 1, 0.9) },
      ]) {
        expect(diagnose(on(well))).toEqual([]);
        expect(isBelowBest(environment, well)).toBe(false);
      }
    });

    test("what was never better than chance is not lost", () => {
      const never = { evaluations: played(0.01, -0.02, -0.1), returns: [episodes(1000, at(-0.1))] };
      expect(isBelowBest(environment, never)).toBe(false);
      expect(diagnose(on({ ...never, solvedAt: null }))).toEqual([]);
    });

    test("who is certain is ill unless he plays well; a density may be as narrow as it likes", () => {
      const certain = { updateSeries: points(() => ({ entropy: 0, valueLoss: 0 })), solvedAt: null };
      const found = (share: number) =>
        ids(diagnose(on({ ...certain, returns: [episodes(990, at(share)), episodes(1000, at(share))] })));
      expect(found(0.1)).toEqual(environment.actions.kind === "discrete" ? ["entropy-collapse"] : []);
      expect(found(0.95)).toEqual([]);
    });

    test("a critic is dead where it misses by more than the reward of a step", () => {
      const blind = (steps: number) =>
        points(() => ({ explainedVariance: -0.1, valueLoss: 0.5 * (steps * environment.returns.reward) ** 2 }));
      expect(ids(diagnose(on({ updateSeries: blind(1.5) })))).toEqual(["dead-critic"]);
      expect(diagnose(on({ updateSeries: blind(0.5) }))).toEqual([]);
    });
  },
);

test("a rate that is spent once the policy is good is no loss, where no return counts as solved", () => {
  const { config } = decodeRun("env=Pendulum-v1&schedule=linear&horizon=1000");
  const spent = { config, updateSeries: points(() => ({ lr: 0 })) };
  expect(ids(diagnose(patient({ ...spent, returns: [episodes(1000, -900)] })))).toEqual(["rate-spent"]);
  expect(diagnose(patient({ ...spent, returns: [episodes(1000, -180)] }))).toEqual([]);
});

test("every remedy is legal, whatever the values", () => {
  const extreme = decodeRun("lr=0.000001&clip=0.01&schedule=linear&horizon=1000&valueCost=0").config;
  const sick: Partial<Patient>[] = [
    { trouble: { kind: "not finite" }, phase: "failed" },
    { updateSeries: exploding },
    { updateSeries: points(() => ({ entropy: 0, lr: 0, explainedVariance: -1, valueLoss: 5 })) },
  ];
  const check = (config: RunConfig, finding: Finding) => {
    const { does } = finding.action;
    if (does.kind !== "replace") expect(configProblems(withValues(config, does.values)), finding.id).toEqual([]);
  };
  for (const config of [extreme, decodeRun("valueCost=0.4&activation=relu&lr=0.1&clip=off").config])
    for (const of of sick)
      for (const phase of ["running", "stopped"] as const)
        for (const finding of diagnose(patient({ config, phase, ...of }))) check(config, finding);
});

test("nothing is said before a run, nor early in one", () => {
  expect(diagnose(patient({ phase: "idle", updateSeries: exploding }))).toEqual([]);
  expect(diagnose(patient({ updateSeries: exploding.slice(0, 20) }))).toEqual([]);
});
