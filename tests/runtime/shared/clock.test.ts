/** Training time on machines that sleep, with threads that look at a clock which a test sets. */
import { describe, expect, test } from "vitest";
import { viewsOf } from "../../../src/core/layout.ts";
import { AWAKE, AwakeClock, StopWatch, Vigil, vigilLayout } from "../../../src/runtime/shared/clock.ts";

function machine(epoch = 1.7e12) {
  const views = viewsOf(vigilLayout, new SharedArrayBuffer(vigilLayout.bytes));
  let now = epoch;
  const clock = () => now;
  const watch = new StopWatch(0, new AwakeClock(views, clock).now);
  return {
    vigil: new Vigil(views, clock),
    watch,
    slept: () => views.slept[0] / 1000,
    /** Time goes on; nobody looks. */
    pass(seconds: number) {
      now += 1000 * seconds;
    },
    /** Time goes on, and the vigil is kept. */
    watched(seconds: number) {
      for (let i = 0; i < 4 * seconds; i++) {
        now += 250;
        this.vigil.look();
      }
    },
  };
}

describe("training time", () => {
  test("is all time while somebody keeps watch, however long an update takes", () => {
    const of = machine();
    of.vigil.look();
    of.watch.go();
    of.watched(30); // one update
    expect(of.watch.seconds()).toBe(30);
    expect(of.slept()).toBe(0);
  });

  test("is not the machine's sleep, whoever looks first afterwards", () => {
    for (const first of ["learner", "vigil"]) {
      const of = machine();
      of.vigil.look();
      of.watch.go();
      of.watched(5);
      of.pass(3600);
      const most = 5 + AWAKE / 1000;
      if (first === "learner") expect(of.watch.seconds()).toBe(most);
      of.vigil.look();
      expect(of.watch.seconds()).toBe(most);
      expect(of.slept()).toBe(3600 - AWAKE / 1000);
      of.watched(10);
      expect(of.watch.seconds()).toBe(most + 10);
    }
  });

  test("is not cut by a thread that gets its core late", () => {
    const of = machine();
    of.vigil.look();
    of.watch.go();
    for (let i = 0; i < 20; i++) {
      of.pass(1.9);
      of.vigil.look();
    }
    expect(of.watch.seconds()).toBeCloseTo(38, 6);
    expect(of.slept()).toBe(0);
  });

  test("is all time before there is a vigil, and stands still while paused", () => {
    const of = machine();
    of.watch.go();
    of.pass(20); // the evaluator's thread is being started
    expect(of.watch.seconds()).toBe(20);
    of.vigil.look();
    of.watch.halt();
    of.pass(500);
    of.vigil.look();
    of.watch.go();
    of.watched(2);
    expect(of.watch.seconds()).toBe(22);
  });

  test("goes on where the count of milliseconds begins anew, and never backwards", () => {
    const of = machine(2 ** 41 - 1000.5);
    of.vigil.look();
    of.watch.go();
    let last = 0;
    for (let i = 0; i < 400; i++) {
      of.pass(i % 50 === 0 ? 30 : 0.1);
      if (i % 3 === 0) of.vigil.look();
      const seconds = of.watch.seconds();
      expect(seconds).toBeGreaterThanOrEqual(last);
      last = seconds;
    }
    expect(last).toBeGreaterThan(39);
    expect(last).toBeLessThan(39.2 + 8 * 2.3);
  });
});
