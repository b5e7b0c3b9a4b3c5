/** What an actor or the evaluator does before there is a run, so that its kernels are loaded and optimised when it begins. */

import { type RunConfig, resolved, withValues } from "../plan/config.ts";
import { planRun } from "../plan/plan.ts";
import { trialActor, trialGround } from "./trials.ts";

/** Milliseconds of a rehearsal; the browser optimises what has run so long. */
const LENGTH = 10;

const rehearsed = new Set<string>();

/** Acts and differentiates on a small network with the kernels of this configuration; once a thread for the same kernels. */
export function rehearse(config: RunConfig): void {
  const { engine, arithmetic, activation } = config.values;
  const small = withValues(resolved(config, engine === "auto" ? "simd" : (engine as "simd")), {
    actors: 1,
    envs: 4,
    unroll: 5,
    hidden: [16],
  });
  const plan = planRun(small);
  const key = `${arithmetic} ${activation} ${plan.gradients}`;
  if (rehearsed.has(key)) return;
  rehearsed.add(key);
  const { act, differentiate } = trialActor(plan, trialGround(plan));
  for (const end = performance.now() + LENGTH; performance.now() < end; ) {
    act();
    differentiate(plan.T * plan.B);
  }
}
