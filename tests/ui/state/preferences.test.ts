import { expect, test } from "vitest";
import { clock, compact, elapsed, oneDecimal, short, tick } from "../../../src/ui/parts/format.ts";
import { defaultPreferences, parsePreferences } from "../../../src/ui/state/preferences.ts";

test("broken fields of stored preferences fall back one by one", () => {
  expect(parsePreferences(null)).toEqual(defaultPreferences);
  for (const text of ["", "{", "null", "[]", "7", '"x"']) expect(parsePreferences(text)).toEqual(defaultPreferences);
  const mixed =
    '{"axis":"seconds","smoothing":9,"introDismissed":"yes","hasTrained":true,"collapsed":["none"],"split":0.9,"other":1}';
  expect(parsePreferences(mixed)).toEqual({ ...defaultPreferences, axis: "seconds", hasTrained: true });
});

test("numbers of the page", () => {
  expect([0, 7, 999, 1000, 211_900, 1_400_000].map(compact)).toEqual(
    ["0", "7", "999", "1.00_k", "212_k", "1.40_M"].map((s) => s.replace("_", "\u202f")),
  );
  expect(compact(999_960)).toBe("1.00\u202fM");
  expect([0, 59.9, 61, 3725].map(clock)).toEqual(["0:00", "0:59", "1:01", "1:02:05"]);
  expect([0, 0.9, 9.99, 10, 61].map(elapsed)).toEqual(["0.0\u202fs", "0.9\u202fs", "9.9\u202fs", "0:10", "1:01"]);
  expect([0.01234, 187.4, 0.00001, null].map(short)).toEqual(["0.0123", "187", "1.0e-5", "–"]);
  expect([0, 0.25, 50_000, 2e-5].map(tick)).toEqual(["0", "0.25", "50\u202fk", "2e-5"]);
});

test("negative numbers have a true minus, and none is −0", () => {
  expect([-499.4, -1230, -0.25, -0.2, -2e-5].map(short)).toEqual(["−499", "−1230", "−0.25", "−0.2", "−2.0e-5"]);
  expect([-110, -0.04, -0].map(oneDecimal)).toEqual(["−110.0", "0.0", "0.0"]);
  expect([-0.3, -1200].map(compact)).toEqual(["0", "−1.20\u202fk"]);
  expect([-100, -2e-5].map(tick)).toEqual(["−100", "−2e-5"]);
});
