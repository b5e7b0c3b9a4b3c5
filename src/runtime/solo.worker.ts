/** The one thread of a run without shared memory: messages in, plain data out. */

import type { Until } from "../core/params.ts";
import { turn } from "./bell.ts";
import { type paces, type RunConfig, WATCHABLE_HZ } from "./config.ts";
import { NotFinite } from "./learner.ts";
import { SoloRun } from "./solo.ts";
import type { SoloOrder, SoloReport } from "./soloRunner.ts";
import { writeStops } from "./stopping.ts";
import { RunWatch } from "./watch.ts";

/** Milliseconds of updates between two looks at the messages, and between two reports. */
const SLICE = 12;
const REPORT = 66;

let run: SoloRun | null = null;
let watch: RunWatch | null = null;
let mode: "running" | "paused" = "paused";
let pace: string = "full";
let steps = 0;
let looping = false;

const post = (report: SoloReport) => postMessage(report);

function report(ending: { reason?: string; problem?: string } = {}): void {
  if (!run || !watch) return;
  run.publish();
  const seen = watch.look(performance.now(), true);
  // Views of the run's memory cannot be sent: copies are.
  const actors = seen.actors.map((actor) => ({
    ...actor,
    states: actor.states.map((state) => state.slice()),
    episodeSteps: actor.episodeSteps.slice(),
  }));
  post({ seen: { ...seen, actors }, ...ending });
}

async function loop(): Promise<void> {
  if (looping) return;
  looping = true;
  let reported = 0;
  while (run && (mode === "running" || steps > 0)) {
    const current = run;
    const start = performance.now();
    try {
      do {
        await current.update();
        if (steps > 0) steps--;
      } while (
        run === current &&
        !current.ending &&
        pace === "full" &&
        mode === "running" &&
        performance.now() - start < SLICE
      );
    } catch (error) {
      const problem =
        error instanceof NotFinite ? error.message : `The run ended with an error: ${(error as Error).message}`;
      mode = "paused";
      report({ problem });
      break;
    }
    if (run !== current) continue;
    if (current.ending) {
      mode = "paused";
      current.halt();
      report({ reason: current.ending });
      break;
    }
    const now = performance.now();
    if (now - reported > REPORT || mode !== "running") {
      reported = now;
      report();
    }
    // One unroll of every copy, as long as an eye wants it to last.
    const rest = pace === "watchable" ? (1000 * current.plan.T) / WATCHABLE_HZ - (now - start) : 0;
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    else await turn();
  }
  run?.halt();
  looping = false;
}

function begin(config: RunConfig): void {
  run = new SoloRun(config);
  watch = new RunWatch(run.plan, run.plan.config, run.memory, run.bytes);
  pace = config.values.pace as string;
  mode = pace === "step" ? "paused" : "running";
  steps = 0;
  report();
}

addEventListener("message", ({ data }: MessageEvent<SoloOrder>) => {
  try {
    if (data.do === "start") begin(data.config);
    else if (data.do === "reset") {
      run = null;
      watch = null;
      mode = "paused";
    } else if (data.do === "mode") mode = data.mode;
    else if (data.do === "step") {
      mode = "paused";
      steps++;
    } else if (data.do === "edit" && run && watch) {
      const { plan, memory } = run;
      watch.asked(data.key, data.value);
      if (data.key === "pace") {
        pace = data.value as (typeof paces)[number];
      } else if (data.key === "until") writeStops(memory.control.stops, data.value as Until);
      else {
        const slot = plan.live.indexOf(data.key);
        memory.control.requested[slot] = plan.params[data.key].toSlot(data.value);
        Atomics.add(memory.control.requests, slot, 1);
        if (data.key === "actors") {
          const { started } = memory.control;
          started[0] = Math.min(plan.room, Math.max(started[0], data.value as number));
        }
      }
    } else if (data.do === "push" && run) {
      const { push } = run.memory.actors[data.actor];
      push.copy[0] = data.copy;
      push.strength[0] = data.strength;
      Atomics.add(push.count, 0, 1);
    }
    void loop();
  } catch (error) {
    post({ problem: (error as Error).message });
  }
});
