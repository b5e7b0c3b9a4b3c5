/** One environment on the page, for a person or a policy to play: no worker, no learning. */
import type { AnyValues } from "../../core/params.ts";
import { Rng } from "../../core/rng.ts";
import { type Actions, actionSize, clip, type Environment, type Quantity } from "../../envs/environment.ts";
import type { Acting } from "../../nn/acting/acting.ts";
import { Forward } from "../../nn/forward.ts";
import type { RunPlan } from "../../runtime/plan/plan.ts";

export const drivers = ["you", "policy", "chance"] as const;
export type Driver = (typeof drivers)[number];

/** Returns of the episodes that one driver has finished. */
export interface Tally {
  readonly last: number | null;
  readonly best: number | null;
  readonly episodes: number;
}
export type Tallies = Record<Driver, Tally>;

const nothing: Tally = { last: null, best: null, episodes: 0 };
export const noTallies = (): Tallies => ({ you: nothing, policy: nothing, chance: nothing });

/** A policy that plays. */
interface Player {
  readonly acting: Acting;
  readonly forward: Forward;
  readonly parameters: Float32Array;
}

export class Sandbox {
  readonly state: Float64Array;
  /** The state before the last step; of a new episode the first one. */
  private readonly before: Float64Array;
  /** Return and steps of the running episode. */
  score = 0;
  steps = 0;
  /** Where a person holds the controls, from −1 (left) to 1 (right); null before the first step of an episode. */
  held: number | null = null;
  /** Of the last step. */
  readonly action: Float32Array;
  private driving: Driver = "you";
  private readonly rng: Rng;
  private readonly observation: Float32Array;
  private player: Player | null = null;

  constructor(
    readonly environment: Environment,
    /** Physics; may be changed at any time. */
    public values: Readonly<AnyValues>,
    seed = 1,
    /** What the drivers have done; of two sandboxes side by side the same. */
    readonly tallies: Tallies = noTallies(),
  ) {
    this.rng = new Rng().seed(seed);
    this.state = new Float64Array(environment.state.length);
    this.before = new Float64Array(environment.state.length);
    this.observation = new Float32Array(environment.observations.length);
    this.action = new Float32Array(actionSize(environment.actions));
    this.restart();
  }

  get driver(): Driver {
    return this.driving;
  }

  /** An episode has one driver: another begins a new one. */
  set driver(driver: Driver) {
    if (driver === this.driving) return;
    this.driving = driver;
    this.restart();
  }

  /** What the present driver has done. */
  get tally(): Tally {
    return this.tallies[this.driving];
  }

  /** Whether the world stands still until a person acts: an episode without input is nobody's. */
  get waits(): boolean {
    return this.driving === "you" && this.held === null;
  }

  /** The policy that drives where `driver` is "policy". */
  load({ spec, acting }: Pick<RunPlan, "spec" | "acting">, parameters: Float32Array): void {
    this.player = { acting, forward: new Forward(spec, 1), parameters };
  }

  push(strength: number): void {
    this.environment.push(this.state, strength);
  }

  /** A new episode from another start, or from that of a sandbox beside this one. */
  restart(from?: Sandbox): void {
    if (from) this.state.set(from.state);
    else this.environment.initial(this.rng, this.state);
    this.before.set(this.state);
    this.score = 0;
    this.steps = 0;
    this.held = null;
  }

  /** One step of the world, unless it waits; true when it ended an episode. */
  step(): boolean {
    if (this.waits) return false;
    const { environment, state, values } = this;
    this.choose();
    this.before.set(state);
    this.score += environment.step(state, this.action, values as never, this.rng);
    this.steps++;
    if (!environment.terminal(state, values as never) && this.steps < environment.maxSteps) return false;
    const { best, episodes } = this.tally;
    this.tallies[this.driving] = {
      last: this.score,
      best: Math.max(best ?? Number.NEGATIVE_INFINITY, this.score),
      episodes: episodes + 1,
    };
    this.restart();
    return true;
  }

  /**
   * The state between the last two, for a picture that is drawn more often than the world steps.
   *
   * @param share of the step that has passed
   */
  at(share: number, into: Float64Array): Float64Array {
    this.environment.state.forEach((quantity, i) => {
      into[i] = this.before[i] + share * shortWay(quantity, this.state[i] - this.before[i]);
    });
    return into;
  }

  /** The action of whoever drives. */
  private choose(): void {
    const { environment, player, action, held } = this;
    const { actions } = environment;
    if (this.driving === "you") steer(actions, held ?? -1, action);
    else if (this.driving === "chance" || player === null) chance(actions, this.rng, action);
    else {
      environment.observe(this.state, this.observation);
      player.forward.run(player.parameters, this.observation, 1);
      player.acting.mode(player.forward.outputs, 0, action);
      if (actions.kind === "continuous") clip(actions, action);
    }
  }
}

/** A change of a quantity; of an angle, the way around that is shorter. */
const shortWay = ({ period }: Quantity, change: number): number =>
  period === undefined ? change : change - period * Math.round(change / period);

/** Whether the controls have a middle to which they go back when nobody holds them: an action to neither side. */
export const hasMiddle = (actions: Actions): boolean => actions.kind === "continuous" || actions.names.length % 2 === 1;

/** The action of controls held at `held`, −1 … 1: the nearest of discrete ones, the same share of every component's bounds. */
function steer(actions: Actions, held: number, action: Float32Array): void {
  const share = (held + 1) / 2;
  if (actions.kind === "discrete") action[0] = Math.round(share * (actions.names.length - 1));
  else
    actions.components.forEach(({ low, high }, k) => {
      action[k] = low + share * (high - low);
    });
}

/** One that is as likely as any other. */
function chance(actions: Actions, rng: Rng, action: Float32Array): void {
  if (actions.kind === "discrete") action[0] = rng.next() % actions.names.length;
  else
    actions.components.forEach(({ low, high }, k) => {
      action[k] = rng.between(low, high);
    });
}
