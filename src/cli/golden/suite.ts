/** What a file of reference values comes to: cases that can be checked, and what this version does not implement. */

export interface Case {
  readonly name: string;
  /** The first thing that is not as expected, in words; null where all is. */
  check(): string | null;
}

/** A case that is not checked, and what this version lacks for it. */
export interface Missing {
  readonly name: string;
  readonly what: string;
}

export interface Suite {
  readonly cases: readonly Case[];
  readonly missing: readonly Missing[];
}

/** A case, or what is missing for it. */
export type Found = Case | Missing;

const isCase = (one: Found): one is Case => "check" in one;

export const suiteOf = (found: readonly Found[]): Suite => ({
  cases: found.filter(isCase),
  missing: found.filter((one): one is Missing => !isCase(one)),
});
