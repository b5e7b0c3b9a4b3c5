/** A kept run that is open: drawn as if it had just ended, and its policy there to be looked at and played with. */
import { create } from "zustand";
import type { NetworkSpec } from "../../nn/spec.ts";
import type { RunConfig } from "../../runtime/config.ts";
import type { Runner } from "../../runtime/view.ts";
import { type LiveState, useLive } from "../live.ts";
import { isUnderWay, resetRun, runner, setConfig } from "../session.ts";
import { weightsFor } from "./database.ts";
import { settleInterrupted } from "./interrupted.ts";
import { configOf, networkOf, type Recording } from "./recording.ts";
import { updateOf } from "./whole.ts";

/** Where a policy comes from: as the runner offers it. */
export type PolicySource = Pick<Runner, "network" | "parameters">;

interface Opened {
  readonly run: Recording;
  readonly config: RunConfig;
  readonly policy: PolicySource;
}

const useOpened = create<{ opened: Opened | null }>()(() => ({ opened: null }));

/** @param update that the parameters are of */
const sourceOf = (update: number, parameters: Float32Array | null, network: NetworkSpec): PolicySource => ({
  network: parameters && network,
  parameters(into) {
    if (!parameters) return -1;
    into.set(parameters);
    return update;
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
export async function openRun(run: Recording): Promise<string | null> {
  if (isUnderWay(runner().snapshot().phase)) return "A run is under way: reset it first. It is kept, too.";
  const weights = await weightsFor(run.id).catch(() => null);
  const parameters = weights?.parameters ?? null;
  await resetRun();
  const config = configOf(run);
  const network = networkOf(run);
  const fits = parameters?.length === network.size;
  setConfig(config);
  const update = weights && updateOf(run, weights);
  const policy = sourceOf(update ?? run.updates, fits ? parameters : null, network);
  useOpened.setState({ opened: { run, config, policy } });
  settleInterrupted();
  if (fits && update !== run.updates)
    return update === null
      ? "The weights of this run are of an earlier update than its curves end with."
      : `The weights of this run are of update ${update}; its curves end with update ${run.updates}.`;
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
