import { afterEach, describe, expect, test, vi } from "vitest";
import { Bell, turn as nextTurn, Spin, spinFor } from "../../../src/runtime/shared/bell.ts";
import { threads } from "../threads.ts";
import type { PingPong } from "./bell.thread.ts";

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
      const players = await threads<PingPong, number>("shared/bell.thread.ts", both);
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

describe("a spin", () => {
  const waited = (spin: Spin, word: Int32Array, milliseconds: number) => {
    const before = performance.now();
    new Bell(word).wait(word[0], milliseconds, spin);
    return performance.now() - before;
  };

  test("counts its thread as busy but for the time that it sleeps", async () => {
    const busy = word();
    const spin = new Spin(busy, 0); // no core to spare: it sleeps at once
    spin.begin();
    expect(busy[0]).toBe(1);
    const wait = vi.spyOn(Atomics, "wait").mockImplementation(() => {
      expect(busy[0]).toBe(0);
      return "timed-out";
    });
    waited(spin, word(), 5);
    expect(wait).toHaveBeenCalledTimes(1);
    wait.mockRestore();
    expect(busy[0]).toBe(1);
    spin.end();
    expect(busy[0]).toBe(0);
  });

  test("looks before it sleeps where a core is free, and not where waits last long", () => {
    const sleeps = vi.spyOn(Atomics, "wait");
    const busy = word();
    const spin = new Spin(busy, 2);
    spin.begin();
    const rung = word();
    // The bell rings while the clock is read for the second time: no sleep is needed.
    let reads = 0;
    vi.spyOn(performance, "now").mockImplementation(() => {
      if (++reads === 2) rung[0] = 1;
      return reads * 1e-4;
    });
    spin.wait(rung, 0, 1000);
    expect(sleeps).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    for (let i = 0; i < 40; i++) waited(spin, word(), 1); // nobody rings: long waits are the usual ones
    const looking = vi.spyOn(Atomics, "load");
    const long = word();
    new Bell(long).wait(0, 1, spin);
    expect(looking).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test("gives its core back when another thread needs it", () => {
    const busy = word();
    const spin = new Spin(busy, 1);
    spin.begin();
    Atomics.add(busy, 0, 1); // the other thread
    const looked: unknown[] = [];
    const rung = word();
    const { load } = Atomics;
    const spied = (array: Int32Array, at: number) => {
      looked.push(array);
      return load(array, at);
    };
    Object.assign(Atomics, { load: spied });
    spin.wait(rung, 0, 2);
    Object.assign(Atomics, { load });
    expect(looked).toEqual([busy]); // never at the bell
  });

  test("is not had where actors outnumber the cores", () => {
    expect(spinFor(word(), 4, 2)).toBeNull();
    expect(spinFor(word(), 2, 2)).toBeInstanceOf(Spin);
    expect(spinFor(word(), 1, 0)).toBeNull();
  });
});
