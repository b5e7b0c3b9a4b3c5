/** What reaches a run that is under way, and what waits for the next one. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { defaultConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { nothing } from "../../../src/runtime/seen/watch.ts";
import { resetValues, setConfig, setValue, waitingForRestart } from "../../../src/ui/state/session.ts";
import { usePage } from "../../../src/ui/state/store.ts";

const running = withValues(defaultConfig("a2c", "CartPole-v1"), { gravity: 5, lr: 0.02 });
const edit = vi.hoisted(() => vi.fn());
vi.mock("../../../src/runtime/threads/run.ts", () => ({
  createRunner: () => ({ edit, snapshot: () => ({ ...nothing, phase: "running", config: running }) }),
}));

beforeEach(() => {
  edit.mockClear();
  usePage.getState().setConfig(running);
});

describe("a live value", () => {
  test("reaches the run that has it", () => {
    setValue("gravity", 6);
    expect(edit.mock.calls).toEqual([["gravity", 6]]);
  });

  test("does not reach a run of another environment that has one of the same name", () => {
    usePage.getState().switchTo({ env: "Acrobot-v1" });
    setValue("gravity", 6);
    expect(usePage.getState().config.values.gravity).toBe(6);
    expect(edit).not.toHaveBeenCalled();
    setValue("lr", 0.03);
    expect(edit.mock.calls).toEqual([["lr", 0.03]]);
  });

  test("of a whole configuration reaches it where both declare it as one", () => {
    setConfig(withValues(defaultConfig("a3c", "MountainCar-v0"), { lr: 0.05, gravity: 0.004, seed: 9 }));
    expect(edit.mock.calls).toEqual([["lr", 0.05]]);
  });

  test("goes back to the default of its pair", () => {
    resetValues();
    expect(usePage.getState().config).toEqual(defaultConfig("a2c", "CartPole-v1"));
    expect(edit.mock.calls).toEqual([
      ["lr", defaultConfig().values.lr],
      ["gravity", defaultConfig().values.gravity],
    ]);
  });
});

test("what waits for a restart is told by its declaration", () => {
  const car = withValues(defaultConfig("a2c", "MountainCar-v0"), { unroll: 9, gravity: 0.004 });
  expect(waitingForRestart(car, running)).toEqual(["env", "unroll"]);
});
