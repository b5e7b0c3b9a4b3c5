/**
 * A run as it is shared: what happened in it, packed into the hash of its address. The query beside it is the
 * configuration that the run began with; together they are enough to repeat a lockstep run and to tell whether it did.
 */
import type { Edit } from "../../runtime/seen/view.ts";
import type { CurvePoint } from "../charts/series.ts";

export interface SharedRun {
  /** A hash of the configuration that it began with: the query beside it may have been changed. */
  readonly configuration: number;
  /** When it was shared. */
  readonly envSteps: number;
  readonly updates: number;
  readonly seconds: number;
  /** Of the parameters and of all returns at that moment, 8 hex digits each. */
  readonly parametersHash: string;
  readonly returnsHash: string;
  /** In the order of their updates. */
  readonly edits: readonly Pick<Edit, "update" | "key" | "value">[];
  /** Changes that were made and are not among them: a run with some of those cannot be repeated. */
  readonly missing: number;
  /** Its reward curve, joined in the buckets in which a chart draws it; means are off by at most half a level, see LEVELS. */
  readonly curve: readonly CurvePoint[];
}

/** Whether changes stand in the order in which they were made: otherwise they are no history. */
export const isInOrder = (edits: SharedRun["edits"]): boolean =>
  edits.every(({ update }, i) => i === 0 || edits[i - 1].update <= update);

/** Key of the hash of an address: #run=… */
export const HASH_KEY = "run";

/** The packed run of a location's hash, or null. */
export const packedIn = (hash: string): string | null => new URLSearchParams(hash.replace(/^#/, "")).get(HASH_KEY);

/** What a repeated run says of the one that was shared. */
export type Verdict = "reproduced" | "differs" | "same configuration" | null;

/** @param check hashes of this run after as many updates as the shared one had; null before */
export function verdictOf(
  shared: SharedRun,
  lockstep: boolean,
  check: { readonly parametersHash: string; readonly returnsHash: string } | null,
  updates: number,
): Verdict {
  if (!lockstep) return updates >= shared.updates ? "same configuration" : null;
  if (check === null) return null;
  const same = check.parametersHash === shared.parametersHash && check.returnsHash === shared.returnsHash;
  return same ? "reproduced" : "differs";
}
