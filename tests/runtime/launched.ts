/** All parts of a run on threads of their own, as on the page; the test is the page. */

import type { Outcome } from "../../src/runtime/learning/learning.ts";
import { formatMemory, Mode, memoryLayout, sharedMemory } from "../../src/runtime/memory/memory.ts";
import { paces, type RunConfig } from "../../src/runtime/plan/config.ts";
import { planRun } from "../../src/runtime/plan/plan.ts";
import { RunWatch } from "../../src/runtime/seen/watch.ts";
import { Bell } from "../../src/runtime/shared/bell.ts";
import type { EngineKind, Part } from "./threads/part.thread.ts";
import { threads } from "./threads.ts";

export async function launched(config: RunConfig, engine: EngineKind = "plain", mode: number = Mode.running) {
  const plan = planRun(config);
  const shared = sharedMemory(memoryLayout(plan).bytes);
  const memory = formatMemory(plan, shared.buffer);
  Atomics.store(memory.control.pace, 0, paces.indexOf(config.values.pace as "full"));
  Atomics.store(memory.control.mode, 0, mode);
  const roles: Part["role"][] = ["learner", "evaluator", ...Array(plan.actors).keys()];
  const parts = await threads<Part, Outcome | null>(
    "./threads/part.thread.ts",
    roles.map((role) => ({ config, memory: shared, role, engine })),
  );
  const bells = [memory.learner, memory.evaluator, ...memory.actors].map(({ bell }) => new Bell(bell));
  const ring = () => {
    for (const bell of bells) bell.ring();
  };
  const watch = new RunWatch(plan, plan.config, memory, shared.buffer.byteLength);
  return {
    plan,
    memory,
    watch,
    outcome: parts[0].result,
    others: parts.slice(1).map(({ result }) => result),
    setMode(to: number) {
      Atomics.store(memory.control.mode, 0, to);
      ring();
    },
    setPace(to: (typeof paces)[number]) {
      Atomics.store(memory.control.pace, 0, paces.indexOf(to));
      ring();
    },
    step() {
      Atomics.add(memory.control.steps, 0, 1);
      ring();
    },
    /** Updates that the page has heard of. */
    updates: () => watch.look(performance.now(), true).updates,
    async stopped() {
      this.setMode(Mode.stop);
      await Promise.all([this.outcome, ...this.others]);
    },
  };
}
export type Launched = Awaited<ReturnType<typeof launched>>;
