import { describe, expect, test } from "vitest";
import type { Activity } from "../../../src/runtime/shared/lane.ts";
import { lastUpdate } from "../../../src/ui/systems/stages.ts";

type Row = readonly [Activity, number, number];
/** A lane that did all this and is at `now` since the end of it. */
const lane = (role: "actor" | "learner" | "evaluator", rows: readonly Row[], now: Activity) => ({
  role,
  activity: now,
  since: rows.at(-1)?.[2] ?? 0,
  read: (_: number, visit: (activity: Activity, from: number, to: number) => void) => {
    for (const row of rows) visit(...row);
    return rows.length;
  },
});
const msOf = (round: ReturnType<typeof lastUpdate>) =>
  Object.fromEntries(round!.stages.map(({ name, ms }) => [name, ms]));

describe("the round of the last update", () => {
  const lanes = [
    lane(
      "actor",
      [
        ["starting", 0, 1],
        ["act", 1, 2],
        ["wait", 2, 10],
        ["act", 10, 12],
        ["pace", 12, 20],
        ["act", 20, 21],
        ["differentiate", 21, 25],
        ["wait", 25, 40],
        ["act", 40, 41],
      ],
      "pace",
    ),
    lane(
      "actor",
      [
        ["act", 10, 15],
        ["differentiate", 15, 17],
        ["wait", 17, 41],
        ["act", 41, 90],
      ],
      "wait",
    ),
    lane(
      "learner",
      [
        ["apply", 5, 6],
        ["publish", 6, 7],
        ["pace", 7, 30],
        ["apply", 30, 36],
        ["publish", 36, 40],
      ],
      "pace",
    ),
    lane("evaluator", [], "wait"),
  ];
  const plan = { gradients: "actors", apply: "learner", lockstep: true } as const;
  test("has what every thread took for it, and not what came before or after", () => {
    const round = lastUpdate(lanes, plan, { active: 2, versions: [2, 2], version: 2 });
    expect(msOf(round)).toEqual({ unroll: (3 + 5) / 2, gradient: (4 + 2) / 2, apply: 6, publish: 4, pull: null });
    expect(round!.heldMs).toBe(8);
    expect(round!.stages[0].spans.map(({ lane, from, to }) => [lane, from, to])).toEqual([
      [0, 10, 12],
      [0, 20, 21],
      [1, 10, 15],
    ]);
    expect(round!.stages[4].spans.map(({ lane, from }) => [lane, from])).toEqual([
      [0, 40],
      [1, 41],
    ]);
  });
  test("of asynchronous actors is the round of the one that pulled it", () => {
    const round = lastUpdate(lanes, { ...plan, lockstep: false }, { active: 2, versions: [1, 2], version: 2 });
    expect(round!.actors).toEqual([1]);
    expect(msOf(round)).toMatchObject({ unroll: 5, gradient: 2 });
  });
  test("begins with the gradient where the learner takes it", () => {
    const learner = lane(
      "learner",
      [
        ["wait", 0, 30],
        ["apply", 30, 31], // a moment before it is known what comes
        ["differentiate", 31, 35],
        ["apply", 35, 36],
        ["publish", 36, 40],
      ],
      "pace",
    );
    const round = lastUpdate([lanes[0], lanes[1], learner], { ...plan, gradients: "learner" }, { active: 2, versions: [2, 2], version: 2 }); // biome-ignore format: one call
    expect(msOf(round)).toMatchObject({ gradient: 4, apply: 1, publish: 4 });
  });
  test("is not there before an update", () => {
    const learner = lane("learner", [["starting", 0, 1]], "wait");
    expect(lastUpdate([lanes[0], learner], plan, { active: 1, versions: [0], version: 0 })).toBeNull();
  });
});
