/** Environments here beside Gymnasium's of the same id. */
import * as z from "zod/mini";
import { type AnyValues, defaultsOf } from "../../../core/params.ts";
import { acrobot } from "../../../envs/acrobot.ts";
import type { Environment } from "../../../envs/environment.ts";
import { envs } from "../../../envs/index.ts";
import { mountainCar, mountainCarContinuous } from "../../../envs/mountaincar.ts";
import { pendulum } from "../../../envs/pendulum.ts";
import type { Found } from "../suite.ts";

const implemented: Readonly<Record<string, Environment>> = Object.fromEntries(
  [...Object.values(envs), acrobot, mountainCar, mountainCarContinuous, pendulum].map((env) => [env.id, env as never]),
);

/** How ours is compared with Gymnasium's. */
export interface Comparison {
  readonly env: Environment;
  /** Largest deviation of a state or a reward on the scale max(1, |x|). */
  readonly tolerance: number;
  /** Components of the state that are angles modulo a turn. */
  readonly angles: readonly number[];
  /** Attributes of Gymnasium's class that are hyperparameters here, by its names. */
  readonly attributes: Readonly<Record<string, string>>;
}

const cartPole: Partial<Comparison> = {
  attributes: {
    gravity: "gravity",
    masscart: "massCart",
    masspole: "massPole",
    length: "length",
    force_mag: "force",
    kinematics_integrator: "integrator",
  },
};

/** What is said beside the defaults: 1e-12, no angles, no attributes. */
const particular: Readonly<Record<string, Partial<Comparison>>> = {
  "CartPole-v1": cartPole,
  "CartPole-v0": cartPole,
  "Acrobot-v1": {
    tolerance: 1e-10,
    angles: [0, 1],
    attributes: { LINK_MASS_1: "mass1", LINK_MASS_2: "mass2", LINK_LENGTH_1: "length1", LINK_LENGTH_2: "length2" },
  },
  "MountainCar-v0": { attributes: { force: "force", gravity: "gravity" } },
  "MountainCarContinuous-v0": { attributes: { power: "power" } },
  "Pendulum-v1": { attributes: { g: "gravity", m: "mass", l: "length" } },
};

/** null: there is no such environment here. */
export function comparisonOf(id: string): Comparison | null {
  if (!Object.hasOwn(implemented, id)) return null;
  return { env: implemented[id], tolerance: 1e-12, angles: [], attributes: {}, ...particular[id] };
}

type Attributes = Readonly<Record<string, unknown>>;

/** The hyperparameters of these attributes; the name of one that is none here. */
export function physicsOf({ env, attributes }: Comparison, given: Attributes): AnyValues | string {
  const values = defaultsOf(env.params) as AnyValues;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(attributes, name)) return name;
    const param = env.params[attributes[name]];
    const legal = value === "semi-implicit euler" ? "semi-implicit" : value;
    if (param.check(legal) !== null) return `${name} = ${value}`;
    values[attributes[name]] = legal as AnyValues[string];
  }
  return values;
}

/** |value − expected| on the scale max(1, |expected|). */
export const deviation = (value: number, expected: number) =>
  Math.abs(value - expected) / Math.max(1, Math.abs(expected));

/** A number for every component. */
export const row = z.array(z.number());

/** A case an environment. */
export const eachOf = <T>(
  all: Readonly<Record<string, T>>,
  far: (of: Comparison, theirs: T) => string | null,
): Found[] =>
  Object.entries(all).map(([id, theirs]): Found => {
    const comparison = comparisonOf(id);
    return comparison ? { name: id, check: () => far(comparison, theirs) } : { name: id, what: id };
  });
