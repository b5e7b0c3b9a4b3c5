/** The run that came with the address: a ghost on the chart, to be raced, and to be told whether it was repeated. */
import { create } from "zustand";
import { algorithms } from "../../algorithms/index.ts";
import { hash32 } from "../../core/layout.ts";
import { type RunConfig, withValues } from "../../runtime/config.ts";
import type { Replay, Snapshot } from "../../runtime/view.ts";
import { encodeRun } from "../url.ts";
import { packedIn, type SharedRun, unpackRun, type Verdict, verdictOf } from "./shared.ts";

interface SharedState {
  readonly run: SharedRun | null;
  readonly problem: string | null;
  /** Whether the run under way repeats it. */
  readonly repeats: boolean;
  readonly verdict: Verdict;
}

export const useShared = create<SharedState>()(() => ({ run: null, problem: null, repeats: false, verdict: null }));

/** Of everything that decides the bits of a run: pace and end do not. */
export const fingerprint = (config: RunConfig): number =>
  hash32(encodeRun(withValues(config, { pace: "full", until: [] })));

/** Settles when the hash that was last asked for has been read. */
let reading: Promise<void> = Promise.resolve();

/** Takes over the shared run of a location's hash; without one, the ghost stays as it is. */
export function readGhost(hash: string): void {
  const packed = packedIn(hash);
  if (packed !== null) reading = read(packed);
}

async function read(packed: string): Promise<void> {
  try {
    useShared.setState({ run: await unpackRun(packed), problem: null, repeats: false, verdict: null });
  } catch (error) {
    useShared.setState({ run: null, problem: (error as Error).message });
  }
}

export function dismissGhost(): void {
  useShared.setState({ run: null, problem: null, repeats: false, verdict: null });
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
}

/** What a run of this configuration is to repeat: the shared run where it is the same. Waits for one that is being read. */
export async function replayFor(config: RunConfig): Promise<Replay | undefined> {
  await reading;
  const { run } = useShared.getState();
  const repeats = run !== null && run.configuration === fingerprint(config);
  useShared.setState({ repeats, verdict: null });
  return repeats ? { edits: run.edits, checkAt: run.updates } : undefined;
}

/** Compares the run under way with the shared one. Cheap. */
export function judge(snapshot: Snapshot): void {
  const { run, repeats, verdict } = useShared.getState();
  if (run === null || !repeats || verdict !== null) return;
  const lockstep = algorithms[snapshot.begun.algo].synchrony === "lockstep";
  const next = verdictOf(run, lockstep, snapshot.check, snapshot.updates);
  if (next !== null) useShared.setState({ verdict: next });
}

/** The run under way as it would be shared; null while nothing is learnt. */
export function shareable(snapshot: Snapshot): SharedRun | null {
  if (snapshot.phase === "idle" || snapshot.updates === 0) return null;
  const { envSteps, updates, seconds, parametersHash, returnsHash, edits, returns, begun } = snapshot;
  return {
    configuration: fingerprint(begun),
    envSteps,
    updates,
    seconds,
    parametersHash,
    returnsHash,
    edits: edits.map(({ update, key, value }) => ({ update, key, value })),
    curve: returns,
  };
}
