/** A kept run that is open: drawn as if it had just ended, and its policy there to be looked at and played with. */
import { create } from "zustand";
import type { Environment } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { Runner } from "../../runtime/seen/view.ts";
import { type LiveState, useLive } from "../state/live.ts";
import { runner } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import type { Recording } from "./recording.ts";

/** Where a policy comes from: as the runner offers it. */
export type PolicySource = Pick<Runner, "network" | "parameters">;

interface Opened {
  readonly run: Recording;
  readonly config: RunConfig;
  readonly policy: PolicySource;
}

export const useOpened = create<{ opened: Opened | null }>()(() => ({ opened: null }));

/** The policy of the page's run, of the opened one where there is none. */
export function policy(): PolicySource {
  const { opened } = useOpened.getState();
  return opened && runner().network === null ? opened.policy : runner();
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

/** The algorithm and the environment that the charts are of: that run's; where there is none, those that Train would start. */
export function useDrawnSystem(): Pick<RunConfig, "algo" | "env"> {
  const asked = usePage((s) => s.config);
  const hasRun = useLive((s) => s.phase !== "idle" && s.actorCount > 0);
  const drawn = useDrawnConfig();
  return useOpenedRun() || hasRun ? drawn : asked;
}

export const useDrawnEnvironment = (): Environment => envs[useDrawnSystem().env];
