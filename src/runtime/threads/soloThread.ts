/** What the one thread of a run does that shares no memory: messages in, plain data out. */
import type { AnyValues, Until } from "../../core/params.ts";
import { NotFinite } from "../learning/learner.ts";
import { type paces, type RunConfig, WATCHABLE_HZ } from "../plan/config.ts";
import type { StartOptions } from "../seen/view.ts";
import { RunWatch } from "../seen/watch.ts";
import { turn } from "../shared/bell.ts";
import { writeStops } from "../shared/stopping.ts";
import { type Held, holdForLife } from "./life.ts";
import { SoloRun } from "./solo.ts";
import type { SoloOrder, SoloReport } from "./soloRunner.ts";

/** The thread's way to whoever runs it. */
export interface SoloPort {
  post(message: SoloReport | Held, transfer?: ArrayBuffer[]): void;
  onOrder(obey: (order: SoloOrder) => void): void;
}

/** Milliseconds of updates between two looks at the messages, and between two reports. */
const SLICE = 12;
const REPORT = 66;

let port: SoloPort;
let run: SoloRun | null = null;
/** The page's number of the run. */
let id = 0;
let watch: RunWatch | null = null;
let mode: "running" | "paused" = "paused";
let pace: string = "full";
let steps = 0;
let looping = false;

const post = (report: Omit<SoloReport, "run">, transfer?: ArrayBuffer[]) => port.post({ run: id, ...report }, transfer);

/** The latest parameters; their checkpoint too, where it is asked for. */
function policy(withCheckpoint: boolean): void {
  if (!run) return;
  const parameters = run.learner.parameters.slice();
  const checkpoint = withCheckpoint ? run.checkpoint() : undefined;
  post({ policy: { parameters, version: run.learner.record.versions }, checkpoint }, [parameters.buffer]);
}

function report(ending: Pick<SoloReport, "reason" | "problem" | "trouble"> = {}): void {
  if (!run || !watch) return;
  if (ending.reason ?? ending.problem) policy(false); // there before the page hears of the end
  run.publish();
  const seen = watch.look(performance.now(), true);
  // Views of the run's memory cannot be sent: copies are.
  const actors = seen.actors.map((actor) => ({
    ...actor,
    states: actor.states.map((state) => state.slice()),
    actions: actor.actions.map((action) => action.slice()),
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
      mode = "paused";
      if (error instanceof NotFinite) report({ problem: error.message, trouble: { kind: "not finite" } });
      else report({ problem: `The run ended with an error: ${(error as Error).message}` });
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

function begin(config: RunConfig, options: StartOptions): void {
  run = new SoloRun(config, options);
  watch = new RunWatch(run.plan, config, run.memory, run.buffer.byteLength, options.resume);
  pace = config.values.pace as string;
  mode = pace === "step" ? "paused" : "running";
  steps = 0;
  report();
}

function edit({ plan, memory }: SoloRun, key: string, value: AnyValues[string]): void {
  watch?.asked(key, value);
  if (key === "pace") {
    pace = value as (typeof paces)[number];
    return;
  }
  if (key === "until") {
    writeStops(memory.control.stops, value as Until);
    return;
  }
  const slot = plan.live.indexOf(key);
  const { requested, requests, started } = memory.control;
  requested[slot] = plan.params[key].toSlot(value);
  Atomics.add(requests, slot, 1);
  if (key === "actors") started[0] = Math.min(plan.room, Math.max(started[0], value as number));
}

function push({ memory }: SoloRun, { actor, copy, strength }: SoloOrder & { do: "push" }): void {
  const { push } = memory.actors[actor];
  push.copy[0] = copy;
  push.strength[0] = strength;
  Atomics.add(push.count, 0, 1);
}

async function live(lock: string): Promise<void> {
  if (await holdForLife(lock)) port.post({ held: lock });
}

function obey(order: SoloOrder): void {
  if (order.do === "live") void live(order.lock);
  else if (order.do === "start") {
    id = order.run;
    begin(order.config, order.options);
  } else if (order.do === "reset") {
    run = null;
    watch = null;
    mode = "paused";
  } else if (order.do === "mode") mode = order.mode;
  else if (order.do === "step") {
    mode = "paused";
    steps++;
  } else if (run) {
    if (order.do === "edit") edit(run, order.key, order.value);
    else if (order.do === "push") push(run, order);
    else if (order.do === "policy") policy(order.withCheckpoint);
    else Atomics.add(run.memory.control.rollbacks, 0, 1);
  }
}

/** Obeys orders from now on. Once a thread. */
export function serveSolo(to: SoloPort): void {
  port = to;
  port.onOrder((order) => {
    try {
      obey(order);
      void loop();
    } catch (error) {
      post({ problem: (error as Error).message });
    }
  });
}
