/**
 * A bell wakes one thread. Whoever changes something that the thread may be waiting for rings its bell; the thread
 * looks at its conditions again. Because the count is read before the conditions, no ring is ever missed.
 *
 * The word is the exception to one writer a word: every thread adds to it, atomically.
 */
export class Bell {
  constructor(private readonly word: Int32Array) {}

  /** Any thread. */
  ring(): void {
    Atomics.add(this.word, 0, 1);
    Atomics.notify(this.word, 0);
  }

  /** The count to hand to a wait; read it before looking at the conditions. */
  get count(): number {
    return Atomics.load(this.word, 0);
  }

  /**
   * Blocks this thread until the bell has rung since `count`, or for so many milliseconds. Not on the page's thread.
   *
   * @param spin how waiting begins: by looking again and again for a moment; null: the thread sleeps at once
   * @param forOthers which of two kinds of wait it is; see Spin
   */
  wait(count: number, milliseconds = Number.POSITIVE_INFINITY, spin: Spin | null = null, forOthers = false): void {
    if (spin) spin.wait(this.word, count, milliseconds, forOthers);
    else Atomics.wait(this.word, 0, count, milliseconds);
  }

  /** The same without blocking, for a thread whose event loop must turn. */
  async waitAsync(count: number, milliseconds = Number.POSITIVE_INFINITY): Promise<void> {
    if (typeof Atomics.waitAsync === "function") {
      const result = Atomics.waitAsync(this.word, 0, count, milliseconds);
      if (result.async) await result.value;
      return;
    }
    // Without Atomics.waitAsync (older browsers): look again on every turn of the event loop.
    const until = performance.now() + milliseconds;
    while (this.count === count && performance.now() < until) await turn();
  }
}

/**
 * Waiting that adapts. Where rings usually come within the time that going to sleep and waking up costs, the thread looks
 * for them first: for twice the usual wait, and at most for LONGEST_SPIN. A thread whose turn is next waits shortly, one that
 * waits for others to do their share waits long: each kind of wait has a usual length of its own. It looks only while every busy thread of the
 * run has a core of its own, for a thread that spins on a core that another one needs delays it; so the threads count
 * themselves, and one that sleeps is not busy. A thread that was ended while busy stays counted: then nobody spins.
 * Threads that are being woken are not yet counted, so where actors outnumber the cores there is no spin (`spinFor`).
 */
export class Spin {
  /** Milliseconds that waits have lasted, averaged over about the last eight: for the next turn, and for others. */
  private readonly usual = new Float64Array(2);

  /**
   * @param busy threads of the run that are not asleep. Writer: every thread, atomically. [1]
   * @param cores of the machine
   */
  constructor(
    private readonly busy: Int32Array,
    private readonly cores: number,
  ) {}

  /** The thread begins its work. */
  begin(): void {
    Atomics.add(this.busy, 0, 1);
  }

  /** The thread has ended its work. */
  end(): void {
    Atomics.sub(this.busy, 0, 1);
  }

  wait(word: Int32Array, count: number, milliseconds: number, forOthers = false): void {
    const { usual } = this;
    const kind = forOthers ? 1 : 0;
    const began = performance.now();
    const worth = usual[kind] <= LONGEST_SPIN;
    if (
      !worth ||
      !this.look(word, count, Math.min(2 * usual[kind] + SHORTEST_SPIN, LONGEST_SPIN, milliseconds), began)
    ) {
      this.end();
      Atomics.wait(word, 0, count, milliseconds);
      this.begin();
    }
    usual[kind] += (Math.min(performance.now() - began, FORGET) - usual[kind]) / 8;
  }

  /** Whether the bell rang within so many milliseconds of looking for it. */
  private look(word: Int32Array, count: number, milliseconds: number, began: number): boolean {
    while (Atomics.load(this.busy, 0) <= this.cores && performance.now() - began < milliseconds)
      for (let i = 0; i < LOOKS; i++) if (Atomics.load(word, 0) !== count) return true;
    return false;
  }
}

/** A spin for a thread of a run with so many actors; null where they outnumber the cores. */
export const spinFor = (busy: Int32Array, actors: number, cores: number): Spin | null =>
  actors <= cores ? new Spin(busy, cores) : null;

/** Milliseconds. A sleeping thread is awake again after 0.05 to 0.1. */
const SHORTEST_SPIN = 0.005;
const LONGEST_SPIN = 0.4;
/** A long wait counts as so much, so that a pause is soon forgotten. */
const FORGET = 1;
/** Looks between two looks at the clock. */
const LOOKS = 32;

/** One turn of the event loop; a message channel is not throttled as nested timers are. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}
