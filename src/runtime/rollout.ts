/** Environment copies that are stepped together, and the unroll they fill. No allocation in `fill`. */
import { exp } from "../core/math.ts";
import { type AnyValues, readSlots } from "../core/params.ts";
import { Rng } from "../core/rng.ts";
import { Forward } from "../nn/forward.ts";
import type { RunMemory, RunPlan, UnrollViews } from "./memory.ts";

/** Purposes of random streams: the first part of a stream's path after the seed. */
export const Stream = { world: 1, actions: 2, parameters: 3, evaluation: 4 } as const;

type ActorViews = RunMemory["actors"][number];

export class Rollout {
  /** Parameters and live values it acts with; the caller pulls into them. */
  readonly parameters: Float32Array;
  readonly live: Float64Array;
  private readonly values: AnyValues;
  private readonly forward: Forward;
  private readonly single: Forward;
  private readonly observation: Float32Array; // [B, obs]
  private readonly rows: readonly Float32Array[];
  private readonly states: readonly Float64Array[];
  private readonly worlds: readonly Rng[];
  private readonly choices: readonly Rng[];
  private readonly probabilities: Float64Array; // [A]

  constructor(
    private readonly plan: RunPlan,
    private readonly views: ActorViews,
    private readonly actor: number,
  ) {
    const { B, spec, environment } = plan;
    const stateSize = environment.state.length;
    this.parameters = views.snapshot.parameters;
    this.live = views.snapshot.live;
    this.values = { ...plan.config.values };
    this.forward = new Forward(spec, B);
    this.single = new Forward(spec, 1);
    this.observation = new Float32Array(B * spec.inputs);
    this.probabilities = new Float64Array(spec.actions);
    const each = <T>(make: (b: number) => T) => Array.from({ length: B }, (_, b) => make(b));
    this.rows = each((b) => this.observation.subarray(b * spec.inputs, (b + 1) * spec.inputs));
    this.states = each((b) => views.state.subarray(b * stateSize, (b + 1) * stateSize));
    this.worlds = each((b) => new Rng(views.streams.subarray(b * 8, b * 8 + 4)));
    this.choices = each((b) => new Rng(views.streams.subarray(b * 8 + 4, b * 8 + 8)));
  }

  /** Seeds the streams of every copy and draws the first states. */
  begin(): void {
    const { plan, views, actor } = this;
    for (let b = 0; b < plan.B; b++) {
      this.worlds[b].seed(plan.values.seed, Stream.world, actor, b);
      this.choices[b].seed(plan.values.seed, Stream.actions, actor, b);
      plan.environment.initial(this.worlds[b], this.states[b]);
      views.episodeReturn[b] = 0;
      views.episodeSteps[b] = 0;
    }
  }

  /**
   * Fills an unroll with T steps of every copy under the parameters last pulled.
   *
   * @param beforeStep called before every step; false stops, and the unroll is not whole
   * @returns whether the unroll is whole
   */
  fill(unroll: UnrollViews, beforeStep: () => boolean): boolean {
    const { plan, forward } = this;
    const { T, B, spec } = plan;
    readSlots(plan.params, this.live, this.values);
    const gamma = this.values.gamma as number;
    for (let t = 0; t < T; t++) {
      if (!beforeStep()) return false;
      this.look(unroll, t);
      const at = t * B;
      for (let i = 0; i < B * spec.actions; i++) unroll.behaviourLogits[at * spec.actions + i] = forward.logits[i];
      for (let b = 0; b < B; b++) this.stepCopy(unroll, at + b, b, gamma);
    }
    this.look(unroll, T);
    return true;
  }

  /** Observes every copy into row t and runs the network on it. */
  private look(unroll: UnrollViews, t: number): void {
    const { plan, forward, observation } = this;
    const { B, environment } = plan;
    for (let b = 0; b < B; b++) environment.observe(this.states[b], this.rows[b]);
    unroll.observation.set(observation, t * observation.length);
    forward.run(this.parameters, observation, B);
    for (let b = 0; b < B; b++) unroll.value[t * B + b] = forward.value[b];
  }

  private stepCopy(unroll: UnrollViews, i: number, b: number, gamma: number): void {
    const { plan, views, values } = this;
    const { environment } = plan;
    const state = this.states[b];
    const action = this.sample(b);
    const reward = environment.step(state, action, values, this.worlds[b]);
    const steps = views.episodeSteps[b] + 1;
    const terminated = environment.terminal(state, values);
    const truncated = steps >= environment.maxSteps;
    unroll.action[i] = action;
    unroll.reward[i] = reward;
    unroll.discount[i] = terminated ? 0 : gamma;
    unroll.truncated[i] = truncated ? 1 : 0;
    unroll.finalValue[i] = 0;
    views.episodeReturn[b] += reward;
    views.episodeSteps[b] = steps;
    const ended = terminated || truncated;
    unroll.episodeReturn[i] = ended ? views.episodeReturn[b] : 0;
    unroll.episodeLength[i] = ended ? steps : 0;
    if (!ended) return;
    if (truncated && !terminated) this.keepFinal(unroll, i, b);
    environment.initial(this.worlds[b], state);
    views.episodeReturn[b] = 0;
    views.episodeSteps[b] = 0;
  }

  /** Records the last observation of an episode that was cut, and its value. */
  private keepFinal(unroll: UnrollViews, i: number, b: number): void {
    const row = this.rows[b];
    this.plan.environment.observe(this.states[b], row);
    unroll.finalObservation.set(row, i * row.length);
    this.single.run(this.parameters, row, 1);
    unroll.finalValue[i] = this.single.value[0];
  }

  /** Draws an action from softmax(logits of copy b) by inversion. */
  private sample(b: number): number {
    const { probabilities, forward } = this;
    const A = probabilities.length;
    const from = b * A;
    let greatest = forward.logits[from];
    for (let a = 1; a < A; a++) if (forward.logits[from + a] > greatest) greatest = forward.logits[from + a];
    let sum = 0;
    for (let a = 0; a < A; a++) sum += probabilities[a] = exp(forward.logits[from + a] - greatest);
    let left = this.choices[b].uniform() * sum;
    for (let a = 0; a < A - 1; a++) {
      left -= probabilities[a];
      if (left < 0) return a;
    }
    return A - 1;
  }
}
