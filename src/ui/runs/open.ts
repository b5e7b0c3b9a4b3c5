/** Opens kept runs; see opened.ts. */
import type { NetworkSpec } from "../../nn/graph.ts";
import { isUnderWay, resetRun, runner, setConfig } from "../state/session.ts";
import { configOf } from "./configOf.ts";
import { settleInterrupted } from "./interrupted.ts";
import { wholeRun } from "./library.ts";
import { type PolicySource, useOpened } from "./opened.ts";
import { networkOf, type Recording } from "./recording.ts";
import { updateOf } from "./whole.ts";

/** @param update that the parameters are of */
const sourceOf = (update: number, parameters: Float32Array | null, network: NetworkSpec): PolicySource => ({
  network: parameters && network,
  parameters(into) {
    if (!parameters) return -1;
    into.set(parameters);
    return update;
  },
});

/**
 * Opens a kept run: its configuration in the controls, its curves on the charts, its weights in Insides and Hands on.
 * The run that the page holds makes room. A sentence where that cannot be done as a whole.
 */
export async function openRun({ id }: Pick<Recording, "id">): Promise<string | null> {
  if (isUnderWay(runner().snapshot().phase)) return "A run is under way: reset it first. It is kept, too.";
  const kept = await wholeRun(id).catch((error: Error) => `This run cannot be read: ${error.message}.`);
  if (typeof kept === "string") return kept;
  if (!kept) return "This run has been deleted in another tab.";
  const { run, weights } = kept;
  const parameters = weights?.parameters ?? null;
  await resetRun();
  const config = configOf(run);
  const network = networkOf(run);
  const fits = parameters?.length === network.size;
  setConfig(config);
  const update = weights && updateOf(run, weights);
  const policy = sourceOf(update ?? run.updates, fits ? parameters : null, network);
  useOpened.setState({ opened: { run, config, policy } });
  settleInterrupted();
  if (fits && update !== run.updates)
    return update === null
      ? "The weights of this run are of an earlier update than its curves end with."
      : `The weights of this run are of update ${update}; its curves end with update ${run.updates}.`;
  return fits ? null : "This run has curves only: it was imported without weights, or it ended too early.";
}
