/** Pinned runs (tests/golden/bits.json): what a run comes to, bit for bit, on one thread and the SIMD kernels. */
import { readFileSync } from "node:fs";
import { scheduleRepetition } from "../../src/runtime/memory/repetition.ts";
import { paramsOf, type RunConfig, VERSION } from "../../src/runtime/plan/config.ts";
import type { Edit } from "../../src/runtime/seen/view.ts";
import { RunWatch } from "../../src/runtime/seen/watch.ts";
import { SoloRun } from "../../src/runtime/threads/solo.ts";
import { edit, episodesOf } from "./stage.ts";

/** What happens in a run at an update, as its log of edits says it. */
export type Happening = Pick<Edit, "update" | "key" | "value">;

export interface Outcome {
  envSteps: number;
  updates: number;
  episodes: number;
  /** Episodes that reached the step limit. */
  truncated: number;
  parametersHash: string;
  returnsHash: string;
  /** [updates, mean return] of every greedy evaluation. */
  evaluations: [number, number][];
}

export interface Pin {
  name: string;
  /** With a value for every hyperparameter. */
  query: string;
  /** What a person does meanwhile. */
  edits?: Happening[];
  outcome: Outcome;
}

export const pinsFile = new URL("../golden/bits.json", import.meta.url);
export const readPins = (): { about: string; runs: Pin[] } => JSON.parse(readFileSync(pinsFile, "utf8"));

/** The query of a configuration that leans on no default, without "?". */
export function fullQuery({ algo, env, values }: RunConfig): string {
  const pairs = Object.entries(paramsOf(algo, env)).map(([key, param]) => [key, param.format(values[key])]);
  return [["v", String(VERSION)], ["algo", algo], ["env", env], ...pairs].map((pair) => pair.join("=")).join("&");
}

/** Asks for it as the page does. */
function act(run: SoloRun, { key, value }: Happening): void {
  const { plan, memory } = run;
  if (key === "rollback") Atomics.add(memory.control.rollbacks, 0, 1);
  else if (key === "push") {
    const [, actor, copy, strength] = /^actor (\d+) copy (\d+) step 1 by (\S+)$/.exec(value)!.map(Number);
    const { push } = memory.actors[actor - 1];
    push.copy[0] = copy - 1;
    push.strength[0] = strength;
    Atomics.add(push.count, 0, 1);
  } else {
    const parsed = plan.params[key].parse(value);
    if (!parsed.ok) throw new Error(`${key} ${parsed.problem}`);
    edit(run, key, parsed.value);
  }
}

/** A return to the best parameters ends the update after it was asked for. */
const askedAt = ({ update, key }: Happening) => (key === "rollback" ? update - 1 : update);

/** The edits of a run are a person's, or those of another run that it repeats. */
export async function outcomeOf(
  config: RunConfig,
  edits: readonly Happening[] = [],
  by: "person" | "repetition" = "person",
): Promise<{ outcome: Outcome; edits: Happening[] }> {
  const run = new SoloRun(config);
  if (by === "repetition") scheduleRepetition(run.plan, run.memory, { edits, checkAt: 0 });
  while (run.ending === null) {
    const { updates } = run.learner.record;
    if (by === "person") for (const happening of edits) if (askedAt(happening) === updates) act(run, happening);
    await run.update();
  }
  run.publish();
  const seen = new RunWatch(run.plan, run.plan.config, run.memory, run.buffer.byteLength).look(0, true);
  const { envSteps, updates, episodes, parametersHash, returnsHash } = seen;
  return {
    outcome: {
      ...{ envSteps, updates, episodes },
      truncated: episodesOf(run.memory).filter(([, , , length]) => length === run.plan.environment.maxSteps).length,
      ...{ parametersHash, returnsHash },
      evaluations: seen.evaluations.map((e) => [e.updates, e.mean]),
    },
    edits: seen.edits.map(({ update, key, value }) => ({ update, key, value })),
  };
}

/**
 * Runs that nobody disturbs and that are the same on any number of threads, with what a page reports of them. It evaluates
 * once more at the end, so that only an evaluation of the last update is the latest there too.
 */
export const lockstepPins = () =>
  readPins()
    .runs.filter(({ query, edits }) => query.includes("algo=a2c") && !edits)
    .map(({ name, query, outcome: { envSteps, updates, episodes, parametersHash, evaluations } }) => {
      const [at, mean] = evaluations[evaluations.length - 1];
      const promised = { status: "stopped", problem: null, envSteps, updates, episodes, parametersHash };
      return { name, query, promised: at === updates ? { ...promised, evaluation: { mean } } : promised };
    });
