/** An actor: pulls parameters, fills an unroll, hands it in. The collect loop is the same for every topology. */
import type { GradientEngine } from "../nn/engine.ts";
import type { Policy } from "../nn/policy.ts";
import { Bell } from "./bell.ts";
import { Activity, Mode, type RunMemory, type RunPlan } from "./memory.ts";
import { Pacer } from "./pacer.ts";
import { ParameterReader } from "./parameters.ts";
import { Queue } from "./ring.ts";
import { Rollout } from "./rollout.ts";

export class Actor {
  private readonly views;
  private readonly bell: Bell;
  private readonly learnerBell: Bell;
  private readonly queue: Queue;
  private readonly source: ParameterReader;
  private readonly rollout: Rollout;

  constructor(
    plan: RunPlan,
    private readonly memory: RunMemory,
    index: number,
    policy?: Policy,
    engine?: GradientEngine,
  ) {
    this.views = memory.actors[index];
    this.bell = new Bell(this.views.bell);
    this.learnerBell = new Bell(memory.learner.bell);
    this.queue = new Queue(this.views.queue, this.views.unrolls.length);
    this.source = new ParameterReader(memory.parameters, index);
    this.rollout = new Rollout(plan, this.views, index, policy, engine);
    this.rollout.begin();
  }

  /**
   * One round if it is the actor's turn: parameters are published and there is room for an unroll. Because room comes
   * only once the last unroll has been applied and published, an actor never acts on parameters older than its own
   * last update.
   */
  collect(beforeStep: () => boolean): "collected" | "not its turn" | "stopped" {
    const slot = this.queue.writable();
    if (slot < 0 || this.source.version < 0) return "not its turn";
    const { views, rollout } = this;
    const unroll = views.unrolls[slot];
    const version = this.source.pull(rollout.parameters, rollout.live);
    unroll.version[0] = version;
    Atomics.store(views.version, 0, version);
    Atomics.store(views.activity, 0, Activity.acting);
    if (!rollout.fill(unroll, beforeStep)) return "stopped";
    unroll.ticket[0] = Atomics.add(this.memory.learner.tickets, 0, 1);
    this.queue.commit();
    this.learnerBell.ring();
    return "collected";
  }

  /** Collects until the run is stopped. Blocks: call it on an actor's own thread only. */
  run(): void {
    const { views, bell, memory } = this;
    const pacer = new Pacer(memory.control, bell);
    for (;;) {
      const count = bell.count;
      if (Atomics.load(memory.control.mode, 0) === Mode.stop) break;
      Atomics.add(views.heartbeat, 0, 1);
      const outcome = this.collect(pacer.beforeStep);
      if (outcome === "stopped") break;
      if (outcome === "collected") continue;
      Atomics.store(views.activity, 0, Activity.waiting);
      bell.wait(count);
    }
    Atomics.store(views.activity, 0, Activity.stopped);
  }
}
