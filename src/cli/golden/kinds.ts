/** Files of reference values of algorithms: cases of several kinds, each with inputs and what follows from them. */
import * as z from "zod/mini";
import { type Found, suiteOf } from "./suite.ts";
import { difference, type Numbers, numbers, type Tolerance } from "./values.ts";

export type Precision = "float64" | "float32";

/** What one implementation computes, by the keys of what is expected. */
export interface Answer {
  /** Who computes it. */
  readonly by: string;
  readonly precision: Precision;
  /** In place of the file's. */
  readonly tolerance?: Tolerance;
  readonly values: Expected;
}

type Expected = Readonly<Record<string, Numbers>>;

/** How cases of one kind are checked. */
export interface Kind {
  /** Keys of what is expected that nothing here computes. */
  readonly without: readonly string[];
  /** What this version lacks for a case; null where it lacks nothing. Throws where inputs are malformed. */
  lacks(inputs: unknown): string | null;
  /** @param expected for what can only be continued from it */
  answers(inputs: unknown, expected: Expected): readonly Answer[];
}

/** @param shape of the inputs */
export const kind = <S extends z.ZodMiniType>(
  shape: S,
  of: {
    without?: readonly string[];
    lacks?(inputs: z.infer<S>): string | null;
    answers(inputs: z.infer<S>, expected: Expected): readonly Answer[];
  },
): Kind => ({
  without: of.without ?? [],
  lacks: (inputs) => of.lacks?.(shape.parse(inputs)) ?? null,
  answers: (inputs, expected) => of.answers(shape.parse(inputs), expected),
});

const tolerance = z.object({ rtol: z.number(), atol: z.number() });

const caseShape = z.object({
  name: z.string(),
  kind: z.string(),
  inputs: z.unknown(),
  expected: z.unknown(),
  tolerance_float64: z.optional(tolerance),
  float32_comparable: z.optional(z.boolean()),
});

export const algorithmFile = z.object({
  tolerance: z.object({
    float64: tolerance,
    float32: tolerance,
    float32_atol_by_key: z.optional(z.record(z.string(), z.number())),
  }),
  cases: z.array(caseShape),
});
type AlgorithmFile = z.infer<typeof algorithmFile>;
type AlgorithmCase = z.infer<typeof caseShape>;

/** The tolerance of a key of a case. */
function toleranceOf(file: AlgorithmFile, of: AlgorithmCase, precision: Precision, key: string): Tolerance {
  const { float64, float32, float32_atol_by_key } = file.tolerance;
  if (precision === "float64") return of.tolerance_float64 ?? float64;
  return { rtol: float32.rtol, atol: float32_atol_by_key?.[key] ?? float32.atol };
}

const expectedShape = z.record(z.string(), numbers);

function check(file: AlgorithmFile, of: AlgorithmCase, kind: Kind): string | null {
  const expected = expectedShape.parse(of.expected);
  for (const { by, precision, tolerance, values } of kind.answers(of.inputs, expected)) {
    if (precision === "float32" && of.float32_comparable === false) continue;
    for (const [key, want] of Object.entries(expected)) {
      if (kind.without.includes(key)) continue;
      const found = difference(values[key], want, (path) => tolerance ?? toleranceOf(file, of, precision, path), key);
      if (found !== null) return `${by}: ${found}`;
    }
  }
  return null;
}

/** The cases of a file, by those kinds that are implemented. */
export function casesOf(file: AlgorithmFile, kinds: Readonly<Record<string, Kind>>) {
  return suiteOf(
    file.cases.map((of): Found => {
      const { name } = of;
      const kind = Object.hasOwn(kinds, of.kind) ? kinds[of.kind] : null;
      const what = kind ? kind.lacks(of.inputs) : of.kind;
      return kind && what === null ? { name, check: () => check(file, of, kind) } : { name, what: what as string };
    }),
  );
}

/**
 * Arithmetic in float64: functions of float32 arrays only index them, and give float64 results on these.
 * They are the same code that runs on float32 arrays, without the rounding of what is stored.
 */
export const inFloat64 = (values: Float64Array): Float32Array<ArrayBuffer> =>
  values as unknown as Float32Array<ArrayBuffer>;
