/** Curves that come from outside, from a file or from the browser's store: so many points at most, every number in its bounds. */
import * as z from "zod/mini";

/** Points of a curve at most. */
const MOST_POINTS = 600;

/** What counts or measures an amount; what may be anything a chart can bear; the same before there is one: NaN, in JSON null. */
type Kind = "amount" | "real" | "late";
export type Columns = Readonly<Record<string, Kind>>;
export type Point<C extends Columns> = { [K in keyof C]: number };

/** Beyond, differences and squares of numbers are no numbers any more. */
const MOST = 1e100;

const isKind: { readonly [K in Kind]: (x: unknown) => boolean } = {
  amount: (x) => typeof x === "number" && x >= 0 && x <= Number.MAX_SAFE_INTEGER,
  real: (x) => typeof x === "number" && Math.abs(x) <= MOST,
  late: (x) => x === null || Number.isNaN(x) || isKind.real(x),
};

/** Points with these columns alone, NaN for null. */
export function onlyOf<const C extends Columns>(columns: C, points: readonly object[]): Point<C>[] {
  const names = Object.keys(columns);
  return (points as readonly Record<string, number | null>[]).map(
    (point) => Object.fromEntries(names.map((name) => [name, point[name] ?? Number.NaN])) as Point<C>,
  );
}

/**
 * A list of points with these columns; others are left out. Nothing of a list that is too long is looked at. Plain loops: the
 * page reads thousands of points of every run that is kept.
 */
export function pointsOf<const C extends Columns>(columns: C) {
  const names = Object.keys(columns);
  const faultOf = (points: unknown): PropertyKey[] | null => {
    if (!Array.isArray(points) || points.length > MOST_POINTS) return [];
    for (const [i, point] of points.entries()) {
      if (typeof point !== "object" || point === null) return [i];
      for (const name of names)
        if (!Object.hasOwn(point, name) || !isKind[columns[name]](point[name])) return [i, name];
    }
    return null;
  };
  return z.pipe(
    z.unknown().check((payload) => {
      const path = faultOf(payload.value);
      if (path) payload.issues.push({ code: "custom", path, input: null, message: "no point", continue: false });
    }),
    z.transform((points) => onlyOf(columns, points as object[])),
  );
}

/** A list of at most so many, of which nothing is looked at where there are more. */
export const atMost = <T extends z.ZodMiniType>(most: number, one: T) =>
  z.pipe(
    z.custom<z.input<T>[]>((list) => Array.isArray(list) && list.length <= most),
    z.array(one),
  );
