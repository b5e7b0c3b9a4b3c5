import { describe, expect, test } from "vitest";
import { type ParamValue, real } from "../../../src/core/params.ts";
import { defaultConfig, paramsOf, runParams } from "../../../src/runtime/plan/config.ts";
import { isComposing } from "../../../src/ui/controls/composing.ts";
import { keyboardFor } from "../../../src/ui/controls/keyboard.ts";
import { planParams } from "../../../src/ui/studies/plan.ts";

describe("a phone's keyboard", () => {
  test("has digits alone only where every value is written in them", () => {
    const { algo, env } = defaultConfig("a3c");
    for (const param of Object.values({ ...paramsOf(algo, env), ...planParams })) {
      if (keyboardFor(param) !== "numeric") continue;
      const { min, max } = param.control as { min: number; max: number };
      for (let x: ParamValue = min; x <= max; x++) expect(param.format(x)).toMatch(/^\d{1,3}$/);
    }
    expect(keyboardFor(runParams.actors)).toBe("numeric");
    expect(keyboardFor(planParams.seeds)).toBe("numeric");
  });
  test("has letters, commas and a minus where they are of use", () => {
    const signed = real({ label: "x", help: "", group: "run", default: 0, min: -1, max: 1 });
    for (const param of [
      signed,
      runParams.seed,
      runParams.hidden,
      runParams.until,
      planParams.limit,
      runParams.evalEvery,
    ])
      expect(keyboardFor(param)).toBe("text");
  });
});

test("a key that an input method takes is told by its event, or by its code after Safari has ended the composition", () => {
  const key = (composing: boolean, keyCode: number) =>
    isComposing({ nativeEvent: { isComposing: composing } as globalThis.KeyboardEvent, keyCode });
  expect([key(true, 13), key(false, 229), key(false, 13)]).toEqual([true, true, false]);
});
