/** Numbers of reference values: arrays as they are written, and how what is computed is compared with them. */
import * as z from "zod/mini";

/** Arrays are row-major, and numbers that are not finite are strings. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: Float64Array<ArrayBuffer>;
}

const written = z.union([z.number(), z.boolean(), z.string()]);
const numberOf = (text: z.infer<typeof written>) =>
  typeof text === "string" ? Number(text.replace(/inf$/i, "Infinity")) : Number(text);

/** An array of whatever type; true is 1. */
export const array = z.pipe(
  z
    .object({ shape: z.array(z.int()), dtype: z.enum(["float64", "int32", "bool"]), data: z.array(written) })
    .check(
      z.refine(({ shape, data }) => shape.reduce((a, b) => a * b, 1) === data.length, "data do not fill the shape"),
    ),
  z.transform(({ shape, data }): NumberArray => ({ shape, data: Float64Array.from(data, numberOf) })),
);

/** The array, whose shape must be this; -1 fits any length. Throws where it is another. */
export function shaped({ shape, data }: NumberArray, ...wanted: number[]): Float64Array<ArrayBuffer> {
  if (shape.length !== wanted.length || wanted.some((length, i) => length >= 0 && length !== shape[i]))
    throw new Error(`an array of shape [${shape.join(", ")}] stands where [${wanted.join(", ")}] is due`);
  return data;
}

/** What is expected, or was computed: numbers, arrays, and groups of them by name. */
export type Numbers = number | NumberArray | { readonly [name: string]: Numbers };
export const numbers: z.ZodMiniType<Numbers> = z.lazy(() =>
  z.union([z.number(), array, z.record(z.string(), numbers)]),
) as z.ZodMiniType<Numbers>;

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

const isArray = (of: Numbers): of is NumberArray => typeof of === "object" && of.data instanceof Float64Array;

/** |got − want| ≤ rtol |want| + atol; the same where want is not finite. */
const isClose = (got: number, want: number, { rtol, atol }: Tolerance): boolean =>
  Number.isFinite(want) ? Math.abs(got - want) <= rtol * Math.abs(want) + atol : Object.is(got, want);

/**
 * The first number that is not as expected, in words; null where all are.
 *
 * @param key   what stands before the words: the path to the numbers, without indices
 * @param toleranceOf a path
 */
export function difference(
  got: Numbers | undefined,
  want: Numbers,
  toleranceOf: (key: string) => Tolerance,
  key: string,
): string | null {
  if (got === undefined) return `${key} is not computed`;
  if (typeof want === "number") {
    if (typeof got !== "number") return `${key} is no number`;
    return isClose(got, want, toleranceOf(key)) ? null : `${key} is ${got}, expected ${want}`;
  }
  if (typeof got === "number") return `${key} is one number`;
  if (!isArray(want)) {
    for (const [name, part] of Object.entries(want)) {
      const found = difference((got as Record<string, Numbers>)[name], part, toleranceOf, `${key}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isArray(got)) return `${key} is no array`;
  if (`${got.shape}` !== `${want.shape}`) return `${key} has shape [${got.shape}], expected [${want.shape}]`;
  const tolerance = toleranceOf(key);
  const at = want.data.findIndex((x, i) => !isClose(got.data[i], x, tolerance));
  return at < 0 ? null : `${key}[${at}] is ${got.data[at]}, expected ${want.data[at]}`;
}
