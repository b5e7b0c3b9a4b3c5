import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewsOf } from "../../../src/core/layout.ts";
import { Log, logLayout, Queue, queueLayout } from "../../../src/runtime/shared/ring.ts";

/** Counts to begin at: 0, and a few before an int32 and a uint32 wrap around. */
const starts = [0, 2 ** 31 - 3, -3, -(2 ** 31)];
const anyStart = fc.constantFrom(...starts);
const anyCapacity = fc.constantFrom(1, 2, 4, 8);

function freshQueue(capacity: number, start = 0) {
  const counts = viewsOf(queueLayout(), new SharedArrayBuffer(queueLayout().bytes));
  counts.committed[0] = counts.released[0] = start;
  return new Queue(counts, capacity);
}

describe("a queue", () => {
  test("behaves as a list of bounded length, wherever its counts begin", () => {
    fc.assert(
      fc.property(anyCapacity, anyStart, fc.array(fc.boolean(), { maxLength: 60 }), (capacity, start, moves) => {
        const queue = freshQueue(capacity, start);
        const slots = new Array<number>(capacity).fill(-1);
        const model: number[] = [];
        let item = 0;
        for (const produce of moves) {
          if (produce) {
            const slot = queue.writable();
            expect(slot < 0).toBe(model.length === capacity);
            if (slot < 0) continue;
            slots[slot] = ++item;
            queue.commit();
            model.push(item);
          } else {
            const slot = queue.readable();
            expect(slot < 0).toBe(model.length === 0);
            if (slot < 0) continue;
            expect(slots[slot]).toBe(model.shift());
            queue.release();
          }
          expect(queue.length).toBe(model.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a slot that is being filled is not handed out to read, and one that is being read is not filled", () => {
    const queue = freshQueue(2);
    const first = queue.writable();
    expect(queue.readable()).toBe(-1);
    queue.commit();
    const second = queue.writable();
    expect(second).not.toBe(first);
    expect(queue.readable()).toBe(first);
    queue.commit();
    expect(queue.writable()).toBe(-1);
    expect(queue.readable()).toBe(first); // until it is released
    queue.release();
    expect(queue.writable()).toBe(first);
    expect(queue.readable()).toBe(second);
  });

  test("a room that is no power of two is refused: its slots would jump where counts wrap around", () => {
    for (const capacity of [0, 3, 6, -1, 1.5]) expect(() => freshQueue(capacity)).toThrow(`not ${capacity}`);
  });
});

function freshLog(capacity: number, start = 0) {
  const of = logLayout(capacity, 2);
  const views = viewsOf(of, new SharedArrayBuffer(of.bytes));
  views.written[0] = start;
  return { views, log: new Log(views, 2) };
}

const read = (log: Log, from: number) => {
  const rows: number[][] = [];
  const next = log.read(from, (row) => rows.push([...row]));
  return { rows, next };
};

describe("a log", () => {
  test("a reader that keeps up misses nothing, wherever the counts begin", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 8, 16),
        anyStart,
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 }),
        (capacity, start, bursts) => {
          const { log } = freshLog(capacity, start);
          let from = log.written;
          let added = 0;
          let seen = 0;
          for (const burst of bursts) {
            for (let k = 0; k < burst; k++) log.add([++added, -added]);
            const { rows, next } = read(log, from);
            for (const row of rows) expect(row).toEqual([++seen, -seen]);
            expect(seen).toBe(added);
            expect(next).toBe((start + added) | 0);
            from = next;
          }
        },
      ),
    );
  });

  test("a reader that is overtaken sees the latest rows in order, and the count of all", () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 8, 16), anyStart, fc.integer({ min: 0, max: 60 }), (capacity, start, rows) => {
        const { log } = freshLog(capacity, start);
        const from = log.written;
        for (let n = 1; n <= rows; n++) log.add([n, 0]);
        const seen = read(log, from).rows.map(([n]) => n);
        expect((log.written - from) | 0).toBe(rows);
        expect(seen).toEqual([...seen].sort((a, b) => a - b));
        expect(seen.at(-1) ?? 0).toBe(rows);
        expect(seen.length).toBe(new Set(seen).size);
        if (rows <= capacity / 2) expect(seen).toHaveLength(rows);
        else if (start === 0) expect(seen).toHaveLength(capacity / 2);
        expect(seen.length).toBeLessThanOrEqual(capacity);
      }),
    );
  });

  test("a row that is overwritten while it is read is left out", () => {
    const { views, log } = freshLog(4);
    log.add([1, 1]);
    log.add([2, 2]);
    const rows: number[] = [];
    log.read(0, (row) => {
      rows.push(row[0]);
      // The owner goes on: the slot of row 2 is taken by row 6.
      for (let n = 3; n <= 6; n++) log.add([n, n]);
    });
    expect(rows).toEqual([1]);
    expect(views.written[0]).toBe(6);
  });

  test("carries what is not a number", () => {
    const { log } = freshLog(4);
    log.add([Number.NaN, Number.NEGATIVE_INFINITY]);
    expect(read(log, 0).rows).toEqual([[Number.NaN, Number.NEGATIVE_INFINITY]]);
  });

  test("a room that is no power of two is refused", () => {
    expect(() => freshLog(6)).toThrow("not 6");
  });
});
