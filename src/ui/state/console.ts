/** `cartpool.report()`, `cartpool.policy()` and `cartpool.run(query)` on the console and for scripts. */
import { endlessProblem } from "../../runtime/plan/config.ts";
import { decodeRun } from "../address/url.ts";
import { type Report, reportOf } from "./report.ts";
import { isUnderWay, runner, startRun } from "./session.ts";
import { usePage } from "./store.ts";

export const report = (): Report =>
  reportOf(runner().snapshot(), usePage.getState().config, runner().workerCount, runner().system);

/** Trains a run query as Train does, and reports once the run has ended, however it ends. Throws where the query is wrong. */
export async function run(query: string): Promise<Report> {
  const { config, problems } = decodeRun(query);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("; "));
  const waits = endlessProblem(config);
  if (waits !== null) throw new Error(waits);
  await startRun(config);
  await new Promise<void>((ended) => {
    const look = () => {
      if (isUnderWay(runner().snapshot().phase)) return;
      stop();
      ended();
    };
    const stop = runner().onPhase(look);
    look();
  });
  return report();
}

/** The latest parameters and after how many updates they are so; null before a run. */
export function policy(): { update: number; parameters: number[] } | null {
  const { network } = runner();
  if (!network) return null;
  const parameters = new Float32Array(network.size);
  const update = runner().parameters(parameters);
  return update < 0 ? null : { update, parameters: [...parameters] };
}
