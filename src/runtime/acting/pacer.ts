/** Throttles an actor to what an eye can follow. It changes when a step happens, never what happens. */

import { Mode, type RunMemory } from "../memory/memory.ts";
import { paces, WATCHABLE_HZ } from "../plan/config.ts";
import type { Bell } from "../shared/bell.ts";
import { Activity, type Lane } from "../shared/lane.ts";

const FULL = paces.indexOf("full");
/** Milliseconds of delay that are not made up for. */
const LONG = 250;

export class Pacer {
  private next = 0;

  constructor(
    private readonly control: RunMemory["control"],
    private readonly bell: Bell,
    private readonly lane: Lane | null = null,
  ) {}

  /** Returns when the next environment step may happen; false when the run is to stop. Blocks. */
  readonly beforeStep = (): boolean => {
    for (;;) {
      const count = this.bell.count;
      if (Atomics.load(this.control.mode, 0) === Mode.stop) return false;
      if (Atomics.load(this.control.pace, 0) === FULL) return true;
      const now = performance.now();
      if (now >= this.next) {
        // Keep the beat through short delays, start afresh after long ones.
        this.next = (now - this.next > LONG ? now : this.next) + 1000 / WATCHABLE_HZ;
        return true;
      }
      const before = this.lane?.current ?? 0;
      this.lane?.enter(Activity.pace);
      this.bell.wait(count, this.next - now);
      this.lane?.enter(before);
    }
  };

  /** Waits on purpose, for so many milliseconds; false when the run is to stop meanwhile. Blocks. */
  readonly delay = (milliseconds: number): boolean => {
    if (!(milliseconds > 0)) return true;
    const before = this.lane?.current ?? 0;
    this.lane?.enter(Activity.delay);
    const end = performance.now() + milliseconds;
    for (;;) {
      const count = this.bell.count;
      if (Atomics.load(this.control.mode, 0) === Mode.stop) return false;
      const left = end - performance.now();
      if (left <= 0) break;
      this.bell.wait(count, left);
    }
    this.lane?.enter(before);
    return true;
  };
}
