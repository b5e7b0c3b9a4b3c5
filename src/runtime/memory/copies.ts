/** The environment copies of an actor, as they lie in memory. */
import type { RunMemory } from "./memory.ts";

export type Copies = RunMemory["actors"][number]["copies"];

export function copyCopies(from: Copies, to: Copies): void {
  to.state.set(from.state);
  to.episodeReturn.set(from.episodeReturn);
  to.episodeSteps.set(from.episodeSteps);
  to.discountedReturn.set(from.discountedReturn);
  to.streams.set(from.streams);
  to.exploration.set(from.exploration);
}
