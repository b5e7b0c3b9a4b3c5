/** The learner's thread: waits for unrolls, honours pause, step and stop, and ends the run when a condition is met. */
import type { GradientEngine } from "../../nn/engine.ts";
import { Mode, type RunMemory } from "../memory/memory.ts";
import { paces } from "../plan/config.ts";
import type { RunPlan } from "../plan/plan.ts";
import { Bell, spinFor } from "../shared/bell.ts";
import { AwakeClock, StopWatch } from "../shared/clock.ts";
import { Activity } from "../shared/lane.ts";
import { Stops } from "../shared/stopping.ts";
import { Learner, NotFinite } from "./learner.ts";

/** How a run ended, as the learner saw it. */
export type Outcome =
  | { kind: "asked" } // the page said stop
  | { kind: "condition"; reason: string }
  | { kind: "fault"; problem: string };

const STEP = paces.indexOf("step");
/** Milliseconds between two publications of the board while updates follow each other. */
const BOARD_INTERVAL = 30;
/** Milliseconds that a checkpoint waits for a moment without evaluations under way; then updates wait for it. */
const SAVE_PATIENCE = 100;
/** Milliseconds that a stopped learner has for its last checkpoint and board, which somebody else may be reading. */
const LAST_TRIES = 1000;

/**
 * Runs the learner until the run ends. On the learner's own thread only.
 *
 * @param cores of the machine, so that waiting can spin where one is free; 0: it never does
 */
export async function learn(
  plan: RunPlan,
  memory: RunMemory,
  engine: GradientEngine,
  recover?: (failure: unknown) => Promise<GradientEngine>,
  cores = 0,
): Promise<Outcome> {
  const { control } = memory;
  const bell = new Bell(memory.learner.bell);
  const spin = spinFor(memory.busy, plan.actors, cores);
  const { resumed, data } = memory.checkpoint;
  const watch = new StopWatch(
    resumed[0] === 1 ? data.seconds[0] * 1000 : 0,
    new AwakeClock(memory.evaluator.vigil).now,
  );
  const learner = new Learner(plan, memory, engine, watch.seconds, recover);
  const wait = (count: number, milliseconds?: number) =>
    learner.needsEventLoop ? bell.waitAsync(count, milliseconds) : bell.wait(count, milliseconds, spin);
  const stops = new Stops(control.stops);
  const stopping = () => Atomics.load(control.mode, 0) === Mode.stop;
  let stepsTaken = 0;
  let evaluationOwed = false;
  let heldUp = false; // by the evaluator, since the last update
  let evaluated = -1; // updates at the last evaluation
  let published = performance.now();
  let askedToSave = 0; // since when

  const publishWhenDue = (now: boolean) => {
    if (!learner.record.dirty) return;
    const time = performance.now();
    if ((now || time - published >= BOARD_INTERVAL) && learner.publishBoard()) published = time;
  };

  /** Waits until `done` says so or the run is stopped; false when stopped. */
  const until = async (done: () => boolean): Promise<boolean> => {
    for (;;) {
      const count = bell.count;
      if (done()) return true;
      if (stopping()) return false;
      await wait(count, 100);
    }
  };

  /** The same, and once the run is stopped goes on trying until `end`. */
  const insist = async (done: () => boolean, end: number): Promise<void> => {
    if (await until(done)) return;
    while (!done() && performance.now() < end) await wait(bell.count, 1);
  };

  /** Shows the last state, evaluates the last parameters, and lets everybody see how it ended. */
  const finish = async (outcome: Outcome): Promise<Outcome> => {
    Atomics.store(memory.learner.closed, 0, 1);
    watch.halt();
    learner.lane.enter(Activity.stopped);
    learner.record.dirty = true;
    if (outcome.kind === "condition" && evaluated !== learner.record.updates)
      await until(() => learner.requestEvaluation());
    if (outcome.kind !== "asked") await until(() => learner.evaluationsWaiting === 0);
    const end = performance.now() + LAST_TRIES;
    await insist(() => learner.save(), end);
    await insist(() => learner.publishBoard(), end);
    return outcome;
  };

  spin?.begin();
  try {
    learner.begin();
    for (;;) {
      const count = bell.count;
      if (stopping()) return await finish({ kind: "asked" });
      if (evaluationOwed) {
        evaluationOwed = !learner.requestEvaluation();
        if (!evaluationOwed) evaluated = learner.record.updates;
      }
      // A checkpoint has every evaluation that was due.
      if (!evaluationOwed && learner.evaluationsWaiting === 0) learner.saveIfAsked();

      const steps = Atomics.load(control.steps, 0);
      const byStep = Atomics.load(control.mode, 0) === Mode.paused || Atomics.load(control.pace, 0) === STEP;
      if (!byStep) stepsTaken = steps;
      else if (steps === stepsTaken) {
        watch.halt();
        learner.lane.enter(Activity.pace);
        publishWhenDue(true);
        await wait(count, learner.record.dirty ? 5 : undefined);
        continue;
      }

      watch.go();
      if (!learner.isAskedToSave) askedToSave = 0;
      else askedToSave ||= performance.now();
      const holds =
        evaluationOwed ||
        (askedToSave !== 0 && performance.now() - askedToSave > SAVE_PATIENCE) ||
        (learner.isRollbackDue && learner.evaluationsWaiting > 0);
      const group = holds ? null : learner.ready();
      if (group === null) {
        heldUp ||= evaluationOwed;
        publishWhenDue(false);
        learner.lane.enter(Activity.wait);
        const waiting = wait(count, learner.record.dirty ? BOARD_INTERVAL : undefined);
        if (waiting) await waiting; // blocking costs no promise
        continue;
      }

      const waited = learner.lane.current === Activity.wait ? learner.lane.enter(Activity.apply) : 0;
      if (waited > 0 && heldUp) memory.learner.waitedForEvaluator[0] += waited;
      else if (waited > 0) memory.learner.waitedFor[learner.lastOf(group)] += waited;
      heldUp = false;
      const update = learner.update(group);
      const applied = typeof update === "boolean" ? update : await update;
      if (byStep) stepsTaken = (stepsTaken + 1) | 0;
      evaluationOwed = applied && learner.evaluationDue;
      publishWhenDue(byStep);
      const reason = stops.met(learner.record, watch.seconds());
      if (reason) return await finish({ kind: "condition", reason });
    }
  } catch (error) {
    if (!(error instanceof NotFinite)) throw error;
    return await finish({ kind: "fault", problem: error.message });
  } finally {
    spin?.end();
  }
}
