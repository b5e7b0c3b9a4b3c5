/** A kept run that is open: drawn as if it had just ended, and its policy there to be looked at and played with. */
import { create } from "zustand";
import type { NetworkSpec } from "../../nn/spec.ts";
import type { RunConfig } from "../../runtime/config.ts";
import type { Runner } from "../../runtime/view.ts";
import { type LiveState, useLive } from "../live.ts";
import { isUnderWay, resetRun, runner, setConfig } from "../session.ts";
import { wholeRun } from "./library.ts";
import { configOf, networkOf, type Recording } from "./recording.ts";

/** Where a policy comes from: as the runner offers it. */
export type PolicySource = Pick<Runner, "network" | "parameters">;

interface Opened {
  readonly run: Recording;
  readonly config: RunConfig;
  readonly policy: PolicySource;
}

const useOpened = create<{ opened: Opened | null }>()(() => ({ opened: null }));

const sourceOf = (run: Recording, parameters: Float32Array | null, network: NetworkSpec): PolicySource => ({
  network: parameters && network,
  parameters(into) {
    if (!parameters) return -1;
    into.set(parameters);
    return run.updates;
  },
});

/** The policy of the page's run, of the opened one where there is none. */
export function policy(): PolicySource {
  const { opened } = useOpened.getState();
  return opened && runner().network === null ? opened.policy : runner();
}

/**
 * Opens a kept run: its configuration in the controls, its curves on the charts, its weights in Insides and Hands on.
 * The run that the page holds makes room. A sentence where that cannot be done as a whole.
 */
export async function openRun({ id }: Pick<Recording, "id">): Promise<string | null> {
  if (isUnderWay(runner().snapshot().phase)) return "A run is under way: reset it first. It is kept, too.";
  const kept = await wholeRun(id).catch((error: Error) => `This run cannot be read: ${error.message}.`);
  if (typeof kept === "string") return kept;
  if (!kept) return "This run has been deleted in another tab.";
  const { run } = kept;
  const parameters = kept.weights?.parameters ?? null;
  await resetRun();
  const config = configOf(run);
  const network = networkOf(run);
  const fits = parameters?.length === network.size;
  setConfig(config);
  useOpened.setState({ opened: { run, config, policy: sourceOf(run, fits ? parameters : null, network) } });
  return fits ? null : "This run has curves only: it was imported without weights, or it ended too early.";
}

export const closeRun = (): void => useOpened.setState({ opened: null });

/** The opened run where it is what the charts draw, that is, where the page's runner holds none. */
export function useOpenedRun(): Opened | null {
  const opened = useOpened((s) => s.opened);
  const idle = useLive((s) => s.phase === "idle");
  return idle ? opened : null;
}

type Drawn = "returns" | "evaluations" | "edits" | "solvedAt" | "updateSeries";

/** A part of the run that the charts draw in full: the page's, else the opened one. */
export function useDrawn<K extends Drawn>(key: K): LiveState[K] {
  const live = useLive((s) => s[key]);
  const opened = useOpenedRun();
  return opened ? (opened.run[key] as LiveState[K]) : live;
}

/** The configuration of that run, as it began. */
export function useDrawnConfig(): RunConfig {
  const begun = useLive((s) => s.begun);
  return useOpenedRun()?.config ?? begun;
}
