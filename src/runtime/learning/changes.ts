/**
 * What a person changes or does while a run goes on: live values, pushes, replaced actors, the way back to the best
 * parameters; or what is repeated of another run. All of it takes effect at an update and is recorded there. On the
 * learner's thread only.
 */
import { type AnyValues, readSlots, writeSlots } from "../../core/params.ts";
import type { RunMemory, UnrollViews } from "../memory/memory.ts";
import { editSlots, type RunPlan } from "../plan/plan.ts";
import type { RunRecord } from "./record.ts";

export class Changes {
  /** Live values as latched, in slot order. */
  readonly live: Float64Array;
  /** All values with the live ones as latched; the same object for the whole run. */
  readonly values: AnyValues;
  private readonly seen: Int32Array;
  private readonly slots: ReturnType<typeof editSlots>;
  /** Replacements of every actor that are recorded. */
  private readonly replaced: Int32Array;
  private rollbacks = 0;
  /** Rows of the schedule that are done. */
  private repeated = 0;

  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    private readonly record: RunRecord,
  ) {
    this.live = new Float64Array(plan.live.length);
    writeSlots(plan.params, plan.config.values, this.live);
    this.values = { ...plan.config.values };
    this.seen = new Int32Array(memory.control.requests.length);
    this.slots = editSlots(plan);
    this.replaced = new Int32Array(memory.actors.length);
  }

  /** Goes on with the values of a checkpoint. The record is restored before. */
  restore(live: Float64Array): void {
    this.live.set(live);
    readSlots(this.plan.params, this.live, this.values);
    const { scheduled, schedule } = this.memory.control;
    while (this.repeated < scheduled[0] && schedule[this.repeated * 3] < this.record.updates) this.repeated++;
  }

  /** Takes over what was asked for since the last update, and records it. */
  latch(): void {
    const { requested, requests } = this.memory.control;
    for (let slot = 0; slot < this.live.length; slot++) {
      let count = Atomics.load(requests, slot);
      if (count === this.seen[slot]) continue;
      let value: number;
      do {
        this.seen[slot] = count;
        value = requested[slot];
        count = Atomics.load(requests, slot);
      } while (count !== this.seen[slot]);
      this.setLive(slot, value);
    }
    this.repeat();
    readSlots(this.plan.params, this.live, this.values);
    this.recordReplacements();
  }

  private repeat(): void {
    const { scheduled, schedule } = this.memory.control;
    for (; this.repeated < scheduled[0]; this.repeated++) {
      const at = 3 * this.repeated;
      if (schedule[at] > this.record.updates) break;
      // Pushes are the actors' to repeat, and a way back comes after an update.
      if (schedule[at + 1] < this.live.length) this.setLive(schedule[at + 1], schedule[at + 2]);
    }
  }

  private setLive(slot: number, value: number): void {
    if (value === this.live[slot]) return;
    this.live[slot] = value;
    this.record.edit(slot, value);
  }

  private recordReplacements(): void {
    const { replaced, memory, slots } = this;
    for (let actor = 0; actor < replaced.length; actor++) {
      const count = Atomics.load(memory.actors[actor].replaced, 0);
      if (count !== replaced[actor]) this.record.edit(slots.replaced + actor, count);
      replaced[actor] = count;
    }
  }

  /** Records a person's push in the unroll that is learnt from. */
  recordPush(actor: number, { push }: UnrollViews): void {
    const { pushed, pushesOfActor } = this.slots;
    if (push[0] !== 0) this.record.edit(pushed + actor * pushesOfActor + push[0] - 1, push[1]);
  }

  /**
   * Whether the next update ends with a return to the best parameters, asked for or repeated. It has to wait for every
   * evaluation that is due, so that which ones are the best is a matter of updates, not of time.
   */
  get isRollbackDue(): boolean {
    return Atomics.load(this.memory.control.rollbacks, 0) !== this.rollbacks || this.repeatsRollback;
  }

  private get repeatsRollback(): boolean {
    const { scheduled, schedule } = this.memory.control;
    const at = 3 * this.repeated;
    if (this.repeated >= scheduled[0] || schedule[at + 1] !== this.slots.rollback) return false;
    return schedule[at] <= this.record.updates + 1;
  }

  /** @param update of the best parameters; null: nothing was evaluated yet, so nothing happened */
  rolledBack(update: number | null): void {
    this.rollbacks = Atomics.load(this.memory.control.rollbacks, 0);
    if (update !== null) this.record.edit(this.slots.rollback, update);
  }
}
