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

/** One mark of a sketch, in world units (m), y upward. `tone` names a role; the canvas chooses the colour. */
export type Mark =
  | { kind: "line"; from: readonly [number, number]; to: readonly [number, number]; width: number; tone: Tone }
  | { kind: "box"; centre: readonly [number, number]; size: readonly [number, number]; tone: Tone }
  | { kind: "disc"; centre: readonly [number, number]; radius: number; tone: Tone };
export type Tone = "ground" | "limit" | "body" | "moving" | "joint";

/** The part of the world that a sketch shows. */
export interface View {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

export interface Environment<P extends ParamSet = ParamSet> {
  /** Gymnasium's id, e.g. "CartPole-v1"; also the value of `env=` in a run URL. */
  readonly id: string;
  readonly title: string;
  /** What is watched, in one word: "pole". */
  readonly subject: string;
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
  /** Seconds of world time a step. */
  readonly secondsPerStep: number;
  readonly view: View;
  /** Draws a start state. state: [state.length] */
  initial(rng: Rng, state: Float64Array): void;
  /** Advances the state in place by one action and returns the reward. action: [actionSize] */
  step(state: Float64Array, action: Float32Array, params: Values<P>, rng: Rng): number;
  /** A shove by a person, changing the state in place. strength: added to `pushed.quantity`, positive to the right. */
  push(state: Float64Array, strength: number): void;
  /** What a push changes, and the strength of one press: for CartPole, the pole's angular velocity. */
  readonly pushed: { readonly quantity: Quantity; readonly press: number };
  /** Whether the task ended in this state. */
  terminal(state: Float64Array, params: Values<P>): boolean;
  /** Writes what the agent sees. out: [observations.length] */
  observe(state: Float64Array, out: Float32Array): void;
  /** Marks that draw the state, back to front. */
  sketch(state: Float64Array, params?: Values<P>): Mark[];
}
