/** What the learner's thread answers to. */
import { isBroken } from "../../nn/tfjs/breakdown.ts";
import { findEngine, measureAll, replacement } from "../engines/engines.ts";
import { Turns } from "../engines/turns.ts";
import { learn } from "../learning/learning.ts";
import { openMemory } from "../memory/memory.ts";
import { planRun } from "../plan/plan.ts";
import type { Place } from "./host.ts";
import { holdForLife } from "./life.ts";
import type { LearnerApi } from "./protocol.ts";

/** tfjs has one current backend, which must not change under an engine that works. */
const turns = new Turns();
/** How often measuring was interrupted. */
let interruptions = 0;

/** Work on an engine, one after the other. Where it broke down, `retire` is called once the work is answered. */
async function takeTurn<T>(work: () => Promise<T>, retire: () => void): Promise<T> {
  try {
    return await turns.take(work);
  } finally {
    if (isBroken()) setTimeout(retire);
  }
}

export function learnerApi({ cores, retire }: Place): LearnerApi {
  const inTurn = <T>(work: () => Promise<T>) => takeTurn(work, retire);
  return {
    holdForLife,
    prepare: (config) => inTurn(async () => (await findEngine(planRun(config), cores)).choice),

    measure(config, onTrial) {
      const before = interruptions;
      return inTurn(() => measureAll(planRun(config), cores, () => interruptions === before, onTrial));
    },

    interrupt() {
      interruptions++;
    },

    run: ({ config, memory }, onEngine) =>
      inTurn(async () => {
        const plan = planRun(config);
        const views = openMemory(plan, memory.buffer);
        const ground = { memory, learner: views.learner };
        const found = await findEngine(plan, cores);
        if (found.choice.engine !== config.values.engine) onEngine(found.choice);
        let engine = found.make(plan, ground);
        const recover = async (failure: unknown) => {
          const next = replacement(failure, found.choice);
          onEngine(next.choice);
          engine.dispose();
          engine = next.make(plan, ground);
          return engine;
        };
        try {
          return await learn(plan, views, engine, recover, cores);
        } finally {
          engine.dispose();
        }
      }),
  };
}
