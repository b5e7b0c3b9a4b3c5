/** Several values of one hyperparameter, as a person writes them beside each other. */
import { plain, readingsOf, unclear } from "../../core/numerals.ts";
import type { Param, ParamValue, Parsed } from "../../core/params.ts";

type Values = Parsed<ParamValue[]>;

function parseAll(param: Param<ParamValue>, texts: readonly string[]): Values {
  const values: ParamValue[] = [];
  for (const text of texts) {
    const parsed = param.parse(text);
    if (!parsed.ok) return parsed;
    values.push(parsed.value);
  }
  return { ok: true, value: values };
}

/** Whether each text has a reading that is legal, be there others or not. */
const canBe = (param: Param<ParamValue>, texts: readonly string[]): boolean =>
  texts.every((text) => param.parse(text).ok || readingsOf(text).some((value) => param.check(value) === null));

/**
 * Values with semicolons between them, or with commas where no value has a comma of its own. Beside commas that a blank
 * follows, others may be decimal: "0,5, 0,25". Text that can be read both ways is refused with both.
 */
export function readValues(param: Param<ParamValue>, text: string): Values {
  const written = plain(text);
  if (param.kind === "widths" || written.includes(";")) return parseAll(param, written.split(";"));
  const [all, spaced] = [written.split(","), written.split(", ")];
  const separated = parseAll(param, all);
  if (param.kind === "choice" || all.length === spaced.length) return separated;
  if (!canBe(param, spaced)) return separated;
  const decimal = parseAll(param, spaced);
  if (!separated.ok) return decimal;
  const joined = decimal.ok ? decimal.value.map(param.format) : spaced.map((one) => one.replaceAll(",", ""));
  const readings = [separated.value.map(param.format), joined].map((values) => `"${values.join("; ")}"`);
  return { ok: false, problem: unclear(written, readings) };
}
