/** Preferences, best scores and lessons in two tabs of one site. */
import { afterEach, expect, test, vi } from "vitest";
import { site } from "../tabs.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("preferences are changed field by field: a tab takes back nothing of another, and what holds everywhere is heard", async () => {
  const { open, items } = site();
  const a = await open(() => import("../../../src/ui/state/store.ts"));
  const b = await open(() => import("../../../src/ui/state/store.ts"));
  const [inA, inB] = [a, b].map(
    ({ module }) =>
      () =>
        module.usePage.getState(),
  );
  a.as(() => inA().prefer({ introDismissed: true, hasTrained: true, axis: "seconds" }));
  // The other tab has been told what holds in every tab, and looks at its curves as before.
  expect(inB().preferences).toMatchObject({ introDismissed: true, hasTrained: true, axis: "envSteps" });
  b.as(() => inB().prefer({ smoothing: 0.1 }));
  a.as(() => inA().prefer({ split: 0.7 }));
  expect(JSON.parse(items.get("cartpool:preferences")!)).toMatchObject({
    introDismissed: true,
    hasTrained: true,
    axis: "seconds",
    smoothing: 0.1,
    split: 0.7,
  });
  expect(inA().preferences.smoothing).toBe(0.02);
});

test("curves that two tabs put on the chart are kept side by side", async () => {
  const { open, items } = site();
  const load = async () => ({
    ...(await import("../../../src/ui/runs/shown.ts")),
    ...(await import("../../../src/ui/state/store.ts")),
  });
  const a = await open(load);
  const b = await open(load);
  a.as(() => a.module.toggleShown("one"));
  b.as(() => b.module.toggleShown("two"));
  a.as(() => a.module.toggleShown("three"));
  expect(JSON.parse(items.get("cartpool:preferences")!).shown).toEqual(["one", "two", "three"]);
  a.as(() => a.module.toggleShown("one"));
  expect(JSON.parse(items.get("cartpool:preferences")!).shown).toEqual(["two", "three"]);
  expect(b.module.isShown("two")).toBe(true);
});

test("a best score is the best of all tabs", async () => {
  const { open, items } = site();
  const a = await open(() => import("../../../src/ui/hands/scores.ts"));
  const b = await open(() => import("../../../src/ui/hands/scores.ts"));
  const of = ({ module }: typeof a) => module.useScores.getState().of;
  a.as(() => of(a) && a.module.useScores.getState().add("CartPole-v1", 400));
  expect(of(b)["CartPole-v1"].best).toBe(400);
  b.as(() => b.module.useScores.getState().add("CartPole-v1", 10));
  b.as(() => b.module.useScores.getState().add("CartPole-v0", 20));
  expect(of(b)["CartPole-v1"]).toEqual({ last: 10, best: 400 });
  expect(of(a)).toEqual({ "CartPole-v1": { last: 400, best: 400 }, "CartPole-v0": { last: 20, best: 20 } });
  expect(JSON.parse(items.get("cartpool:scores")!)).toEqual({ "CartPole-v1": 400, "CartPole-v0": 20 });
});

test("predictions and runs of lessons of two tabs are all there", async () => {
  const { open, items } = site();
  const a = await open(() => import("../../../src/ui/lessons/progress.ts"));
  const b = await open(() => import("../../../src/ui/lessons/progress.ts"));
  const outcome = {
    run: "r",
    label: "A2C",
    seed: 1,
    solved: false,
    envSteps: 1,
    updates: 1,
    seconds: 1,
    meanReturn100: null,
    staleness: 0,
    parametersHash: "",
  };
  a.as(() => a.module.useProgress.getState().guess("bits", 1));
  b.as(() => b.module.useProgress.getState().guess("entropy", 2));
  a.as(() => a.module.useProgress.getState().ended("bits", outcome));
  b.as(() => b.module.useProgress.getState().ended("bits", { ...outcome, run: "s" }));
  const all = { guesses: { bits: 1, entropy: 2 }, outcomes: { bits: [outcome, { ...outcome, run: "s" }] } };
  expect(JSON.parse(items.get("cartpool:lessons")!)).toEqual(all);
  expect(a.module.useProgress.getState()).toMatchObject(all);
  b.as(() => b.module.useProgress.getState().forget("bits"));
  expect(a.module.useProgress.getState().outcomes.bits).toBeUndefined();
  expect(a.module.useProgress.getState().guesses).toEqual({ entropy: 2 });
});

test("what a browser does not store lasts as long as the page", async () => {
  const { open } = site();
  const a = await open(() => import("../../../src/ui/hands/scores.ts"));
  localStorage.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  a.as(() => a.module.useScores.getState().add("CartPole-v1", 7));
  a.as(() => a.module.useScores.getState().add("CartPole-v1", 5));
  expect(a.module.useScores.getState().of["CartPole-v1"]).toEqual({ last: 5, best: 7 });
});
