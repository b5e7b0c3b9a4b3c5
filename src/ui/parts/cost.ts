/** What a run will cost, where that is much. All functions are pure. */
import type { EngineChoice } from "../../nn/engine.ts";
import { memoryLayout } from "../../runtime/memory/memory.ts";
import { configProblems, needsOf, type RunConfig, type RunValues, resolved } from "../../runtime/plan/config.ts";
import { planRun } from "../../runtime/plan/plan.ts";
import { bytes, duration } from "./format.ts";

/** Bytes of shared memory, and seconds of an update, from which a person is told. */
export const MUCH_MEMORY = 512 * 2 ** 20;
export const LONG_UPDATE = 1;

export interface Cost {
  /** null where it is not much. */
  readonly memory: number | null;
  /** Seconds of an update, about; null where it is not much, or not known. */
  readonly update: number | null;
}

/** What an update of a run on this engine takes, as it was measured; null where it was not. Seconds. */
export function updateSeconds({ engine, trials }: EngineChoice): number | null {
  const milliseconds = trials.find((trial) => trial.engine === engine)?.milliseconds ?? null;
  return milliseconds === null ? null : milliseconds / 1000;
}

/**
 * @param engine that was found for a configuration
 * @param preparedFor what that configuration needs, see needsOf
 */
export function costOf(config: RunConfig, engine: EngineChoice | null, preparedFor: string | null): Cost {
  if (configProblems(config).length > 0) return { memory: null, update: null };
  const found = preparedFor === needsOf(config) ? engine : null;
  const wanted = (config.values as RunValues).engine;
  const plan = planRun(resolved(config, found?.engine ?? (wanted === "auto" ? "simd" : wanted)));
  const memory = memoryLayout(plan).bytes;
  const seconds = found && updateSeconds(found);
  return {
    memory: memory > MUCH_MEMORY ? memory : null,
    update: seconds !== null && seconds > LONG_UPDATE ? seconds : null,
  };
}

/** In words, a part each: "1.6 GiB of memory", "≈ 26 min an update". */
export const costInWords = ({ memory, update }: Cost): string[] => [
  ...(memory === null ? [] : [`${bytes(memory)} of memory`]),
  ...(update === null ? [] : [`≈ ${duration(update)} an update`]),
];
