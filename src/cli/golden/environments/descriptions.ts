/** What environments say of themselves beside what Gymnasium says: environments.json. */
import * as z from "zod/mini";
import { type AnyValues, defaultsOf } from "../../../core/params.ts";
import { type Comparison, eachOf, row } from "./comparison.ts";

export const described = z.object({
  environments: z.record(
    z.string(),
    z.object({
      state: z.array(z.object({ name: z.string(), unit: z.string() })),
      observation: z.object({ components: z.array(z.object({ name: z.string(), unit: z.string() })) }),
      actions: z.object({
        type: z.string(),
        n: z.optional(z.int()),
        low: z.optional(z.number()),
        high: z.optional(z.number()),
        meaning: z.record(z.string(), z.string()),
      }),
      truncation: z.object({ max_episode_steps: z.int() }),
      reward_threshold: z.nullable(z.number()),
      start_state: z.object({ low: row, high: row }),
      constants: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type Description = z.infer<typeof described>["environments"][string];

const same = (what: string, ours: unknown, theirs: unknown): string | null =>
  JSON.stringify(ours) === JSON.stringify(theirs)
    ? null
    : `${what}: ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`;

/** Seconds of a step, by whatever name. */
const secondsOf = ({ constants }: Description, otherwise: number) => constants.tau ?? constants.dt ?? otherwise;

/** What an environment says of itself beside what Gymnasium says. */
function descriptionFar({ env, attributes }: Comparison, gym: Description): string | null {
  const { actions, observations, state } = env;
  const defaults = defaultsOf(env.params) as AnyValues;
  const { type, n, low, high } = gym.actions;
  const constants = Object.entries(attributes).map(([theirs, ours]) =>
    same(ours, defaults[ours], gym.constants[theirs]),
  );
  const found = [
    same("the step limit", env.maxSteps, gym.truncation.max_episode_steps),
    same("solved at", env.solvedAt, gym.reward_threshold),
    same("seconds a step", env.secondsPerStep, secondsOf(gym, env.secondsPerStep)),
    ...constants,
    same("the kind of actions", actions.kind, type),
    actions.kind === "discrete"
      ? same("actions", actions.names.length, n)
      : same(
          "bounds of actions",
          actions.components.map((of) => [of.low, of.high]),
          [[low, high]],
        ),
    same(
      "units of the state",
      state.map(({ unit }) => unit),
      gym.state.map(({ unit }) => unit),
    ),
    same("observations", observations.length, gym.observation.components.length),
  ];
  return found.find((one) => one !== null) ?? null;
}

export const descriptionsOf = ({ environments }: z.infer<typeof described>) => eachOf(environments, descriptionFar);
