/** An actor: pulls parameters, fills an unroll, hands it in. The collect loop is the same for every topology. */
import type { GradientEngine } from "../../nn/engine.ts";
import { plainOptimizer } from "../../nn/optimizers.ts";
import type { Behaviour } from "../../nn/policy.ts";
import { Hogwild } from "../learning/hogwild.ts";
import { Mode, type RunMemory } from "../memory/memory.ts";
import type { RunPlan } from "../plan/plan.ts";
import { Bell, type Spin } from "../shared/bell.ts";
import { Activity, Lane } from "../shared/lane.ts";
import { ParameterReader } from "../shared/parameters.ts";
import { Queue } from "../shared/ring.ts";
import { Pacer } from "./pacer.ts";
import { Rollout } from "./rollout.ts";

const atOnce = () => true;

export class Actor {
  private readonly views;
  private readonly bell: Bell;
  private readonly learnerBell: Bell;
  private readonly queue: Queue;
  private readonly source: ParameterReader;
  private readonly rollout: Rollout;
  private readonly lane: Lane;
  private readonly slots;
  private readonly lockstep: boolean;
  /** Where the actors apply. */
  private readonly hogwild: Hogwild | null;

  /** @param spin how its thread waits; see Spin */
  constructor(
    plan: RunPlan,
    private readonly memory: RunMemory,
    private readonly index: number,
    policy?: Behaviour,
    engine?: GradientEngine,
    private readonly spin: Spin | null = null,
  ) {
    this.views = memory.actors[index];
    this.lockstep = plan.lockstep;
    const slot = (key: string) => plan.live.indexOf(key);
    this.slots = { straggler: slot("straggler"), slowdown: slot("slowdown"), pullDelay: slot("pullDelay") };
    this.bell = new Bell(this.views.bell);
    this.learnerBell = new Bell(memory.learner.bell);
    this.queue = new Queue(this.views.queue, this.views.unrolls.length);
    this.source = new ParameterReader(memory.parameters, index);
    this.source.release(); // a predecessor may have ended in mid-copy
    this.lane = new Lane(this.views.lane);
    this.rollout = new Rollout(plan, this.views, index, policy, engine, this.lane, memory.control);
    this.hogwild = plan.apply === "actors" ? new Hogwild(plan, memory, engine?.optimizer ?? plainOptimizer) : null;
    this.rollout.begin();
  }

  /**
   * One round if it is the actor's turn: it takes part, parameters are published and there is room for an unroll. Because
   * room comes only once the last unroll has been applied and published, an actor never acts on parameters older than its
   * own last update.
   *
   * @param delay waits on purpose for so many milliseconds; false when the run is to stop
   */
  collect(
    beforeStep: () => boolean,
    delay: (milliseconds: number) => boolean = atOnce,
  ): "collected" | "not its turn" | "stopped" {
    const slot = this.queue.writable();
    if (slot < 0 || !this.source.isPublished || this.rests) return "not its turn";
    const { views, rollout, lane } = this;
    lane.enter(Activity.act);
    const unroll = views.unrolls[slot];
    const version = this.source.pull(rollout.parameters, rollout.live);
    unroll.version[0] = version;
    Atomics.store(views.version, 0, version);
    const slowed = this.live("straggler") === this.index + 1;
    if (slowed && !delay(this.live("pullDelay"))) return "stopped";
    const began = slowed ? performance.now() : 0;
    if (!rollout.fill(unroll, beforeStep)) return "stopped";
    if (slowed && !delay((this.live("slowdown") - 1) * (performance.now() - began))) return "stopped";
    if (this.hogwild) {
      if (Atomics.load(this.memory.learner.closed, 0) === 1) return "not its turn";
      lane.enter(Activity.apply);
      this.hogwild.apply(unroll, rollout.values);
    }
    unroll.ticket[0] = Atomics.add(this.memory.learner.tickets, 0, 1);
    rollout.keep();
    this.queue.commit();
    // Woken before it can go on, the learner would take the place of an actor at work.
    if (!this.waitsForOthers) this.learnerBell.ring();
    return "collected";
  }

  private live(key: keyof typeof this.slots): number {
    return this.rollout.live[this.slots[key]];
  }

  /** It does not take part, now or not yet. */
  private get rests(): boolean {
    return this.index >= Atomics.load(this.memory.learner.active, 0);
  }

  /** Lockstep, and somebody has not handed in an unroll yet: the learner cannot go on. */
  private get waitsForOthers(): boolean {
    if (!this.lockstep) return false;
    const active = Atomics.load(this.memory.learner.active, 0);
    for (let actor = 0; actor < active; actor++) {
      const { committed, released } = this.memory.actors[actor].queue;
      if (Atomics.load(committed, 0) === Atomics.load(released, 0)) return true;
    }
    return false;
  }

  /** Collects until the run is stopped. Blocks: call it on an actor's own thread only. */
  run(): void {
    const { views, bell, memory, lane, spin } = this;
    const pacer = new Pacer(memory.control, bell, lane);
    spin?.begin();
    for (;;) {
      const count = bell.count;
      if (Atomics.load(memory.control.mode, 0) === Mode.stop) break;
      Atomics.add(views.heartbeat, 0, 1);
      const outcome = this.collect(pacer.beforeStep, pacer.delay);
      if (outcome === "stopped") break;
      if (outcome === "collected") continue;
      lane.enter(Activity.wait);
      bell.wait(count, undefined, spin, this.waitsForOthers);
    }
    spin?.end();
    lane.enter(Activity.stopped);
  }
}
