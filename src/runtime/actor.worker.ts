import { expose } from "comlink";
import { Actor } from "./actor.ts";
import { openMemory, planRun } from "./memory.ts";
import type { ActorApi } from "./protocol.ts";

const api: ActorApi = {
  run({ config, memory }, index) {
    const plan = planRun(config);
    new Actor(plan, openMemory(plan, memory.buffer), index).run();
  },
};

expose(api);
