import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultConfig, withValues } from "../../../src/runtime/plan/config.ts";
import type { Edit } from "../../../src/runtime/seen/view.ts";
import { editMarks, LEADER, placeMarks } from "../../../src/ui/charts/marks.ts";

const edit = (update: number, key: string, value: string): Edit => ({
  update,
  envSteps: update,
  seconds: update,
  key,
  value,
});
const config = withValues(defaultConfig("a2c"), { actors: 4 });
const texts = (edits: Edit[], most?: number) => editMarks(edits, config, "updates", 100, most).map((m) => m.text);

test("edits of one dragged slider are one mark with the last value", () => {
  const edits = [edit(1, "lr", "0.1"), edit(2, "lr", "0.2"), edit(3, "gamma", "0.9"), edit(90, "gamma", "0.8")];
  expect(texts(edits)).toEqual(["α 0.2", "γ 0.9", "γ 0.8"]);
  expect(texts(edits, 1)).toEqual(["γ 0.8"]);
  expect(texts([edit(1, "lr", "0.1"), edit(1, "gamma", "0.9"), edit(2, "lr", "0.3")])).toEqual(["γ 0.9", "α 0.3"]);
});

test("a change of something unknown is told as it is written, though every object has that name", () => {
  const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "gravity2"];
  expect(texts(names.map((name, i) => edit(10 * i, name, "1")))).toEqual(names.map((name) => `${name} 1`));
});

test("what is done to actors is said in words, with what is still in force", () => {
  expect(
    texts([
      edit(1, "straggler", "1"),
      edit(20, "slowdown", "8"),
      edit(40, "pullDelay", "50"),
      edit(60, "straggler", "0"),
      edit(80, "actors", "3"),
      edit(85, "actors", "1"),
      edit(90, "push", "actor 2 copy 1 step 3 by -0.6"),
      edit(95, "actor", "3 replaced"),
      edit(99, "rollback", "to update 12"),
    ]),
  ).toEqual([
    "actor 1 slowed ×4",
    "actor 1 slowed ×8",
    "actor 1 slowed ×8",
    "actor 1 late by 50 ms",
    "actor 1 back to normal",
    "3 actors at work",
    "1 actor at work",
    "actor 2 pushed",
    "actor 3 replaced",
    "rollback to update 12",
  ]);
  expect(texts([edit(5, "slowdown", "8"), edit(5, "straggler", "2")])).toEqual(["actor 2 slowed ×8"]);
});

test("who is disturbed no more is said, where another is instead too", () => {
  const slowed = [edit(1, "straggler", "2"), edit(1, "slowdown", "10")];
  const moved = [edit(50, "straggler", "1"), edit(50, "slowdown", "1"), edit(50, "pullDelay", "200")];
  const marks = ["actor 2 slowed ×10", "actor 2 back to normal", "actor 1 late by 200 ms"];
  expect(texts([...slowed, ...moved])).toEqual(marks);
  // In words, without an axis, the edits of one moment are one mark too.
  expect(editMarks([...slowed, ...moved], config, "updates", 0).map((m) => m.text)).toEqual(marks);
  expect(texts([...slowed, edit(70, "slowdown", "1")]).at(-1)).toBe("actor 2 back to normal");
  expect(texts([...slowed, edit(60, "straggler", "3"), edit(61, "straggler", "0")]).at(-1)).toBe(
    "actor 2 back to normal",
  );
});

test("labels overprint no other and are cut off nowhere", () => {
  const mark = fc.record({ x: fc.integer({ min: 0, max: 100 }), text: fc.string({ minLength: 1, maxLength: 30 }) });
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 12 }), fc.integer({ min: 250, max: 900 }), (marks, width) => {
      const placed = placeMarks(marks, 100, width, 4);
      expect(placed.map(({ x, text }) => ({ x, text }))).toEqual(marks);
      const boxes = placed.flatMap(({ x, shown, row, leftward }) => {
        const at = (x / 100) * width;
        const length = LEADER + 5.8 * shown.length;
        return row === null ? [] : [{ row, from: leftward ? at - length : at, to: leftward ? at : at + length }];
      });
      for (const [i, a] of boxes.entries()) {
        expect(a.from).toBeGreaterThanOrEqual(0);
        expect(a.to).toBeLessThanOrEqual(width);
        for (const b of boxes.slice(i + 1)) expect(a.row !== b.row || a.to <= b.from || b.to <= a.from).toBe(true);
      }
    }),
  );
  const long = "actor 1 late by 200 ms";
  expect(placeMarks([{ x: 55, text: long }], 100, 600, 3)[0].shown).toBe(long);
  expect(placeMarks([{ x: 45, text: long }], 100, 200, 3)[0].shown).toMatch(/^actor 1.*…$/);
  expect(placeMarks([{ x: 99, text: "solved at 12.3 k" }], 100, 600, 3)[0]).toMatchObject({ row: 0, leftward: true });
});
