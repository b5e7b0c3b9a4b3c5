/** What becomes of the policy of a run that has ended: it is evaluated once more, and written to files. */
import { toSafetensors } from "../../nn/export/weights.ts";
import type { NetworkSpec } from "../../nn/graph.ts";
import { evaluateFinally, type FinalEvaluation } from "../../runtime/acting/finalEvaluation.ts";
import { planRun } from "../../runtime/plan/plan.ts";
import { policyMetadata } from "../../runtime/seen/policy.ts";
import { decodeRun } from "../../ui/address/url.ts";
import type { Report } from "../../ui/state/report.ts";
import type { Policy } from "../node/train.ts";
import { writeBytes } from "../output.ts";

type Make = (spec: NetworkSpec, parameters: Float32Array, metadata: Record<string, string>) => Uint8Array;

/** Files of a policy, by the option that asks for one. */
export const policyFiles = {
  weights: { what: "the policy as safetensors", make: toSafetensors },
} satisfies Record<string, { what: string; make: Make }>;
export type PolicyFile = keyof typeof policyFiles;
export const policyFileOptions = Object.keys(policyFiles) as PolicyFile[];

export interface Wishes {
  /** Episodes of a final evaluation; 0: none. */
  readonly evaluate: number;
  readonly files: Readonly<Partial<Record<PolicyFile, string>>>;
}

export interface Fulfilled {
  readonly finalEvaluation: FinalEvaluation | null;
  /** Whether every file could be written. */
  readonly isWritten: boolean;
}

/** Does what is asked of the policy that a run ended with. A run that failed, or goes on, has none. */
export function fulfil(
  { evaluate, files }: Wishes,
  { status, query, updates }: Report,
  policy: Policy | null,
): Fulfilled {
  if (status !== "stopped" || policy === null) return { finalEvaluation: null, isWritten: true };
  const { update, parameters } = policy;
  if (update !== updates) throw new Error(`the policy is of update ${update}, and the run of update ${updates}`);
  const { config } = decodeRun(query);
  const metadata = policyMetadata(config, query, update, parameters);
  const written = Object.entries(files).map(([option, file]) => {
    const content = policyFiles[option as PolicyFile].make(planRun(config).spec, parameters, metadata);
    return writeBytes(file, content, option);
  });
  return {
    finalEvaluation: evaluate > 0 ? evaluateFinally(config, parameters, evaluate) : null,
    isWritten: written.every((is) => is),
  };
}
