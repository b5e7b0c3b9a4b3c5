/** The registry of environments: controls, URLs, docs and tests derive from it. An environment is one file and one line. */
import { acrobot } from "./acrobot.ts";
import { cartPoleV0, cartPoleV1 } from "./cartpole.ts";
import type { Environment } from "./environment.ts";
import { mountainCar, mountainCarContinuous } from "./mountaincar.ts";
import { pendulum } from "./pendulum.ts";

export const envs = {
  "CartPole-v1": cartPoleV1,
  "CartPole-v0": cartPoleV0,
  "Acrobot-v1": acrobot,
  "MountainCar-v0": mountainCar,
  "MountainCarContinuous-v0": mountainCarContinuous,
  "Pendulum-v1": pendulum,
} as const satisfies Record<string, Environment>;

export type EnvId = keyof typeof envs;
