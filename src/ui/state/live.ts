/**
 * The part of the runner's snapshot that React renders, at the pace that React can bear: the phase at once, the reward
 * curve two or three times a second, the other curves less often. Numbers that change every frame bypass React (readout.ts).
 */
import { create } from "zustand";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { judge } from "../share/ghost.ts";
import { everyFrame } from "./frame.ts";
import { runner } from "./session.ts";

type Status = Pick<
  Snapshot,
  "generation" | "phase" | "problem" | "trouble" | "progress" | "stopReason" | "engine" | "preparedFor" | "solvedAt"
> & {
  running: RunConfig;
  /** The configuration that the run began with. */
  begun: RunConfig;
  actorCount: number;
  /** In whole percent. */
  firstUpdate: number | null;
  sharedMemoryBytes: number;
};
type Curves = Pick<
  Snapshot,
  "returns" | "evaluations" | "edits" | "updates" | "staleness" | "stalenessCounts" | "dropped"
>;

export interface LiveState extends Status, Curves {
  updateSeries: Snapshot["updateSeries"];
}

/** The object of before where it says the same: a snapshot may make its own anew. */
function kept<T>(before: T | undefined, next: T): T {
  if (typeof before !== "object" || typeof next !== "object" || !before || !next) return next;
  const keys = Object.keys(next) as (keyof T)[];
  return keys.every((key) => before[key] === next[key]) ? before : next;
}

const status = (s: Snapshot, before?: Status): Status => ({
  generation: s.generation,
  phase: s.phase,
  problem: s.problem,
  trouble: kept(before?.trouble, s.trouble),
  progress: s.progress,
  stopReason: s.stopReason,
  engine: s.engine,
  preparedFor: s.preparedFor,
  solvedAt: kept(before?.solvedAt, s.solvedAt),
  running: kept(before?.running, s.config),
  begun: kept(before?.begun, s.begun),
  actorCount: s.actors.length,
  firstUpdate: s.firstUpdate === null ? null : Math.floor(100 * s.firstUpdate) / 100,
  sharedMemoryBytes: s.sharedMemoryBytes,
});

const curves = (s: Snapshot, before?: Curves): Curves => ({
  returns: s.returns,
  evaluations: s.evaluations,
  edits: s.edits,
  updates: s.updates,
  staleness: kept(before?.staleness, s.staleness) as Snapshot["staleness"],
  stalenessCounts: s.stalenessCounts,
  dropped: s.dropped,
});

export const useLive = create<LiveState>()(() => {
  const s = runner().snapshot();
  return { ...status(s), ...curves(s), updateSeries: s.updateSeries };
});

/** Sets only what differs, so that nobody renders for nothing. */
function refresh<K extends keyof LiveState>(next: Pick<LiveState, K>): void {
  const now = useLive.getState();
  if (Object.keys(next).some((key) => next[key as K] !== now[key as K])) useLive.setState(next);
}

/** The status; of another run, everything at once, so that nobody sees one run's curves beside another's state. */
function follow(s: Snapshot): void {
  const before = useLive.getState();
  const next = status(s, before);
  if (s.generation === before.generation) refresh(next);
  else refresh({ ...next, ...curves(s, before), updateSeries: s.updateSeries });
}

const REWARD_CURVE_MS = 400;
const OTHER_CURVES_MS = 1400;

/** Keeps the store in step with the runner. Returns how to stop. */
export function followRunner(): () => void {
  const stops = [
    everyFrame(follow),
    everyFrame((s) => refresh(curves(s, useLive.getState())), REWARD_CURVE_MS),
    everyFrame(judge, REWARD_CURVE_MS),
    everyFrame((s) => refresh({ updateSeries: s.updateSeries }), OTHER_CURVES_MS),
    // A hidden tab has no frames, but its run can end.
    runner().onPhase(() => {
      follow(runner().snapshot());
      judge(runner().snapshot());
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
