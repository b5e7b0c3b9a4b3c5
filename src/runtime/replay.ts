/** Repeating another run: the live values that changed in it change again, at the same updates. */
import { EDIT_ROWS, type RunMemory, type RunPlan } from "./memory.ts";
import type { Replay } from "./view.ts";

/** Writes what a run is to repeat into memory that was just formatted. What it does not know or cannot hold is left out. */
export function scheduleReplay(plan: RunPlan, { control }: RunMemory, { edits, checkAt }: Replay): void {
  let count = 0;
  for (const { update, key, value } of edits) {
    const slot = plan.live.indexOf(key);
    const parsed = slot < 0 ? null : plan.params[key].parse(value);
    if (parsed?.ok && count < EDIT_ROWS)
      control.schedule.set([update, slot, plan.params[key].toSlot(parsed.value)], 3 * count++);
  }
  control.scheduled[0] = count;
  control.checkAt[0] = checkAt;
}
