/** Runs in Node alone, as they were asked for. */
import type { Report } from "../../ui/state/report.ts";
import { share, train } from "../node/train.ts";
import { writeJson } from "../output.ts";
import { onInterrupt } from "../process.ts";
import type { Arguments } from "./arguments.ts";
import { fulfil } from "./policy.ts";
import { progressLine, type Result, result, sayEnding } from "./result.ts";

/** A result on one line: curves are in the file. */
const lineOf = ({ curve: _, ...rest }: Result): string => JSON.stringify(rest);

/** Trains all that is asked for; returns the exit status. */
export async function runInNode({ runs, json, timeout, ...asked }: Arguments): Promise<number> {
  const [alone] = runs.length === 1 ? runs : [];
  let status = 0;
  let isInterrupted = false;
  const givenUp = new Promise<string>((resolve) => {
    onInterrupt((code) => {
      status = code;
      isInterrupted = true;
      resolve("interrupted");
    });
  });
  const seen = (report: Report) => alone && console.log(progressLine(report));
  const results: Result[] = [];
  await share(runs, asked, async (run, index, runner) => {
    if (isInterrupted) return;
    const trained = await train(runner, run, { timeout, givenUp, seen });
    const { finalEvaluation, isWritten } = fulfil(asked, trained.report, trained.policy);
    const made = result(trained.report, trained.problem, finalEvaluation);
    results[index] = made;
    if (!trained.reached || !isWritten) status ||= 1;
    if (alone) sayEnding(trained, trained.report);
    else console.log(lineOf(made));
  });
  const made = results.filter((result) => result !== undefined);
  if (json !== null && made.length > 0 && !writeJson(json, alone ? made[0] : made)) status ||= 1;
  return status;
}
