/** What is recorded of a run, by name: curves, logs and totals. Regions, readers and writers of them take their columns from here. */
import type { Fold } from "../../core/series.ts";
import type { Stats } from "../../core/stats.ts";

/** Columns of a curve in the order of a row, and how joined points fold them. */
export type Columns = Readonly<Record<string, Fold>>;

/**
 * Columns of the learner's curves along env-steps, and how joined points fold them. Means are weighted by `episodes` and by
 * `count`, the updates in a point.
 */
export const returnColumns = {
  envSteps: "last",
  updates: "last",
  seconds: "last",
  episodes: "sum",
  mean: "mean",
  min: "min",
  max: "max",
  mean100: "last",
} as const satisfies Columns;

/** Of the updates' curve, whatever is recorded of them beside. */
export const updateHead = {
  envSteps: "last",
  updates: "last",
  seconds: "last",
  count: "sum",
} as const satisfies Columns;

/** Of the updates' curve: after its head, a column for every statistic. */
export const updateColumnsOf = (stats: Stats): Columns => ({
  ...updateHead,
  ...Object.fromEntries(Object.entries(stats).map(([name, { fold }]) => [name, fold])),
});

/** The names of columns, in their order in a row. */
export const columnsOf = (columns: Columns): string[] => Object.keys(columns);

/** Of the evaluator's curve, whose points are never joined. */
export const evaluationColumns = ["envSteps", "updates", "seconds", "episodes", "mean", "std", "min", "max"] as const;

export const STALENESS_BINS = 65;

/** Columns of the logs. slot: see editSlots. */
export const episodeLog = ["envSteps", "update", "seconds", "actor", "copy", "return", "length"] as const;
export const updateLog = ["update", "envSteps", "seconds", "actor", "staleness"] as const;
export const editLog = ["update", "envSteps", "seconds", "slot", "value"] as const;

/** Live changes and deeds of a run that are remembered, can be repeated and go along with a link; how many are missing is counted. */
export const MOST_EDITS = 4096;

/** Episodes in the moving average that decides whether a task is solved. */
export const SOLVED_WINDOW = 100;

/** What the learner's record counts, beside its curves. NaN where nothing is solved yet. */
export const recordCounts = [
  "envSteps",
  "updates",
  "versions",
  "dropped",
  "episodes",
  "stalenessSum",
  "stalenessMax",
  "solvedEnvSteps",
  "solvedUpdates",
  "solvedSeconds",
  "returnsHash",
  "windowSum",
] as const;

/** Totals on the learner's board. */
export const totals = [
  "envSteps",
  "updates",
  "versions",
  "dropped",
  "episodes",
  "seconds",
  "mean100",
  "stalenessMean",
  "stalenessMax",
  "solvedEnvSteps",
  "solvedUpdates",
  "solvedSeconds",
  "parametersHash",
  "returnsHash",
] as const;

/** What an actor that applies its gradient reports: dropped is 1 where it was too stale. */
export const appliedColumns = ["gradientNorm", "lr", "staleness", "dropped"] as const;
