/** The evaluator: an actor that takes the most probable actions and has no experience to hand in, on the parameters of one version. */
import { Extremes } from "../../core/extremes.ts";
import { type AnyValues, readSlots } from "../../core/params.ts";
import { Rng } from "../../core/rng.ts";
import { type Policy, plainPolicy } from "../../nn/policy.ts";
import { Mode, type RunMemory, SERIES_POINTS } from "../memory/memory.ts";
import { evaluationColumns } from "../plan/columns.ts";
import { EVALUATION_EPISODES } from "../plan/config.ts";
import type { RunPlan } from "../plan/plan.ts";
import { Stream } from "../plan/streams.ts";
import { Bell } from "../shared/bell.ts";
import { postSeries, resumeSeries, tryPublish } from "../shared/board.ts";
import { LOOK, Vigil } from "../shared/clock.ts";
import { Activity, Lane } from "../shared/lane.ts";
import { Queue } from "../shared/ring.ts";
import { meanAndStd, playGreedily } from "./episodes.ts";

export class Evaluator {
  /** Evaluations so far, or those that stand for the others. */
  private readonly series: Extremes;
  private readonly queue: Queue;
  private readonly values: AnyValues;
  private readonly returns = new Float64Array(EVALUATION_EPISODES);

  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    private readonly policy: Policy = plainPolicy(plan.spec, EVALUATION_EPISODES),
  ) {
    const { length } = evaluationColumns;
    this.series = new Extremes(length, new Float64Array(SERIES_POINTS * length), evaluationColumns.indexOf("mean"));
    if (memory.checkpoint.resumed[0] === 1) resumeSeries(this.series, memory.checkpoint.data.evaluations);
    this.queue = new Queue(memory.evaluator.queue, memory.evaluator.snapshots.length);
    this.values = { ...plan.config.values };
  }

  /** Evaluates the oldest waiting snapshot; false when none waits or the run was stopped meanwhile. */
  evaluateNext(stopping: () => boolean): boolean {
    const slot = this.queue.readable();
    if (slot < 0) return false;
    const { moment, bank } = this.memory.evaluator.snapshots[slot];
    this.policy.load(bank.parameters);
    readSlots(this.plan.params, bank.live, this.values);
    const [envSteps, updates, seconds] = moment;
    const { plan, policy, values, returns } = this;
    const rngs = Array.from(returns, (_, k) => new Rng().seed(plan.values.seed, Stream.evaluation, updates, k));
    if (!playGreedily(plan, policy, values, rngs, returns, stopping)) return false;
    const { mean, std } = meanAndStd(returns);
    const [least, most] = [Math.min(...returns), Math.max(...returns)];
    this.series.add([envSteps, updates, seconds, returns.length, mean, std, least, most]);
    while (!this.publish()) if (stopping()) return false;
    while (!this.keepBest(mean, moment, bank.parameters)) if (stopping()) return false;
    this.queue.release();
    return true;
  }

  /** Of two that are equally good, the later one. False while the learner reads the best. */
  private keepBest(mean: number, moment: Float64Array, parameters: Float32Array): boolean {
    const { best } = this.memory.evaluator;
    if (best.revision[0] > 0 && mean < best.mean[0]) return true;
    return tryPublish(best, () => {
      best.mean[0] = mean;
      best.moment.set(moment);
      best.parameters.set(parameters);
    });
  }

  private publish(): boolean {
    const { board } = this.memory.evaluator;
    return tryPublish(board, () => postSeries(this.series, board.evaluations));
  }

  /** Evaluates until the run is stopped. Blocks: call it on the evaluator's own thread only. */
  run(): void {
    const { memory } = this;
    const bell = new Bell(memory.evaluator.bell);
    const learnerBell = new Bell(memory.learner.bell);
    const lane = new Lane(memory.evaluator.lane);
    const vigil = new Vigil(memory.evaluator.vigil);
    const stopping = () => {
      vigil.look();
      return Atomics.load(memory.control.mode, 0) === Mode.stop;
    };
    for (;;) {
      const count = bell.count;
      if (stopping()) break;
      if (this.queue.length > 0) lane.enter(Activity.evaluate);
      if (this.evaluateNext(stopping)) learnerBell.ring();
      else {
        lane.enter(Activity.wait);
        bell.wait(count, LOOK);
      }
    }
    lane.enter(Activity.stopped);
  }
}
