/** The run that came with the address: a ghost on the chart, to be raced, and to be told whether it was repeated. */
import { create } from "zustand";
import { algorithms } from "../../algorithms/index.ts";
import { hash32 } from "../../core/layout.ts";
import type { EnvId } from "../../envs/index.ts";
import { unrepeatable } from "../../runtime/memory/repetition.ts";
import { defaultConfig, type RunConfig, VERSION, withValues } from "../../runtime/plan/config.ts";
import { planRun } from "../../runtime/plan/plan.ts";
import type { Repetition, Snapshot } from "../../runtime/seen/view.ts";
import { encodeRunIn } from "../address/url.ts";
import { isInOrder, packedIn, type SharedRun, type Verdict, verdictOf } from "./run.ts";

interface SharedState {
  readonly run: SharedRun | null;
  /** Of the address that the run came with. */
  readonly env: EnvId;
  readonly problem: string | null;
  /** Whether the run under way repeats it. */
  readonly repeats: boolean;
  /** Changes that a run of its configuration could not repeat when it began: then the shared run is raced. */
  readonly notRepeated: number;
  readonly verdict: Verdict;
}

export const useShared = create<SharedState>()(() => ({
  run: null,
  env: defaultConfig().env,
  problem: null,
  repeats: false,
  notRepeated: 0,
  verdict: null,
}));

/** Of everything that decides the bits of a run, in the words of a version of links: pace and end do not. */
export function fingerprint(config: RunConfig, version = VERSION): number {
  const query = encodeRunIn(version, withValues(config, { pace: "full", until: [] }));
  return hash32(query === "v=1" ? "" : query); // what a page that wrote v=1 said of a run with every default
}

/** Whether a run was shared of this configuration, by a page of any version. */
const isOf = (run: SharedRun, config: RunConfig): boolean =>
  Array.from({ length: VERSION }, (_, i) => fingerprint(config, i + 1)).includes(run.configuration);

/** Settles when the hash that was last asked for has been read. */
let reading: Promise<void> = Promise.resolve();

/** Takes over the shared run of the address of a configuration, from its hash; without one, the ghost stays as it is. */
export function readGhost(hash: string, { env }: RunConfig): void {
  const packed = packedIn(hash);
  if (packed !== null) reading = read(packed, env);
}

async function read(packed: string, env: EnvId): Promise<void> {
  const unpacking = await import("./shared.ts").catch(() => null);
  if (!unpacking) {
    const why = "a part of the page could not be fetched. Reload the page when you are online";
    return useShared.setState({ run: null, problem: `The curve in this link cannot be read: ${why}.` });
  }
  try {
    const { unpackRun } = unpacking;
    const run = await unpackRun(packed);
    useShared.setState({ run, env, problem: null, repeats: false, notRepeated: 0, verdict: null });
  } catch (error) {
    useShared.setState({ run: null, problem: (error as Error).message });
  }
}

export function dismissGhost(): void {
  useShared.setState({ run: null, problem: null, repeats: false, notRepeated: 0, verdict: null });
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
}

type Change = SharedRun["edits"][number];
const isSame = (a: Change, b: Change | undefined) => a.update === b?.update && a.key === b.key && a.value === b.value;

/** How far a run is that is gone on with, and its changes so far. */
interface Begun {
  readonly updates: number;
  readonly edits: readonly Change[];
}
const anew: Begun = { updates: 0, edits: [] };

/** Whether a run that got so far has had the changes of the shared one until then, and no others. */
const hasRepeated = (run: SharedRun, so: Begun): boolean =>
  (so.updates === 0 || so.updates < run.updates) &&
  so.edits.length >= run.edits.filter(({ update }) => update < so.updates).length &&
  so.edits.every((change, i) => isSame(change, run.edits[i]));

/**
 * What a run of this configuration is to repeat of a shared run: the whole of it, where it is the same and all of its changes
 * can be repeated, or nothing. Beside it the number of changes that cannot be repeated.
 *
 * @param begun where a run is gone on with, and its changes so far: it repeats the shared one only if it has done so until then
 */
export function repetitionOf(run: SharedRun | null, config: RunConfig, begun: Begun = anew) {
  const isThis = run !== null && isOf(run, config);
  const notRepeated = isThis ? run.missing + unrepeatable(planRun(config), run.edits) : 0;
  const repeats = isThis && notRepeated === 0 && hasRepeated(run, begun);
  const repetition: Repetition | undefined = repeats ? { edits: run.edits, checkAt: run.updates } : undefined;
  return { repetition, notRepeated };
}

/** The same of the run that came with the address, once it is read. */
export async function repetitionFor(config: RunConfig, begun?: Begun): Promise<Repetition | undefined> {
  await reading;
  const { repetition, notRepeated } = repetitionOf(useShared.getState().run, config, begun);
  useShared.setState({ repeats: repetition !== undefined, notRepeated, verdict: null });
  return repetition;
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
  const { envSteps, updates, seconds, parametersHash, returnsHash, returns, begun, editsMissing } = snapshot;
  // The counts are a moment older than the newest changes.
  const edits = snapshot.edits.filter((edit) => edit.update <= updates && edit.envSteps <= envSteps);
  // What is out of order is no history: better none than a wrong one.
  const history = isInOrder(edits) ? edits : [];
  return {
    configuration: fingerprint(begun),
    envSteps,
    updates,
    seconds,
    parametersHash,
    returnsHash,
    edits: history.map(({ update, key, value }) => ({ update, key, value })),
    missing: editsMissing + edits.length - history.length,
    curve: returns,
  };
}
