import "fake-indexeddb/auto";
import { deleteDB, openDB } from "idb";
import { afterAll, describe, expect, test } from "vitest";
import { parseProgress } from "../../src/ui/lessons/progress.ts";
import { configOf } from "../../src/ui/runs/configOf.ts";
import { allRuns, closeLibrary, mergeRun, readRuns, wholeRun } from "../../src/ui/runs/database.ts";
import { fromJson } from "../../src/ui/runs/reading.ts";
import { defaultPreferences, parsePreferences } from "../../src/ui/state/preferences.ts";
import { parseStudy } from "../../src/ui/studies/outcome.ts";
import { Dice, nasty, nastyNumbers, size } from "./dice.ts";
import { honestFile, hostileFile } from "./files.ts";

const records = size(200, 2_000);
/** Fewer than the browser keeps, so that none is dropped for being too many. */
const kept = 120;

/** Whatever JSON can say, with keys that others would not use. */
function anything(dice: Dice, keys: readonly string[], depth = 3): unknown {
  const kind = dice.below(depth > 0 ? 5 : 3);
  if (kind === 0) return dice.pick(nasty);
  if (kind === 1) return dice.pick(nastyNumbers);
  if (kind === 2) return dice.pick([null, true, false]);
  if (kind === 3) return dice.list(5, () => anything(dice, keys, depth - 1));
  const key = () => JSON.stringify(dice.once(4) ? dice.pick(nasty) : dice.pick(keys));
  const pairs = dice.list(6, () => `${key()}:${JSON.stringify(anything(dice, keys, depth - 1))}`);
  return JSON.parse(`{${pairs.join()}}`);
}

describe("what the browser has stored", () => {
  const preferenceKeys = Object.keys(defaultPreferences);
  test("as preferences or lessons is read field by field, whatever it is", () => {
    for (let i = 0; i < records; i++) {
      const dice = new Dice(17, i);
      const text = dice.once(4) ? dice.pick(nasty) : JSON.stringify(anything(dice, preferenceKeys));
      expect(Object.keys(parsePreferences(text))).toEqual(preferenceKeys);
      const progress = JSON.stringify(anything(dice, ["guesses", "outcomes", "straggler", "run", "seed"]));
      expect(Object.keys(parseProgress(progress))).toEqual(["guesses", "outcomes"]);
      parseStudy(anything(dice, ["queries", "total", "outcomes", "limit", "together", "disturbed", "curve"]));
    }
  });

  describe("as runs", () => {
    afterAll(async () => {
      await closeLibrary();
      await deleteDB("cartpool");
    });

    test("is shown where it is one; the rest is counted, stays where it is, and hides nothing", async () => {
      const { run, weights } = fromJson(honestFile);
      await mergeRun({ ...run, id: "good" }, weights, false);
      const db = await openDB("cartpool");
      let readable = 1;
      for (let i = 0; i < kept; i++) {
        const dice = new Dice(19, i);
        // A record of another version, of another page on this origin, or damaged.
        let record: unknown = anything(dice, Object.keys(run));
        if (dice.once(2))
          try {
            record = JSON.parse(new TextDecoder().decode(hostileFile(dice, 1000)));
          } catch {
            // no JSON
          }
        const isObject = typeof record === "object" && record !== null && !Array.isArray(record);
        const of = {
          ...(isObject ? (record as object) : { record }),
          id: `record-${i}`,
          parameters: undefined,
          checkpoint: undefined,
        };
        await db.put("runs", of);
        await db.put("weights", anything(dice, ["parameters", "checkpoint"]), `record-${i}`);
        try {
          fromJson(JSON.stringify(of));
          readable++;
        } catch {
          // no run
        }
      }
      const { runs, unreadable } = await readRuns();
      expect(runs.find(({ id }) => id === "good")).toEqual({ ...run, id: "good" });
      expect(runs).toHaveLength(readable);
      expect(unreadable).toBe(kept + 1 - readable);
      expect(unreadable).toBeGreaterThan(kept / 2);
      for (const one of runs) configOf(one);
      for (let i = 0; i < kept; i++) {
        const weights = (await wholeRun(`record-${i}`))?.weights;
        expect(weights?.parameters ?? weights?.checkpoint ?? null).toBeNull();
      }
      // What is kept later throws none of them away.
      await mergeRun({ ...run, id: "later" }, null, false);
      expect((await allRuns()).map(({ id }) => id)).toContain("later");
      expect(await db.count("runs")).toBe(kept + 2);
      db.close();
    });
  });
});
