/**
 * What an environment is. It is a set of pure functions over a state that the caller owns: nothing here allocates but
 * `sketch`, and nothing holds state of its own, so that one environment serves every copy on every thread.
 *
 * `terminal` is the end that belongs to the task. The step limit `maxSteps` belongs to whoever runs the episode
 * (runtime/acting/rollout.ts), because an episode cut short must still bootstrap from its last observation.
 */
import type { ParamSet, Values } from "../core/params.ts";
import type { Rng } from "../core/rng.ts";

/** A named component of a state or an observation. */
export interface Quantity {
  readonly name: string;
  readonly symbol: string;
  readonly unit: string;
  /** The stretch of it that matters to a policy, for pictures: least and greatest. */
  readonly shown: readonly [number, number];
  /** It is an angle: values a period apart are the same, and `shown` is one period. */
  readonly period?: number;
}

/** Actions 0 … n−1, by name. An action is one number, its index, which float32 holds exactly. */
export interface Discrete {
  readonly kind: "discrete";
  readonly names: readonly string[];
}

/** Actions of several components, each within its bounds. */
export interface Continuous {
  readonly kind: "continuous";
  readonly components: readonly ActionComponent[];
}

/** One number of a continuous action. What is beyond its bounds is clipped before a step. */
export interface ActionComponent {
  readonly name: string;
  readonly symbol: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
}

export type Actions = Discrete | Continuous;

/** Numbers of an action. */
export const actionSize = (actions: Actions): number => (actions.kind === "discrete" ? 1 : actions.components.length);

/** Brings an action within its bounds, in place; what is not a number becomes the lower one. action: [components] */
export function clip({ components }: Continuous, action: Float32Array): void {
  for (let k = 0; k < components.length; k++) {
    const { low, high } = components[k];
    if (!(action[k] >= low)) action[k] = low;
    else if (action[k] > high) action[k] = high;
  }
}

/** Names of discrete actions. Throws where actions are continuous. */
export function discreteNames(actions: Actions): readonly string[] {
  if (actions.kind !== "discrete") throw new Error("continuous actions have no list of names");
  return actions.names;
}

export type Point = readonly [number, number];

/** One mark of a sketch, in world units (m), y upward. `tone` names a role; the canvas chooses the colour. */
export type Mark = { readonly tone: Tone } & (
  | { kind: "line"; from: Point; to: Point; width: number }
  | { kind: "box"; centre: Point; size: Point }
  | { kind: "disc"; centre: Point; radius: number }
  /** A line through many points. */
  | { kind: "path"; points: readonly Point[]; width: number }
  /** What many points enclose. */
  | { kind: "area"; points: readonly Point[] }
  | { kind: "arrow"; from: Point; to: Point; width: number }
  /** An arrow along a circle, from one angle to another (rad, 0: to the right, positive: counter-clockwise). */
  | { kind: "turn"; centre: Point; radius: number; from: number; to: number; width: number }
);

/** land, ground, limit, goal: scenery, which no state moves. action: what was done last. */
export type Tone = "land" | "ground" | "limit" | "goal" | "body" | "moving" | "joint" | "action";
const scenery: readonly Tone[] = ["land", "ground", "limit", "goal"];
export const isScenery = ({ tone }: Pick<Mark, "tone">): boolean => scenery.includes(tone);

/** The part of the world that a sketch shows. */
export interface View {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Returns of an episode, for whoever draws or judges them. */
export interface Returns {
  /** Mean where every action is as likely as any other. */
  readonly random: number;
  /** Mean of a policy that does the task well, where nothing is published as `solvedAt`. */
  readonly good?: number;
  /** What a higher one says, after "the higher,": "the longer the poles stand". */
  readonly higher: string;
  /** Size of the reward of a usual step. */
  readonly reward: number;
}

export interface Environment<P extends ParamSet = ParamSet> {
  /** Gymnasium's id, e.g. "CartPole-v1"; also the value of `env=` in a run URL. */
  readonly id: string;
  readonly title: string;
  /** What is watched, in one word: one "pole", many "poles". */
  readonly subject: { readonly one: string; readonly many: string };
  /** One sentence: the task. */
  readonly about: string;
  /** Where the dynamics come from. */
  readonly source: string;
  /** Physics constants, declared as hyperparameters. */
  readonly params: P;
  readonly state: readonly Quantity[];
  readonly observations: readonly Quantity[];
  readonly actions: Actions;
  /** The step limit of an episode: it is truncated on this step. */
  readonly maxSteps: number;
  /** Mean return over 100 episodes at which the task counts as solved; null when none is published. */
  readonly solvedAt: number | null;
  readonly returns: Returns;
  /** Seconds of world time a step. */
  readonly secondsPerStep: number;
  readonly view: View;
  /** Draws a start state. state: [state.length] */
  initial(rng: Rng, state: Float64Array): void;
  /** Advances the state in place by one action and returns the reward. action: [actionSize] */
  step(state: Float64Array, action: Float32Array, params: Values<P>, rng: Rng): number;
  /** A shove by a person, changing the state in place: `pushed.quantity` by `strength`, to the right where it is positive. */
  push(state: Float64Array, strength: number): void;
  /** What a push changes, and the strength of one press: for CartPole, the pole's angular velocity. */
  readonly pushed: { readonly quantity: Quantity; readonly press: number };
  /** Whether the task ended in this state. */
  terminal(state: Float64Array, params: Values<P>): boolean;
  /** Writes what the agent sees. out: [observations.length] */
  observe(state: Float64Array, out: Float32Array): void;
  /** Marks that draw the state, back to front, and the action that led to it, where it is given. action: [actionSize] */
  sketch(state: Float64Array, params?: Values<P>, action?: Float32Array): Mark[];
}

/** The return of a policy that does the task well: what counts as solved, where that is published. */
export function goodReturn({ id, solvedAt, returns }: Pick<Environment, "id" | "solvedAt" | "returns">): number {
  const good = solvedAt ?? returns.good;
  if (good === undefined) throw new Error(`${id} says of no return that it is good`);
  return good;
}

/** Whether returns of two environments may be compared: versions of one task, whose steps earn the same. */
export const isSameTask = (a: Pick<Environment, "title">, b: Pick<Environment, "title">): boolean =>
  a.title === b.title;

/** How far a return is from a random policy's, 0, to a good one's, 1. */
export const shareOfGood = (environment: Environment, mean: number): number =>
  (mean - environment.returns.random) / (goodReturn(environment) - environment.returns.random);
