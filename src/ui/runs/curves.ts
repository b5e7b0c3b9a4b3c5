/** The curves of a kept run: what their points hold, and all of them as one table. */
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { statsOf } from "../../algorithms/stats.ts";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { toTable } from "../parts/csv.ts";
import { type Columns, onlyOf, pointsOf } from "./points.ts";
import type { Recording } from "./recording.ts";

const atMoment = { envSteps: "amount", updates: "amount", seconds: "amount" } as const satisfies Columns;

export const returnColumns = {
  ...atMoment,
  episodes: "amount",
  mean: "real",
  min: "real",
  max: "real",
  mean100: "late",
} as const satisfies Columns;

export const evaluationColumns = {
  ...atMoment,
  episodes: "amount",
  mean: "real",
  std: "real",
  min: "real",
  max: "real",
} as const satisfies Columns;

/** Of an algorithm's updates: every statistic that it declares. */
export const updateColumns = (algo: AlgorithmId): Columns => ({
  ...atMoment,
  ...Object.fromEntries(Object.keys(statsOf(algorithms[algo])).map((name) => [name, "real"])),
});

/** Points of an algorithm's updates with their statistics alone. */
export const onlyUpdates = (algo: AlgorithmId, points: readonly object[]): UpdatePoint[] =>
  onlyOf(updateColumns(algo), points) as UpdatePoint[];

/** A list of points of an algorithm's updates. */
export const updatesShape = (algo: AlgorithmId) => pointsOf(updateColumns(algo));

const units: Readonly<Record<keyof typeof returnColumns | keyof typeof evaluationColumns, string>> = {
  envSteps: "env-steps",
  updates: "updates",
  seconds: "s",
  episodes: "episodes",
  mean: "return",
  min: "return",
  max: "return",
  mean100: "return",
  std: "return",
};

/** Episodes, evaluations and updates of a run as one table, a row a point. */
export function tableOf(algo: AlgorithmId, { returns, evaluations, updateSeries }: Recording): string {
  const stats = Object.entries(statsOf(algorithms[algo])).map(([name, { unit }]) => [name, unit ?? ""]);
  const columns = [["what", ""], ...Object.entries(units), ...stats];
  const rows: Readonly<Record<string, number | string | undefined>>[] = [
    ...returns.map((p) => ({ what: "training", ...p })),
    ...evaluations.map((p) => ({ what: "evaluation", ...p })),
    ...updateSeries.map((p) => ({ what: "updates", ...p })),
  ];
  return toTable([
    columns.map(([name, unit]) => (unit ? `${name} (${unit})` : name)),
    ...rows.map((row) => columns.map(([name]) => row[name])),
  ]);
}
