/**
 * A bell wakes one thread. Whoever changes something that the thread may be waiting for rings its bell; the thread
 * looks at its conditions again. Because the count is read before the conditions, no ring is ever missed.
 *
 * The word is the exception to one writer a word: every thread adds to it, atomically.
 */
export class Bell {
  /** @param spin how waiting begins: by looking again and again for a moment; null: the thread sleeps at once */
  constructor(
    private readonly word: Int32Array,
    private readonly spin: Spin | null = null,
  ) {}

  /** Any thread. */
  ring(): void {
    Atomics.add(this.word, 0, 1);
    Atomics.notify(this.word, 0);
  }

  /** The count to hand to a wait; read it before looking at the conditions. */
  get count(): number {
    return Atomics.load(this.word, 0);
  }

  /** Blocks this thread until the bell has rung since `count`, or for so many milliseconds. Not on the page's thread. */
  wait(count: number, milliseconds = Number.POSITIVE_INFINITY): void {
    if (this.spin) this.spin.wait(this.word, count, milliseconds);
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
 * Waiting that adapts: where rings usually come within the time that going to sleep and waking up costs, the thread
 * looks for them first. It looks for no longer than twice the usual wait, and at most for LONGEST_SPIN. Only where
 * every busy thread has a core of its own (`spinFor`): a thread that spins on a core that another one needs delays it.
 */
export class Spin {
  /** Milliseconds that waits have lasted, averaged over about the last eight. */
  private usual = 0;

  wait(word: Int32Array, count: number, milliseconds: number): void {
    const began = performance.now();
    const look = Math.min(2 * this.usual + SHORTEST_SPIN, milliseconds);
    if (look <= LONGEST_SPIN)
      while (performance.now() - began < look)
        for (let i = 0; i < LOOKS; i++)
          if (Atomics.load(word, 0) !== count) {
            this.remember(performance.now() - began);
            return;
          }
    Atomics.wait(word, 0, count, milliseconds);
    this.remember(performance.now() - began);
  }

  private remember(lasted: number): void {
    this.usual += (Math.min(lasted, FORGET) - this.usual) / 8;
  }
}

/** Milliseconds. A sleeping thread is awake again after 0.05 to 0.1. */
const SHORTEST_SPIN = 0.005;
const LONGEST_SPIN = 0.1;
/** A long wait counts as so much, so that a pause is soon forgotten. */
const FORGET = 0.5;
/** Looks between two looks at the clock. */
const LOOKS = 32;

/** A spin for one of so many busy threads; null where they outnumber the cores. */
export const spinFor = (busyThreads: number, cores: number): Spin | null => (busyThreads <= cores ? new Spin() : null);

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
