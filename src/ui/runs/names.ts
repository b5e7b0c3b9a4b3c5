/** What runs are called beside each other: by the name that a person gave, else by what differs. */
import { differences, labelOf } from "../studies/differences.ts";
import { configOf, type Recording } from "./recording.ts";

export function namesOf(runs: readonly Recording[]): string[] {
  const configs = runs.map(configOf);
  // How fast a run goes and when it ends makes no other curve.
  const keys = differences(configs).filter((key) => key !== "pace" && key !== "until");
  return runs.map(({ name }, i) => name || labelOf(configs[i], keys));
}
