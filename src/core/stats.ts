/**
 * Statistics of an update. One is declared once, as a value of this kind; its column, how points of it are joined, the record,
 * the checkpoint, its chart, the head of a CSV file and what a run's file must hold all derive from it.
 */
import type { Fold } from "./series.ts";

/** A small chart: the statistics of a group share its vertical axis, and so their unit. */
export interface StatGroup {
  readonly title: string;
  /** log: what is not above 0 is left out. */
  readonly scale: "linear" | "log";
  /** Values that the axis always shows. */
  readonly include: readonly number[];
  /** The whole axis where it stands fast: what lies beyond is drawn along its edge. null: it follows the values. */
  readonly range: readonly [low: number, high: number] | null;
}

/** Declares a group; as nothing else is said, a linear axis that follows the values. */
export const statGroup = (title: string, draw: Partial<Omit<StatGroup, "title">> = {}): StatGroup => ({
  scale: "linear",
  include: [],
  range: null,
  ...draw,
  title,
});

export interface Stat {
  /** Its name, or where a group has several what sets it apart there, e.g. "policy". */
  readonly label: string;
  /** The symbol of the literature, e.g. "α". */
  readonly symbol: string | null;
  /** null: dimensionless. */
  readonly unit: string | null;
  /** One plain sentence. */
  readonly help: string;
  /** What a point that joins several updates shows; a mean is weighted by their number. */
  readonly fold: Exclude<Fold, "sum">;
  /** null: it is recorded and not drawn. */
  readonly group: StatGroup | null;
}

/** Declares a statistic; as nothing else is said, a mean without a unit that is not drawn. */
export const stat = (of: Pick<Stat, "label" | "help"> & Partial<Stat>): Stat => ({
  symbol: null,
  unit: null,
  fold: "mean",
  group: null,
  ...of,
});

export type Stats<Name extends string = string> = Readonly<Record<Name, Stat>>;
