/**
 * Trains without a person, until the run ends: the built page in a real Chromium, or with --node the same run in Node alone.
 *
 *   npm run headless -- "<run query>" [--json FILE] [--timeout SECONDS] [--software-gpu] [--browser-arg=SWITCH]
 *   npm run headless -- --node "<run query>" … [--seeds 11-20] [--jobs N] [--json FILE] [--timeout SECONDS]
 *
 * Exit status: 0 the target was reached (in all runs), 1 it was not, 2 a query or an argument is wrong.
 */
import { parseArguments, problemsBefore, usage } from "./headless/arguments.ts";
import { runAsScript } from "./process.ts";

/** Checks everything before anything starts; returns the exit status. */
async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (!parsed.ok) {
    console.error(`${parsed.problem}\n${usage}`);
    return 2;
  }
  const problems = problemsBefore(parsed.value);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) return 2;
  // Node needs none of what a browser does, and the other way round.
  if (parsed.value.node) return (await import("./headless/node.ts")).runInNode(parsed.value);
  return (await import("./headless/chromium.ts")).runInChromium(parsed.value);
}

runAsScript(import.meta.url, main);
