/** Reference values of running statistics (tests/golden/algorithms/normalise.json). */
import { readFileSync } from "node:fs";

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

interface Kinds {
  merge: {
    inputs: { batches: Numbers[] };
    expected: { steps: { count: number; mean: Numbers; m2: Numbers; var: Numbers }[] };
  };
  apply: {
    inputs: { x: Numbers; mean: Numbers; var: Numbers; epsilon: number; clip: number };
    expected: { normalised: Numbers };
  };
  return_normalisation: {
    inputs: { rewards: Numbers; dones: Numbers; gamma: number; epsilon: number; clip: number; initial_count: number };
    expected: { returns: Numbers; normalised: Numbers; final_mean: number; final_var: number; final_count: number };
  };
}

const file = JSON.parse(readFileSync(new URL("algorithms/normalise.json", import.meta.url), "utf8"));

/** The cases of a kind. */
export const casesOf = <K extends keyof Kinds>(kind: K): ({ name: string; tolerance_float64?: Tolerance } & Kinds[K])[] =>
  file.cases.filter((of: { kind: string }) => of.kind === kind);

/** The first number that is off by more than the tolerance, in words; null where there is none. */
export function apart(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance = file.tolerance.float64,
): string | null {
  if (actual.length !== expected.length) return `${actual.length} numbers for ${expected.length}`;
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i] - expected[i]) <= rtol * Math.abs(expected[i]) + atol))
      return `${i}: ${actual[i]} for ${expected[i]}`;
  return null;
}
