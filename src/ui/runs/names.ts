/** What runs are called beside each other: by the name that a person gave, else by what differs. */
import type { RunConfig } from "../../runtime/plan/config.ts";
import { differences, labelOf } from "../studies/differences.ts";

/** What is done to the straggler: of a run without one, it says nothing. */
const ofStraggler = ["straggler", "slowdown", "pullDelay"];

function label(config: RunConfig, keys: readonly string[]): string {
  if (config.values.straggler !== 0 || !keys.includes("straggler")) return labelOf(config, keys);
  const others = keys.filter((key) => !ofStraggler.includes(key));
  return others.length === 0 ? "no straggler" : `${labelOf(config, others)} · no straggler`;
}

export function namesOf(runs: readonly { readonly name: string; readonly config: RunConfig }[]): string[] {
  // How fast a run goes and when it ends makes no other curve.
  const keys = differences(runs.map(({ config }) => config)).filter((key) => key !== "pace" && key !== "until");
  return runs.map(({ name, config }) => name || label(config, keys));
}
