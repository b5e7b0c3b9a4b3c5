/** One part of a run on its own thread, as the workers of the page start it, with a plain engine. */
import { parentPort, workerData } from "node:worker_threads";
import type { GradientEngine } from "../../../src/nn/engine.ts";
import { Actor } from "../../../src/runtime/acting/actor.ts";
import { Evaluator } from "../../../src/runtime/acting/evaluator.ts";
import { learn, type Outcome } from "../../../src/runtime/learning/learning.ts";
import { openMemory } from "../../../src/runtime/memory/memory.ts";
import type { RunConfig } from "../../../src/runtime/plan/config.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { plainEngineOf } from "../stage.ts";

export interface Part {
  readonly config: RunConfig;
  readonly memory: WebAssembly.Memory;
  readonly role: "learner" | "evaluator" | number;
  readonly engine: EngineKind;
}

/** turning: results arrive on the event loop. explosive: the loss of the fifth update is not a number. broken: fails. */
export type EngineKind = "plain" | "turning" | "explosive" | "broken";

const { config, memory, role, engine: kind } = workerData as Part;
const plan = planRun(config);
const views = openMemory(plan, memory.buffer);

function engineOf(): GradientEngine {
  const inner = plainEngineOf(plan);
  let calls = 0;
  return {
    ...inner,
    needsEventLoop: kind === "turning",
    differentiate(parameters, batch, hp, gradient, stats) {
      calls++;
      if (kind === "broken") throw new Error("the engine broke");
      inner.differentiate(parameters, batch, hp, gradient, stats);
      if (kind === "explosive" && calls === 5) stats[0] = Number.NaN;
      if (kind === "turning") return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

async function run(): Promise<Outcome | null> {
  if (role === "learner") return learn(plan, views, engineOf());
  if (role === "evaluator") new Evaluator(plan, views).run();
  else new Actor(plan, views, role, undefined, plan.gradients === "actors" ? engineOf() : undefined).run();
  return null;
}

// A promise of Atomics.waitAsync does not keep a Node thread alive; an open port does.
parentPort!.on("message", () => {});
run().then(
  (outcome) => {
    parentPort!.postMessage(outcome);
    parentPort!.close();
  },
  (error) => {
    setImmediate(() => {
      throw error;
    });
  },
);
