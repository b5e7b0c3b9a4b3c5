/** One environment on the page, for a person or a policy to play: no worker, no learning. */
import type { AnyValues } from "../../core/params.ts";
import { Rng } from "../../core/rng.ts";
import type { Environment } from "../../envs/environment.ts";
import { Forward } from "../../nn/forward.ts";
import { greedy } from "../../nn/policy.ts";
import type { NetworkSpec } from "../../nn/spec.ts";

export const drivers = ["you", "policy", "chance"] as const;
export type Driver = (typeof drivers)[number];

export class Sandbox {
  readonly state: Float64Array;
  /** Return and steps of the running episode. */
  score = 0;
  steps = 0;
  /** Returns of the finished ones: the last, the best, how many. */
  last: number | null = null;
  best: number | null = null;
  episodes = 0;
  driver: Driver = "you";
  /** The action that a person holds. */
  held = 0;
  private readonly rng: Rng;
  private readonly observation: Float32Array;
  private net: { forward: Forward; parameters: Float32Array } | null = null;

  constructor(
    readonly environment: Environment,
    /** Physics; may be changed at any time. */
    public values: Readonly<AnyValues>,
    seed = 1,
  ) {
    this.rng = new Rng().seed(seed);
    this.state = new Float64Array(environment.state.length);
    this.observation = new Float32Array(environment.observations.length);
    environment.initial(this.rng, this.state);
  }

  /** The policy that drives where `driver` is "policy". */
  load(spec: NetworkSpec, parameters: Float32Array): void {
    this.net = { forward: new Forward(spec, 1), parameters };
  }

  push(strength: number): void {
    this.environment.push(this.state, strength);
  }

  /** A new episode from another start. */
  restart(): void {
    this.environment.initial(this.rng, this.state);
    this.score = 0;
    this.steps = 0;
  }

  /** One step of the world; true when it ended an episode. */
  step(): boolean {
    const { environment, state, values } = this;
    this.score += environment.step(state, this.action(), values as never, this.rng);
    this.steps++;
    if (!environment.terminal(state, values as never) && this.steps < environment.maxSteps) return false;
    this.last = this.score;
    this.best = Math.max(this.best ?? Number.NEGATIVE_INFINITY, this.score);
    this.episodes++;
    this.restart();
    return true;
  }

  private action(): number {
    const { environment, net } = this;
    const A = environment.actions.names.length;
    if (this.driver === "you") return this.held;
    if (this.driver === "chance" || net === null) return this.rng.next() % A;
    environment.observe(this.state, this.observation);
    net.forward.run(net.parameters, this.observation, 1);
    return greedy({ outputs: net.forward.logits, stride: A } as never, 0, A);
  }
}
