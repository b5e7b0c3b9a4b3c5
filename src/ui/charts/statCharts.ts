/** The small charts of an algorithm's statistics, from their declaration. Pure. */
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { statsOf } from "../../algorithms/stats.ts";
import type { Stat, StatGroup, Stats } from "../../core/stats.ts";
import { tick } from "../parts/format.ts";
import { niceTicks, paddedDomain } from "./series.ts";

export interface StatCurve extends Stat {
  /** Its name in a point. */
  readonly key: string;
}

export interface StatChart {
  readonly group: StatGroup;
  readonly curves: readonly StatCurve[];
}

/** A chart for every group, in the order in which their first statistics are declared. */
export function chartsOf(stats: Stats): readonly StatChart[] {
  const curves = Object.entries(stats).map(([key, stat]): StatCurve => ({ ...stat, key }));
  const groups = new Set(curves.map(({ group }) => group).filter((group) => group !== null));
  return [...groups].map((group) => ({ group, curves: curves.filter((curve) => curve.group === group) }));
}

const known = new Map<AlgorithmId, readonly StatChart[]>();

/** Those of an algorithm: the same object every time. */
export function chartsOfAlgorithm(algo: AlgorithmId): readonly StatChart[] {
  const charts = known.get(algo) ?? chartsOf(statsOf(algorithms[algo]));
  known.set(algo, charts);
  return charts;
}

/** What stands beside the title: the symbol of a single curve, and the unit. */
export const unitOf = ({ curves }: StatChart): string =>
  [curves.length === 1 ? curves[0].symbol : null, curves[0].unit ?? "dimensionless"]
    .filter((part) => part !== null)
    .join(", ");

/** What a title says of a chart for those who want to know: every curve's help. */
export const helpOf = ({ curves }: StatChart): string =>
  curves.map(({ label, help }) => (curves.length === 1 ? help : `${label}: ${help}`)).join("\n");

/** Where a value is drawn on the axis of a group; not at all: null. */
export function drawnAt({ scale, range }: StatGroup, value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value) || (scale === "log" && value <= 0)) return null;
  return range ? Math.min(range[1], Math.max(range[0], value)) : value;
}

/** Part of the height between the edge of an axis and a range that stands fast. */
const RIM = 0.03;

/** The vertical axis of a group that shows these values, about three marks, and how each is written: "≤ −1" where some lie below. */
export function axisOf(group: StatGroup, values: readonly (number | undefined)[]) {
  const { scale, range, include } = group;
  if (range) {
    const [low, high] = range;
    const rim = RIM * (high - low);
    const [isBelow, isAbove] = [values.some((x) => Number(x) < low), values.some((x) => Number(x) > high)];
    const mark = (x: number) =>
      x === low && isBelow ? `≤ ${tick(x)}` : x === high && isAbove ? `≥ ${tick(x)}` : tick(x);
    return { domain: [low - rim, high + rim] as const, ticks: niceTicks(low, high, 3), mark };
  }
  const shown = values.map((value) => drawnAt(group, value)).filter((value) => value !== null);
  if (scale === "linear") {
    const domain = paddedDomain(shown, include);
    return { domain, ticks: niceTicks(...domain, 3), mark: tick };
  }
  const [low, high] = paddedDomain(shown.map(Math.log10), include.map(Math.log10));
  return { domain: [10 ** low, 10 ** high] as const, ticks: logTicks(low, high), mark: tick };
}

/** Powers of ten between two exponents, thinned to about three; where fewer than two lie there, 1, 2 and 5 times them. */
function logTicks(low: number, high: number): number[] {
  const apart = Math.max(1, Math.round((high - low) / 3));
  const exponents = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, k) => Math.ceil(low) + k);
  const powers = exponents.filter((k) => k % apart === 0);
  if (powers.length >= 2) return powers.map((k) => Number(`1e${k}`));
  const from = Math.floor(low);
  const marks = [0, 1].flatMap((k) => [1, 2, 5].map((m) => Number(`${m}e${from + k}`)));
  const within = marks.filter((x) => Math.log10(x) >= low && Math.log10(x) <= high);
  return within.length >= 2 ? within : niceTicks(10 ** low, 10 ** high, 3);
}
