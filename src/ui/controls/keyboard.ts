/** The keys that a phone offers for a value. */
import type { Param, ParamValue } from "../../core/params.ts";

/** From here on a number may be written with k. */
const THOUSAND = 1000;

/** Digits where they are all that is of use; else letters, comma, point and minus too, as in 2e-4, 0,5 or 20k. */
export function keyboardFor({ kind, control }: Pick<Param<ParamValue>, "kind" | "control">): "numeric" | "text" {
  const isCount = kind === "integer" && control.type === "slider" && control.min >= 0 && control.max < THOUSAND;
  return isCount ? "numeric" : "text";
}
