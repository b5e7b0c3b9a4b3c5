import { expose } from "comlink";
import { findEngine, measureAll, replacement } from "./engines.ts";
import { learn } from "./learning.ts";
import { openMemory, planRun } from "./memory.ts";
import type { LearnerApi } from "./protocol.ts";

const api: LearnerApi = {
  async prepare(config) {
    const { choice } = await findEngine(planRun(config));
    return choice;
  },

  measure(config) {
    return measureAll(planRun(config));
  },

  async run({ config, memory }, onEngine) {
    const plan = planRun(config);
    const views = openMemory(plan, memory.buffer);
    const ground = { memory, learner: views.learner };
    const found = await findEngine(plan);
    const recover = async (failure: unknown) => {
      const next = replacement(failure, found.choice);
      onEngine(next.choice);
      return next.make(plan, ground);
    };
    return learn(plan, views, found.make(plan, ground), recover, navigator.hardwareConcurrency);
  },
};

expose(api);
