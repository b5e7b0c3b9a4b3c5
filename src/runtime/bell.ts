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

  /** Blocks this thread until the bell has rung since `count`, or for so many milliseconds. Not on the page's thread. */
  wait(count: number, milliseconds = Number.POSITIVE_INFINITY): void {
    Atomics.wait(this.word, 0, count, milliseconds);
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
