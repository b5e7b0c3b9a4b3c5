/** Unrolls that have arrived: whose make the next update, and who gets them back. On the learner's thread only. */
import type { AnyValues } from "../../core/params.ts";
import type { RunMemory, UnrollViews } from "../memory/memory.ts";
import type { RunPlan } from "../plan/plan.ts";
import { Bell } from "../shared/bell.ts";
import { Queue } from "../shared/ring.ts";

export class Arrivals {
  private readonly queues: readonly Queue[];
  private readonly bells: readonly Bell[];
  private readonly hogwild: boolean;
  /** The first k actors, for every k, and every actor alone: groups that nobody has to allocate. */
  private readonly first: readonly (readonly number[])[];
  private readonly alone: readonly (readonly number[])[];
  /** The version at which each actor was last handed its unroll back. */
  private readonly handed: Int32Array;
  /** The version of the latest parameters. */
  version = 0;

  /** @param values the live values as latched */
  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    private readonly values: Readonly<AnyValues>,
  ) {
    this.hogwild = plan.apply === "actors";
    this.queues = memory.actors.map((actor) => new Queue(actor.queue, actor.unrolls.length));
    this.bells = memory.actors.map((actor) => new Bell(actor.bell));
    const everybody = memory.actors.map((_, actor) => actor);
    this.first = [[], ...everybody.map((actor) => everybody.slice(0, actor + 1))];
    this.alone = everybody.map((actor) => [actor]);
    this.handed = new Int32Array(everybody.length);
  }

  /** From this version on, with the actors that the live value says. */
  begin(version: number): void {
    this.version = version;
    this.handed.fill(version);
    Atomics.store(this.memory.learner.active, 0, this.active);
  }

  /** Actors that take part. */
  private get active(): number {
    return Math.min(this.values.actors as number, this.queues.length);
  }

  /** The actors whose unrolls make the next update, or null when it has to wait for one. */
  ready(): readonly number[] | null {
    return this.plan.lockstep ? this.readyTogether() : this.readyAlone();
  }

  /** Lockstep: all that take part. */
  private readyTogether(): readonly number[] | null {
    for (let actor = 0; actor < this.active; actor++) if (this.queues[actor].length === 0) return null;
    return this.first[this.active];
  }

  /** Asynchronous: the first that arrived; behind a gate that waits, the one with the oldest parameters, in time. */
  private readyAlone(): readonly number[] | null {
    const waits = this.values.gate === "wait" && !this.hogwild;
    const active = this.hogwild ? this.queues.length : this.active; // what is applied is recorded in any case
    let first = -1;
    for (let actor = 0; actor < active; actor++) {
      if (this.queues[actor].length === 0) continue;
      const before = first < 0 ? 0 : waits ? this.behind(actor) - this.behind(first) : 0;
      if (first < 0 || before > 0 || (before === 0 && this.isEarlier(actor, first))) first = actor;
    }
    if (first < 0) return null;
    if (waits)
      for (let actor = 0; actor < active; actor++)
        if (this.queues[actor].length === 0 && this.pulledBehind(actor) + 1 > (this.values.maxStaleness as number))
          return null;
    return this.alone[first];
  }

  /** Versions that the oldest unroll of an actor is behind the latest. */
  behind(actor: number): number {
    return (this.version - this.oldest(actor).version[0]) | 0;
  }

  /** Versions that an actor at work is behind: those since it pulled, or since it was last handed its unroll back. */
  private pulledBehind(actor: number): number {
    const pulled = Atomics.load(this.memory.actors[actor].version, 0);
    return Math.min((this.version - pulled) | 0, (this.version - this.handed[actor]) | 0);
  }

  /** Whether the unroll of one actor arrived before the other's. */
  private isEarlier(one: number, other: number): boolean {
    return ((this.oldest(one).ticket[0] - this.oldest(other).ticket[0]) | 0) < 0;
  }

  /** The actor of a group whose unroll arrived last: the one that was waited for. */
  lastOf(group: readonly number[]): number {
    let last = group[0];
    for (const actor of group) if (this.isEarlier(last, actor)) last = actor;
    return last;
  }

  /** The unroll of an actor that is to be learnt from, and which of its unrolls that is. */
  oldest(actor: number): UnrollViews {
    return this.memory.actors[actor].unrolls[this.slotOf(actor)];
  }

  slotOf(actor: number): number {
    return this.queues[actor].readable();
  }

  /**
   * Lets those take part that the live value says, from the version just published on. Who rests from now on sees it before
   * the unroll comes back, who begins sees the version first: in lockstep neither depends on when a thread wakes up.
   */
  admit(): void {
    const { active } = this.memory.learner;
    const before = active[0];
    if (before === this.active) return;
    Atomics.store(active, 0, this.active);
    // What an asynchronous actor acted before it rested is too old to learn from.
    for (let actor = before; actor < this.active; actor++)
      if (!this.hogwild && this.queues[actor].length > 0) this.handBack(actor);
    this.ringAll();
  }

  /** Gives an actor its unroll back to fill again. */
  handBack(actor: number): void {
    this.handed[actor] = this.version;
    this.queues[actor].release();
    this.bells[actor].ring();
  }

  ringAll(): void {
    for (const bell of this.bells) bell.ring();
  }
}
