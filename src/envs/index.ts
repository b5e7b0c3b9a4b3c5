/** The registry of environments: controls, URLs, docs and tests derive from it. An environment is one file and one line. */
import { cartPoleV0, cartPoleV1 } from "./cartpole.ts";
import type { Environment } from "./environment.ts";

export const envs = {
  "CartPole-v1": cartPoleV1,
  "CartPole-v0": cartPoleV0,
} as const satisfies Record<string, Environment>;

export type EnvId = keyof typeof envs;
