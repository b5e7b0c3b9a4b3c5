/** Which threads are kept from run to run, by counting those that are started and ended. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Threads } from "../../../src/runtime/threads/threads.ts";
import { webWorkers } from "../../../src/runtime/threads/webWorkers.ts";

let started: string[];
let ended: string[];

/** A thread that never answers. */
class SilentWorker extends EventTarget {
  constructor(
    _: URL,
    private readonly options: { name: string },
  ) {
    super();
    started.push(options.name);
  }
  postMessage(): void {}
  terminate(): void {
    ended.push(this.options.name);
  }
}

beforeEach(() => {
  [started, ended] = [[], []];
  vi.stubGlobal("Worker", SilentWorker);
});
afterEach(() => vi.unstubAllGlobals());

function takeAll(threads: Threads): void {
  threads.take("actor", 3);
  threads.take("evaluator", 1);
  threads.take("learner", 1);
}
const players = ["actor 1", "actor 2", "actor 3", "evaluator"];

test("a run on the same environment takes the threads of the run before", () => {
  const threads = new Threads(webWorkers);
  for (let run = 0; run < 3; run++) {
    threads.makeWayFor("CartPole-v1");
    takeAll(threads);
    threads.willStep("CartPole-v1");
  }
  expect(started).toEqual([...players, "learner"]);
  expect(ended).toEqual([]);
});

test("a run on another environment gets new actors and a new evaluator, and the learner that there is", () => {
  const threads = new Threads(webWorkers);
  takeAll(threads);
  threads.willStep("CartPole-v1");
  threads.makeWayFor("Acrobot-v1");
  expect(ended).toEqual(players);
  takeAll(threads);
  threads.willStep("Acrobot-v1");
  threads.makeWayFor("Acrobot-v1");
  takeAll(threads);
  expect(started).toEqual([...players, "learner", ...players]);
  expect(ended).toEqual(players);
  expect(threads.count).toBe(5);
});

test("threads that have stepped nothing serve any environment", () => {
  const threads = new Threads(webWorkers);
  for (const env of ["CartPole-v1", "Acrobot-v1", "MountainCar-v0"] as const) {
    threads.makeWayFor(env);
    takeAll(threads);
  }
  expect(started).toHaveLength(5);
  expect(ended).toEqual([]);
});
