/** What the page sees of the parts of a run at work: lanes, queues, and how much they have moved. */

import { memoryLayout, type RunMemory } from "../memory/memory.ts";
import { batchRows, type RunPlan } from "../plan/plan.ts";
import { Activity, activities, type LaneViews, spanColumns } from "../shared/lane.ts";
import { Log, Queue } from "../shared/ring.ts";

/** One thread. Reads shared memory directly: cheap, and never of one instant. */
export class LaneView {
  private readonly log: Log;

  constructor(
    /** "actor 1", "learner", "evaluator" */
    readonly name: string,
    readonly role: "actor" | "learner" | "evaluator",
    /** Of the actor; 0 for the others. */
    readonly index: number,
    private readonly views: LaneViews,
  ) {
    this.log = new Log(views.spans, spanColumns.length);
  }

  /** What it does now. */
  get activity(): Activity {
    return activities[Atomics.load(this.views.current, 0)];
  }

  /** Since when; milliseconds since the epoch, as all times here. */
  get since(): number {
    return this.views.since[0];
  }

  /** Milliseconds spent on an activity so far, the running span included. */
  spent(activity: Activity, now: number): number {
    const running = this.activity === activity ? Math.max(0, now - this.since) : 0;
    return this.views.spent[Activity[activity]] + running;
  }

  /**
   * Calls visit for every finished span since `from`, oldest first, as far as they are kept; returns the count to go on
   * from. Spans follow each other without a gap.
   */
  read(from: number, visit: (activity: Activity, began: number, ended: number) => void): number {
    return this.log.read(from, ([activity, began, ended]) => visit(activities[activity], began, ended));
  }
}

/** Bytes that one unroll, one gradient and one set of parameters are. */
export interface Sizes {
  readonly unroll: number;
  readonly gradient: number;
  readonly parameters: number;
}

export class SystemView {
  private readonly actorLanes: readonly LaneView[];
  private readonly otherLanes: readonly LaneView[];
  readonly sizes: Sizes;
  private readonly queues: readonly Queue[];

  constructor(
    readonly plan: RunPlan,
    private readonly memory: RunMemory,
  ) {
    this.actorLanes = memory.actors.map(({ lane }, i) => new LaneView(`actor ${i + 1}`, "actor", i, lane));
    this.otherLanes = [
      new LaneView("learner", "learner", 0, memory.learner.lane),
      new LaneView("evaluator", "evaluator", 0, memory.evaluator.lane),
    ];
    this.queues = memory.actors.map((actor) => new Queue(actor.queue, actor.unrolls.length));
    const { unrolls } = memoryLayout(plan).nodes.actors.layout.nodes;
    const gradient = plan.spec.size * 4;
    this.sizes = {
      unroll: unrolls.layout.bytes - (plan.gradients === "actors" ? gradient : 0),
      gradient,
      parameters: plan.spec.size * 4,
    };
  }

  /** Of every actor that has a thread, then of the learner and the evaluator. */
  get lanes(): readonly LaneView[] {
    return [...this.actorLanes.slice(0, Atomics.load(this.memory.control.started, 0)), ...this.otherLanes];
  }

  /** Rows of one update's batch. */
  get batchRows(): number {
    return batchRows(this.plan, this.active);
  }

  /** Actors that take part; the others rest. */
  get active(): number {
    return this.memory.learner.active[0];
  }

  /** Unrolls of an actor that wait for the learner, and how many there may be. */
  queued(actor: number): number {
    return this.queues[actor].length;
  }
  get queueCapacity(): number {
    return this.queues[0].capacity;
  }

  /** Unrolls that an actor has handed in so far. */
  unrolls(actor: number): number {
    return Atomics.load(this.memory.actors[actor].queue.committed, 0) >>> 0;
  }

  /** Milliseconds that the learner has waited so far for an actor: the last one whose unroll it needed. */
  waitedFor(actor: number): number {
    return this.memory.learner.waitedFor[actor];
  }

  get waitedForEvaluator(): number {
    return this.memory.learner.waitedForEvaluator[0];
  }

  /** How often an actor was replaced. */
  replacements(actor: number): number {
    return Atomics.load(this.memory.actors[actor].replaced, 0);
  }
}
