/** What a run says of itself when it is shared, and when a run repeats a shared one. */
import { afterEach, describe, expect, test } from "vitest";
import { defaultConfig, VERSION, withValues } from "../../../src/runtime/plan/config.ts";
import type { Snapshot } from "../../../src/runtime/seen/view.ts";
import { nothing } from "../../../src/runtime/seen/watch.ts";
import { fingerprint, repetitionFor, shareable, useShared } from "../../../src/ui/share/ghost.ts";
import type { SharedRun } from "../../../src/ui/share/shared.ts";

const config = withValues(defaultConfig(), { engine: "simd", gradients: "actors" });
const change = (update: number, key = "lr", value = "0.1") => ({
  update,
  envSteps: 20 * update,
  seconds: 0,
  key,
  value,
});
const plain = ({ update, key, value }: ReturnType<typeof change>) => ({ update, key, value });

afterEach(() => useShared.setState({ run: null, repeats: false, notRepeated: 0 }));

describe("a run that is shared", () => {
  const share = (of: Partial<Snapshot>) =>
    shareable({ ...nothing, phase: "running", begun: config, updates: 100, envSteps: 2000, ...of } as Snapshot)!;

  test("carries its changes, but none that is newer than its counts", () => {
    const edits = [change(3), change(100), change(104)];
    expect(share({ edits })).toMatchObject({ edits: edits.slice(0, 2).map(plain), missing: 0 });
  });
  test("promises nothing where changes are missing or are no history", () => {
    expect(share({ edits: [change(3)], editsMissing: 30 })).toMatchObject({ edits: [plain(change(3))], missing: 30 });
    expect(share({ edits: [change(69), change(59)] })).toMatchObject({ edits: [], missing: 2 });
  });
});

describe("a shared run is repeated", () => {
  const edits = [change(5), change(9, "lr", "0.02"), change(70)].map(plain);
  const shared = (of: Partial<SharedRun> = {}) =>
    useShared.setState({
      run: { configuration: fingerprint(config), updates: 90, edits, missing: 0, ...of } as SharedRun,
    });
  const outcome = async (...of: Parameters<typeof repetitionFor>) => {
    const repetition = await repetitionFor(...of);
    const { repeats, notRepeated } = useShared.getState();
    expect(repeats).toBe(repetition !== undefined);
    return repeats ? repetition : notRepeated;
  };

  test("with all of its changes by the same configuration, whatever its pace and end", async () => {
    shared();
    expect(await outcome(withValues(config, { pace: "watchable", until: [] }))).toEqual({ edits, checkAt: 90 });
    expect(await outcome(withValues(config, { seed: 9 }))).toBe(0);
  });
  test("whatever version of the page has shared it", async () => {
    for (const version of Array.from({ length: VERSION }, (_, i) => i + 1)) {
      shared({ configuration: fingerprint(config, version) });
      expect(await outcome(config)).toEqual({ edits, checkAt: 90 });
      expect(await outcome(withValues(config, { seed: 9 }))).toBe(0);
    }
  });
  test("not where some are missing or unknown: how many is said", async () => {
    shared({ missing: 12 });
    expect(await outcome(config)).toBe(12);
    shared({ edits: [...edits, { update: 71, key: "fog", value: "1" }] });
    expect(await outcome(config)).toBe(1);
  });
  test("by a run that goes on only if it has repeated it until then", async () => {
    shared();
    const begun = (updates: number, count: number) => outcome(config, { updates, edits: edits.slice(0, count) });
    expect(await begun(30, 2)).toMatchObject({ checkAt: 90 });
    expect(await begun(30, 1)).toBe(0); // a run of its own
    expect(await begun(90, 3)).toBe(0); // past the moment of comparison
    expect(await outcome(config, { updates: 30, edits: [edits[0], { ...edits[1], value: "0.03" }] })).toBe(0);
  });
});
