import { expect, test } from "vitest";
import { isShown, toggleShown } from "../../../src/ui/runs/shown.ts";
import { defaultPreferences, MOST_SHOWN, parsePreferences } from "../../../src/ui/state/preferences.ts";
import { usePage } from "../../../src/ui/state/store.ts";

test("runs on the chart belong to the preferences, the latest few of them", () => {
  const ids = Array.from({ length: MOST_SHOWN + 2 }, (_, i) => `run-${i}`);
  for (const id of ids) toggleShown(id);
  const { preferences } = usePage.getState();
  expect(preferences.shown).toEqual(ids.slice(2));
  expect(parsePreferences(JSON.stringify(preferences)).shown).toEqual(ids.slice(2));
  toggleShown("run-3");
  expect(isShown("run-3")).toBe(false);
  expect(isShown("run-4")).toBe(true);
  for (const shown of [ids, [7], "run-1"])
    expect(parsePreferences(JSON.stringify({ shown }))).toEqual(defaultPreferences);
});
