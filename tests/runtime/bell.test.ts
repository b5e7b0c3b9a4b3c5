import { afterEach, describe, expect, test, vi } from "vitest";
import { Bell, turn as nextTurn } from "../../src/runtime/bell.ts";
import type { PingPong } from "./bell.thread.ts";
import { threads } from "./threads.ts";

const word = () => new Int32Array(new SharedArrayBuffer(4));

describe("between two threads no ring is missed", () => {
  test.each([
    ["wait", "wait", 10_000],
    ["wait", "waitAsync", 10_000],
    ["waitAsync", "waitAsync", 3_000],
    ["wait", "fallback", 3_000],
  ] as const)(
    "%s against %s, %i times",
    async (a, b, rounds) => {
      const shared = { turn: word(), words: [word(), word()], rounds };
      const both: PingPong[] = [
        { ...shared, me: 0, how: a },
        { ...shared, me: 1, how: b },
      ];
      const players = await threads<PingPong, number>("./bell.thread.ts", both);
      expect(await Promise.all(players.map(({ result }) => result))).toEqual([rounds, rounds]);
      expect(shared.words.map(([rings]) => rings)).toEqual([rounds, rounds]);
    },
    20_000,
  );
});

describe("a wait", () => {
  const { waitAsync } = Atomics;
  afterEach(() => {
    Object.assign(Atomics, { waitAsync });
    vi.restoreAllMocks();
  });
  const withoutWaitAsync = () => Reflect.deleteProperty(Atomics, "waitAsync");

  test("ends at once where the bell has rung since the count was read", async () => {
    const bell = new Bell(word());
    const count = bell.count;
    bell.ring();
    bell.wait(count); // would block for ever
    await bell.waitAsync(count);
    withoutWaitAsync();
    await bell.waitAsync(count);
  });

  test("ends after its time where nobody rings", async () => {
    const bell = new Bell(word());
    const lasts = async (wait: () => void | Promise<void>) => {
      const before = performance.now();
      await wait();
      return performance.now() - before;
    };
    expect(await lasts(() => bell.wait(bell.count, 20))).toBeGreaterThan(15);
    expect(await lasts(() => bell.waitAsync(bell.count, 20))).toBeGreaterThan(15);
    withoutWaitAsync();
    expect(await lasts(() => bell.waitAsync(bell.count, 20))).toBeGreaterThan(15);
  });

  test.each(["with", "without"])("%s Atomics.waitAsync the event loop turns while it lasts", async (how) => {
    if (how === "without") withoutWaitAsync();
    const bell = new Bell(word());
    let timers = 0;
    const timer = setInterval(() => {
      if (++timers === 3) bell.ring();
    }, 2);
    await bell.waitAsync(bell.count);
    clearInterval(timer);
    expect(timers).toBeGreaterThanOrEqual(3);
  });

  test("a turn of the event loop lets messages and timers through", async () => {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    const before = performance.now();
    while (!fired && performance.now() - before < 1000) await nextTurn();
    expect(fired).toBe(true);
  });
});
