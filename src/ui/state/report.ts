/** A run as plain data, for scripts. */
import { algorithms } from "../../algorithms/index.ts";
import { statsOf } from "../../algorithms/stats.ts";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { SystemView } from "../../runtime/seen/system.ts";
import type { Phase, Snapshot } from "../../runtime/seen/view.ts";
import { activities, epochNow } from "../../runtime/shared/lane.ts";
import { encodeRun } from "../address/url.ts";
import { ratesOf } from "../parts/rates.ts";

export interface Report {
  status: Phase;
  stopReason: string | null;
  query: string;
  /** Id of the engine, e.g. "tfjs-wasm"; "" before a run. */
  backend: string;
  backendReason: string;
  solved: boolean;
  /** The first moment at which the mean return of 100 episodes reached the threshold of the environment. */
  solvedAt: { envSteps: number; updates: number; seconds: number } | null;
  targetReached: boolean;
  envSteps: number;
  updates: number;
  /** The version of the latest parameters. */
  versions: number;
  episodes: number;
  seconds: number;
  /** That the machine slept meanwhile; they do not count. */
  sleptSeconds: number;
  /** Over about the last second while it runs, over the whole run afterwards. */
  stepsPerSecond: number;
  meanReturn100: number | null;
  evaluation: { episodes: number; mean: number; std: number } | null;
  /** [envSteps, mean, std] of every evaluation, or of those that stand for the others. */
  evaluations: [number, number, number][];
  /** Every statistic that the algorithm declares, of the last point of the updates' curve; null before there is one. */
  statistics: Record<string, number> | null;
  staleness: { mean: number; max: number };
  /** Gradients by how many versions they were behind; the last counts all beyond. */
  stalenessCounts: number[];
  /** Gradients that were too stale for the gate. */
  dropped: number;
  /** Milliseconds that each thread has spent on what, and that the learner has waited for each actor. */
  lanes: { name: string; spent: Record<string, number>; waitedFor?: number; unrolls?: number; replaced?: number }[];
  /** [envSteps, seconds, mean return] */
  curve: [number, number, number][];
  /** Live changes, as they took effect. */
  edits: { update: number; key: string; value: string }[];
  parametersHash: string;
  problem: string | null;
  sharedMemoryBytes: number;
  workerCount: number;
}

const wantsSolved = (config: RunConfig) => (config.values.until as { when: string }[]).some((c) => c.when === "solved");

function lanesOf(system: SystemView): Report["lanes"] {
  const now = epochNow();
  return system.lanes.map((lane) => {
    const spent = Object.fromEntries(
      activities
        .map((activity) => [activity, Math.round(lane.spent(activity, now) * 100) / 100])
        .filter(([, ms]) => ms),
    );
    if (lane.role !== "actor") return { name: lane.name, spent };
    const { index } = lane;
    const waitedFor = Math.round(system.waitedFor(index) * 100) / 100;
    return { name: lane.name, spent, waitedFor, unrolls: system.unrolls(index), replaced: system.replacements(index) };
  });
}

function statisticsOf({ begun, updateSeries }: Snapshot): Report["statistics"] {
  const last = updateSeries.at(-1);
  if (!last) return null;
  const names = Object.keys(statsOf(algorithms[begun.algo]));
  return Object.fromEntries(names.map((name) => [name, last[name] ?? Number.NaN]));
}

/** @param shown the configuration that Train would start, reported while there is no run */
export function reportOf(s: Snapshot, shown: RunConfig, workerCount: number, system: SystemView | null = null): Report {
  const solved = s.solvedAt !== null;
  const last = s.evaluations.at(-1);
  return {
    status: s.phase,
    stopReason: s.stopReason,
    query: encodeRun(s.phase === "idle" ? shown : s.resolved),
    backend: s.engine?.engine ?? "",
    backendReason: s.engine?.reason ?? "",
    solved,
    solvedAt: s.solvedAt,
    targetReached: s.phase === "stopped" && (solved || !wantsSolved(s.config)),
    envSteps: s.envSteps,
    updates: s.updates,
    versions: s.versions,
    episodes: s.episodes,
    seconds: s.seconds,
    sleptSeconds: s.sleptSeconds,
    stepsPerSecond: ratesOf(s).steps,
    meanReturn100: s.meanReturn100,
    evaluation: last ? { episodes: last.episodes, mean: last.mean, std: last.std } : null,
    evaluations: s.evaluations.map((e) => [e.envSteps, e.mean, e.std]),
    statistics: statisticsOf(s),
    staleness: { mean: s.staleness.mean, max: s.staleness.max },
    stalenessCounts: [...s.stalenessCounts],
    dropped: s.dropped,
    lanes: system ? lanesOf(system) : [],
    curve: s.returns.map((p) => [p.envSteps, p.seconds, p.mean]),
    edits: s.edits.map(({ update, key, value }) => ({ update, key, value })),
    parametersHash: s.parametersHash,
    problem: s.problem,
    sharedMemoryBytes: s.sharedMemoryBytes,
    workerCount,
  };
}
