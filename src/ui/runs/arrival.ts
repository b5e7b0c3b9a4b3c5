/** A run from a file, and the one of the same id that is kept. */
import type { Imported } from "./reading.ts";
import type { Recording } from "./recording.ts";

type Moment = Pick<Recording, "updates" | "parametersHash" | "returnsHash">;

/**
 * How the run of a file stands to the kept one: the same, further on, less far, or as far with other bits. Then one is no
 * earlier form of the other.
 */
export function arrivalOf(file: Moment, kept: Moment): "the same" | "further" | "less far" | "other" {
  if (file.updates !== kept.updates) return file.updates > kept.updates ? "further" : "less far";
  return file.parametersHash === kept.parametersHash && file.returnsHash === kept.returnsHash ? "the same" : "other";
}

/** Letters of a name at most, as in the declaration of a recording. */
const NAME = 80;
const SUFFIX = " (copy)";

/** The same run as another one: with an id of its own, called a copy. */
export const copyOf = ({ run, weights }: Imported): Imported => ({
  run: { ...run, id: crypto.randomUUID(), name: (run.name || "run").slice(0, NAME - SUFFIX.length) + SUFFIX },
  weights,
});
