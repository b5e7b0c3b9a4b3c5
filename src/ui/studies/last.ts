/** The last study, for scripts: `cartpool.study()`. */
import type { Outcome } from "./outcome.ts";
import type { Summary } from "./study.ts";

export const lastStudy: { outcomes: readonly Outcome[]; summaries: readonly Summary[] } = {
  outcomes: [],
  summaries: [],
};
