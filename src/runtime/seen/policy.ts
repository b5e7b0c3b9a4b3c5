/** A policy, and what a file with it says of the run that it comes from. */
import type { RunConfig } from "../plan/config.ts";
import { hashOf } from "./moment.ts";

/** @param update after how many updates; null where nobody knows */
export const policyMetadata = (
  { algo, env }: RunConfig,
  query: string,
  update: number | null,
  parameters: Float32Array,
) => ({ algo, env, query, update: String(update ?? "unknown"), hash: hashOf(parameters) });
