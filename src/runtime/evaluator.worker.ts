import { expose } from "comlink";
import { Evaluator } from "./evaluator.ts";
import { openMemory, planRun } from "./memory.ts";
import type { EvaluatorApi } from "./protocol.ts";

const api: EvaluatorApi = {
  run({ config, memory }) {
    const plan = planRun(config);
    new Evaluator(plan, openMemory(plan, memory.buffer)).run();
  },
};

expose(api);
