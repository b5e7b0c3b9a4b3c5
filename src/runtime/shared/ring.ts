/** Two kinds of ring in shared memory. Counts only grow (modulo 2³²); a slot is found by count modulo capacity. */
import { f64, i32, layout, type Views } from "../../core/layout.ts";

/** Counts of a queue with one producer and one consumer. */
export const queueLayout = () =>
  layout({
    /** Slots filled so far. Writer: the producer. */
    committed: i32(1),
    /** Slots handed back so far. Writer: the consumer. */
    released: i32(1),
  });

/** A bounded queue of slots that live elsewhere: one producer thread, one consumer thread, neither ever overwrites. */
export class Queue {
  /** The capacity is a power of two, so that counts may wrap around. */
  constructor(
    private readonly counts: Views<ReturnType<typeof queueLayout>>,
    readonly capacity: number,
  ) {
    if (!Number.isInteger(Math.log2(capacity))) throw new Error(`a queue holds 2ⁿ slots, not ${capacity}`);
  }

  /** Slots filled and not yet handed back. Any thread. */
  get length(): number {
    return (Atomics.load(this.counts.committed, 0) - Atomics.load(this.counts.released, 0)) | 0;
  }

  /** The slot to fill next, or −1 while the queue is full. Producer only. */
  writable(): number {
    return this.length >= this.capacity ? -1 : slot(Atomics.load(this.counts.committed, 0), this.capacity);
  }

  /** Hands the filled slot over. Producer only. */
  commit(): void {
    Atomics.add(this.counts.committed, 0, 1);
  }

  /** The oldest filled slot, or −1 while there is none. Consumer only. */
  readable(): number {
    return this.length <= 0 ? -1 : slot(Atomics.load(this.counts.released, 0), this.capacity);
  }

  /** Hands the oldest slot back. Consumer only. */
  release(): void {
    Atomics.add(this.counts.released, 0, 1);
  }
}

const slot = (count: number, capacity: number) => (count >>> 0) % capacity;

/** Rows that one thread writes and others look at; old rows are overwritten, the count tells how many there ever were. */
export const logLayout = (capacity: number, columns: number) =>
  layout({
    /** Rows written so far. Writer: the owner of the log. */
    written: i32(1),
    rows: f64(capacity, columns),
  });

export class Log {
  readonly capacity: number;

  /** The capacity is a power of two, so that counts may wrap around. */
  constructor(
    private readonly views: Views<ReturnType<typeof logLayout>>,
    readonly columns: number,
  ) {
    this.capacity = views.rows.length / columns;
    if (!Number.isInteger(Math.log2(this.capacity))) throw new Error(`a log holds 2ⁿ rows, not ${this.capacity}`);
  }

  /** Rows ever written, modulo 2³². Any thread. */
  get written(): number {
    return Atomics.load(this.views.written, 0);
  }

  /** Adds one row: [columns]. Owner only. */
  add(row: ArrayLike<number>): void {
    const { rows, written } = this.views;
    const at = slot(Atomics.load(written, 0), this.capacity) * this.columns;
    for (let c = 0; c < this.columns; c++) rows[at + c] = row[c]; // cheaper than set() for so few
    Atomics.add(written, 0, 1);
  }

  /**
   * Calls visit for every row since `from` that is still whole, oldest first, and returns the count to go on from. Rows
   * that the owner may be overwriting meanwhile (the older half when it is far ahead) are left out. Any thread.
   *
   * @param visit gets a copy that is reused for the next row
   */
  read(from: number, visit: (row: Float64Array) => void): number {
    const { capacity, columns } = this;
    const { rows } = this.views;
    const end = this.written;
    const behind = (end - from) | 0;
    // Overtaken: begin half a log back. A count from before this log was made: with all that it can hold.
    const back = behind > capacity / 2 ? capacity / 2 : behind < 0 ? Math.min(capacity / 2, end >>> 0) : behind;
    const first = (end - back) | 0;
    const row = new Float64Array(columns);
    for (let count = first; ((end - count) | 0) > 0; count = (count + 1) | 0) {
      const at = slot(count, capacity) * columns;
      row.set(rows.subarray(at, at + columns));
      if (((this.written - count) | 0) < capacity) visit(row);
    }
    return end;
  }
}
