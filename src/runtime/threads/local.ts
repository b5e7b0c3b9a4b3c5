/** All parts of a run on one thread and unshared memory: where algorithms are tested first. */
import type { GradientEngine } from "../../nn/engine.ts";
import { Actor } from "../acting/actor.ts";
import { Evaluator } from "../acting/evaluator.ts";
import { Learner } from "../learning/learner.ts";
import { formatMemory, memoryLayout, type RunMemory } from "../memory/memory.ts";
import type { RunConfig } from "../plan/config.ts";
import { planRun, type RunPlan } from "../plan/plan.ts";
import { Stops } from "../shared/stopping.ts";

/** What takes turns on the thread. */
export interface Parts {
  readonly learner: Learner;
  readonly evaluator: Evaluator;
  readonly actors: readonly Actor[];
}

const always = () => true;
const never = () => false;

/** One update and the evaluation that it makes due. Asynchronous actors arrive in their order. Throws NotFinite as the learner does. */
export async function updateOnce({ learner, evaluator, actors }: Parts): Promise<void> {
  let group = learner.ready();
  if (group === null) for (const actor of actors) actor.collect(always);
  group ??= learner.ready();
  if (group === null) throw new Error("every actor has collected and no update is ready");
  if (!(await learner.update(group)) || !learner.evaluationDue) return;
  learner.requestEvaluation();
  evaluator.evaluateNext(never);
}

export interface LocalRun extends Parts {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  update(): Promise<void>;
  /** Updates until a stop condition of the configuration is met; returns it. */
  run(): Promise<string>;
}

export function localRun(config: RunConfig, engineOf: (plan: RunPlan) => GradientEngine): LocalRun {
  const plan = planRun(config);
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  const clock = () => 0;
  const learner = new Learner(plan, memory, engineOf(plan), clock);
  const evaluator = new Evaluator(plan, memory);
  const actors = memory.actors.map((_, index) => new Actor(plan, memory, index));
  learner.begin();

  const update = () => updateOnce({ learner, evaluator, actors });

  const stops = new Stops(memory.control.stops);
  const run = async () => {
    if (plan.values.until.every(({ when }) => when === "seconds"))
      throw new Error("a local run has no clock: it needs a stop condition other than seconds");
    for (;;) {
      await update();
      const reason = stops.met(learner.record, clock());
      if (reason) return reason;
    }
  };

  return { plan, memory, learner, evaluator, actors, update, run };
}
