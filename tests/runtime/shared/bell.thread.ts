/** One of two threads that play ping-pong: it waits for its turn, gives the turn away and rings. */
import { parentPort, workerData } from "node:worker_threads";
import { Bell } from "../../../src/runtime/shared/bell.ts";

export interface PingPong {
  /** Whose turn it is. */
  readonly turn: Int32Array;
  /** A word for each bell. */
  readonly words: readonly Int32Array[];
  readonly me: 0 | 1;
  readonly rounds: number;
  readonly how: "wait" | "waitAsync" | "fallback";
}

const { turn, words, me, rounds, how } = workerData as PingPong;
const bells = words.map((word) => new Bell(word));
if (how === "fallback") Reflect.deleteProperty(Atomics, "waitAsync");
parentPort!.on("message", () => {}); // a promise of Atomics.waitAsync does not keep a Node thread alive

async function play(): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (;;) {
      const count = bells[me].count;
      if (Atomics.load(turn, 0) === me) break;
      // Without a time limit: a ring that is missed is a wait for ever.
      if (how === "wait") bells[me].wait(count);
      else await bells[me].waitAsync(count);
    }
    Atomics.store(turn, 0, 1 - me);
    bells[1 - me].ring();
  }
}

void play().then(() => {
  parentPort!.postMessage(rounds);
  parentPort!.close();
});
