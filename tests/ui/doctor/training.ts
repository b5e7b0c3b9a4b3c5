/** Trains on one thread and the SIMD kernels, with looks as the doctor takes them. */

import { NotFinite } from "../../../src/runtime/learning/learner.ts";
import type { RunConfig } from "../../../src/runtime/plan/config.ts";
import type { Snapshot } from "../../../src/runtime/seen/view.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { diagnose, type Finding, type Patient } from "../../../src/ui/doctor/diagnose.ts";
import { runUntil, simdStage } from "../../runtime/simd.ts";
import type { Stage } from "../../runtime/stage.ts";

/** Updates between two looks of the doctor. */
export const ROUND = 100;

export type Look = Patient & Pick<Snapshot, "updates" | "envSteps">;

/**
 * Until it is solved or has taken so many env-steps, or its numbers are none any more.
 *
 * @param begin is handed the parts before they begin
 */
export async function train(
  config: RunConfig,
  budget: number,
  look: (at: Look) => void,
  begin: (of: Stage) => void = () => {},
): Promise<void> {
  const stage = simdStage(config);
  begin(stage);
  const { record } = stage.learner;
  const watch = new RunWatch(stage.plan, config, stage.memory, 0);
  const show = (of: Pick<Patient, "phase" | "trouble">) => {
    stage.learner.publishBoard();
    look({ ...watch.look(record.updates * 1000, true), ...of });
  };
  const ended = () => record.solved !== null || record.envSteps >= budget;
  try {
    while (!ended()) {
      const next = record.updates + ROUND;
      await runUntil(stage, () => ended() || record.updates >= next);
      show({ phase: "running", trouble: null });
    }
  } catch (error) {
    if (!(error instanceof NotFinite)) throw error;
    show({ phase: "failed", trouble: { kind: "not finite" } });
  }
}

/** What the doctor has said so far: every finding as it was first made. */
export class Findings {
  private readonly found = new Map<string, Finding>();

  look(of: Patient): void {
    for (const finding of diagnose(of)) if (!this.found.has(finding.id)) this.found.set(finding.id, finding);
  }

  get all(): Finding[] {
    return [...this.found.values()];
  }
}
