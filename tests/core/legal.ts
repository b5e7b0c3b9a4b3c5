/** Legal values of declared parameters, drawn by fast-check; for every test that must hold whatever the settings. */
import fc from "fast-check";
import type { Param, ParamSet, Values } from "../../src/core/params.ts";

/** Any legal value of a parameter of kind real, limit, integer or choice, its ends and its default included. */
export function legalValue(param: Param<unknown>): fc.Arbitrary<unknown> {
  const { control } = param;
  if (control.type === "select") return fc.constantFrom(...control.options);
  if (control.type === "text") return fc.constant(param.default);
  const { min, max, open } = control;
  const inside =
    param.kind === "integer"
      ? fc.integer({ min, max })
      : fc.double({ min, max, noNaN: true }).filter((x) => !Object.is(x, -0));
  return fc.oneof(inside, fc.constantFrom(min, max, param.default, ...(open ? [Number.POSITIVE_INFINITY] : [])));
}

/** Any legal values of a set. */
export const legalValues = <S extends ParamSet>(set: S): fc.Arbitrary<Values<S>> =>
  fc.record(Object.fromEntries(Object.entries(set).map(([key, param]) => [key, legalValue(param)]))) as fc.Arbitrary<
    Values<S>
  >;
