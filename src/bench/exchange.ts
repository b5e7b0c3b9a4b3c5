/** What threads hand to each other: parameters through the two banks, bells, and calls through Comlink. */
import { wrap } from "comlink";
import { viewsOf } from "../core/layout.ts";
import { defaultConfig } from "../runtime/plan/config.ts";
import { planRun } from "../runtime/plan/plan.ts";
import { Bell, spinFor } from "../runtime/shared/bell.ts";
import { ParameterReader, ParameterWriter, parametersLayout } from "../runtime/shared/parameters.ts";
import type { Case } from "./cases.ts";
import type { EchoApi } from "./echo.worker.ts";
import type { Work } from "./work.ts";

/** Round trips between two looks at the clock. */
const TRIPS = 20;
/** Milliseconds. A machine that is suspended meanwhile must not look like a thread that has died. */
const PATIENCE = 10_000;

/** One publication and one pull. */
function banks({ batch: floats }: Case): Work {
  const live = planRun(defaultConfig("a2c")).live.length;
  const of = parametersLayout(floats, live, 1);
  const views = viewsOf(of, new SharedArrayBuffer(of.bytes));
  views.version[0] = -1;
  const writer = new ParameterWriter(views);
  const reader = new ParameterReader(views, 0);
  const [ours, theirs] = [new Float32Array(floats), new Float32Array(floats)];
  const [ourLive, theirLive] = [new Float64Array(live), new Float64Array(live)];
  return {
    run() {
      writer.publish(ours, ourLive);
      reader.pull(theirs, theirLive);
      return 1;
    },
  };
}

const partner = () =>
  new Worker(new URL("./echo.worker.ts", import.meta.url), { type: "module", name: "bench exchange, the other side" });

/** Rings the other thread's bell and waits for it to ring back, as actors and learner do. */
async function bells(): Promise<Work> {
  // a cache line for each word
  const words = new Int32Array(new SharedArrayBuffer(192));
  const [there, back, busy] = [words.subarray(0, 1), words.subarray(16, 17), words.subarray(32, 33)];
  const theirs = new Bell(there);
  const ours = new Bell(back);
  const spin = spinFor(busy, 1, navigator.hardwareConcurrency);
  const echo = wrap<EchoApi>(partner());
  await echo.nothing(); // a worker that starts needs this thread's event loop
  void echo.ringBack(there, back, busy);
  spin?.begin();
  return {
    run() {
      for (let trip = 0; trip < TRIPS; trip++) {
        const seen = ours.count;
        theirs.ring();
        ours.wait(seen, PATIENCE, spin);
        if (ours.count === seen) throw new Error("the other thread does not ring back");
      }
      return TRIPS;
    },
  };
}

/** An empty call. */
async function calls(): Promise<Work> {
  const echo = wrap<EchoApi>(partner());
  await echo.nothing();
  return {
    async run() {
      for (let trip = 0; trip < TRIPS; trip++) await echo.nothing();
      return TRIPS;
    },
  };
}

export async function exchanging(of: Case): Promise<Work> {
  if (of.engine === "banks") return banks(of);
  return of.engine === "bells" ? bells() : calls();
}
