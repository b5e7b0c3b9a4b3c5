/** Repeating another run: what was changed or done in it happens again, at the same updates. */
import { MOST_EDITS } from "../plan/columns.ts";
import { editSlots, type RunPlan } from "../plan/plan.ts";
import type { RunMemory } from "./memory.ts";

/**
 * A live change of a hyperparameter, as it took effect; or what else happened, under the keys "actor" ("3 replaced"), "push"
 * ("actor 1 copy 1 step 3 by 0.6") and "rollback" ("to update 400").
 */
export interface Edit {
  readonly update: number;
  readonly envSteps: number;
  readonly seconds: number;
  readonly key: string;
  /** As text, as in a run URL. */
  readonly value: string;
}

/** Another run that this one is to repeat. */
export interface Repetition {
  /** Live values at the updates at which they took effect there; what happened to actors is not repeated. */
  readonly edits: readonly Pick<Edit, "update" | "key" | "value">[];
  /** After so many updates the state is hashed for comparison. */
  readonly checkAt: number;
}

/** What a row of the log of edits says, in words that `slotOf` reads back. Replacing an actor changes no bit: it has no way back. */
export function editOf(plan: RunPlan, slot: number, value: number): Pick<Edit, "key" | "value"> {
  const { live, params, T } = plan;
  const { replaced, pushed, rollback, pushesOfActor } = editSlots(plan);
  if (slot === rollback) return { key: "rollback", value: `to update ${value}` };
  if (slot >= pushed) {
    const [actor, at] = [Math.floor((slot - pushed) / pushesOfActor), (slot - pushed) % pushesOfActor];
    const copy = Math.floor(at / T);
    return { key: "push", value: `actor ${actor + 1} copy ${copy + 1} step ${(at % T) + 1} by ${value}` };
  }
  if (slot >= replaced) return { key: "actor", value: `${slot - replaced + 1} replaced` };
  const param = params[live[slot]];
  return { key: live[slot], value: param.format(param.fromSlot(value)) };
}

/** The row of the log that says so, or null where this run knows nothing of it. */
function rowOf(plan: RunPlan, key: string, value: string): { slot: number; value: number } | null {
  const { live, params, room, B, T } = plan;
  const { pushed, rollback, pushesOfActor } = editSlots(plan);
  if (key === "rollback") {
    const update = /^to update (\d+)$/.exec(value);
    return update && { slot: rollback, value: Number(update[1]) };
  }
  if (key === "push") {
    const found = /^actor (\d+) copy (\d+) step (\d+) by (-?[\d.e+-]+)$/.exec(value)?.slice(1).map(Number);
    if (!found?.every(Number.isFinite)) return null;
    const [actor, copy, step, strength] = found;
    if (![actor >= 1 && actor <= room, copy >= 1 && copy <= B, step >= 1 && step <= T].every(Boolean)) return null;
    return { slot: pushed + (actor - 1) * pushesOfActor + (copy - 1) * T + step - 1, value: strength };
  }
  const slot = live.indexOf(key);
  const parsed = slot < 0 ? null : params[key].parse(value);
  return parsed?.ok ? { slot, value: params[key].toSlot(parsed.value) } : null;
}

/** How many changes a run of this plan cannot repeat: it does not know them, they are too many, or not in order. */
export function unrepeatable(plan: RunPlan, edits: Repetition["edits"]): number {
  const known = edits.filter(
    ({ update, key, value }, i) =>
      (key === "actor" || rowOf(plan, key, value) !== null) && (i === 0 || edits[i - 1].update <= update),
  );
  return edits.length - Math.min(known.length, MOST_EDITS);
}

/** Writes what a run is to repeat into memory that was just formatted. What it does not know is left out, see unrepeatable. */
export function scheduleRepetition(plan: RunPlan, { control }: RunMemory, { edits, checkAt }: Repetition): void {
  let count = 0;
  for (const { update, key, value } of edits) {
    const row = rowOf(plan, key, value);
    if (row && count < MOST_EDITS) control.schedule.set([update, row.slot, row.value], 3 * count++);
  }
  control.scheduled[0] = count;
  control.checkAt[0] = checkAt;
}

/** Actors that will take part in a run about to begin, now or later: those of a checkpoint and of what is repeated too. */
export function actorsToStart(plan: RunPlan, { control, checkpoint }: RunMemory): number {
  const slot = plan.live.indexOf("actors");
  let most = control.requested[slot];
  if (checkpoint.resumed[0] === 1) most = Math.max(most, checkpoint.data.live[slot]);
  for (let row = 0; row < control.scheduled[0]; row++)
    if (control.schedule[3 * row + 1] === slot) most = Math.max(most, control.schedule[3 * row + 2]);
  return Math.min(most, plan.room);
}
