/** Environment copies that are stepped together, and the unroll they fill. No allocation in `fill`. */
import { type AnyValues, readSlots } from "../../core/params.ts";
import { Rng } from "../../core/rng.ts";
import { type Continuous, clip } from "../../envs/environment.ts";
import type { Sources } from "../../nn/acting/acting.ts";
import type { Batch, GradientEngine } from "../../nn/engine.ts";
import { type Output, outputOf } from "../../nn/graph.ts";
import { type Behaviour, plainBehaviour } from "../../nn/policy.ts";
import type { Trajectory } from "../../returns/trajectory.ts";
import { addMoments, estimate, trajectoryOf } from "../learning/shard.ts";
import { type Copies, copyCopies } from "../memory/copies.ts";
import type { RunMemory, UnrollViews } from "../memory/memory.ts";
import { editSlots, type RunPlan } from "../plan/plan.ts";
import { Stream } from "../plan/streams.ts";
import { Activity, type Lane } from "../shared/lane.ts";
import { Tracking } from "./tracking.ts";

type ActorViews = RunMemory["actors"][number];
/** What an actor's actions are drawn from; of every copy's two streams the second. */
export const sourcesOf = ({ copies: { streams, episodeSteps, exploration } }: ActorViews): Sources => ({
  words: streams,
  first: 4,
  apart: 8,
  steps: episodeSteps,
  state: exploration,
});

export class Rollout {
  /** Parameters and live values it acts with; the caller pulls into them. */
  readonly parameters: Float32Array;
  readonly live: Float64Array;
  /** The values that the unroll was filled under. */
  readonly values: AnyValues;
  private pushes: number;
  /** The push that another run had in the unroll that is being filled, as it is noted there; 0: none. */
  private readonly repeated = { at: 0, strength: 0 };
  /** Rows of the schedule that belong to earlier versions. */
  private past = 0;
  private readonly slots: ReturnType<typeof editSlots>;
  /** Where rewards are scaled or statistics kept. */
  private readonly tracking: Tracking | null;
  private readonly value: Output;
  private readonly rows: readonly Float32Array[];
  private readonly actions: readonly Float32Array[];
  /** Where actions are continuous: what they are clipped to before a step. */
  private readonly bounds: Continuous | null;
  private readonly states: readonly Float64Array[];
  private readonly worlds: readonly Rng[];
  private readonly choices: readonly Rng[];
  /** What differentiating reads of each unroll, made once. */
  private readonly read = new Map<UnrollViews, { trajectory: Trajectory; batch: Batch }>();

  constructor(
    private readonly plan: RunPlan,
    private readonly views: ActorViews,
    private readonly actor: number,
    private readonly policy: Behaviour = plainBehaviour(plan.spec, plan.B, plan.acting, sourcesOf(views)),
    /** Differentiates the actor's unrolls, where the plan says that actors do. */
    private readonly engine: GradientEngine | null = null,
    private readonly lane: Lane | null = null,
    /** What is repeated of another run. */
    private readonly control: Pick<RunMemory["control"], "scheduled" | "schedule"> | null = null,
  ) {
    if ((engine !== null) !== (plan.gradients === "actors"))
      throw new Error(
        `gradients are computed by the ${plan.gradients}, and this actor ${engine ? "has" : "lacks"} an engine`,
      );
    const { B, spec, environment } = plan;
    const stateSize = environment.state.length;
    this.parameters = views.snapshot.parameters;
    this.live = views.snapshot.live;
    this.values = { ...plan.config.values };
    this.pushes = Atomics.load(views.push.count, 0);
    this.slots = editSlots(plan);
    const tracks = plan.rewardScale !== "none" || spec.tracked.length > 0;
    this.tracking = tracks ? new Tracking(plan, views.copies, this.parameters) : null;
    this.value = outputOf(spec, "value");
    const each = <T>(make: (b: number) => T) => Array.from({ length: B }, (_, b) => make(b));
    this.rows = each((b) => policy.observation.subarray(b * spec.inputs, (b + 1) * spec.inputs));
    this.bounds = environment.actions.kind === "continuous" ? environment.actions : null;
    const { size } = plan.acting;
    this.actions = each((b) => policy.actions.subarray(b * size, (b + 1) * size));
    this.states = each((b) => views.copies.state.subarray(b * stateSize, (b + 1) * stateSize));
    this.worlds = each((b) => new Rng(views.copies.streams.subarray(b * 8, b * 8 + 4)));
    this.choices = each((b) => new Rng(views.copies.streams.subarray(b * 8 + 4, b * 8 + 8)));
  }

  /** Goes on from the last unroll that was committed, whoever filled it; before the first, from the seed. */
  begin(): void {
    const { views } = this;
    if (views.begun[0] === 1) copyCopies(this.keeping(0), views.copies);
    else {
      this.seed();
      this.keep(0);
      views.begun[0] = 1;
    }
  }

  /** Keeps the copies as they are, for whoever goes on from the next unroll to be committed. */
  keep(ahead = 1): void {
    copyCopies(this.views.copies, this.keeping(ahead));
  }

  private keeping(ahead: number): Copies {
    const { kept, queue } = this.views;
    return kept[(Atomics.load(queue.committed, 0) + ahead) & (kept.length - 1)];
  }

  /** Seeds the streams of every copy and draws the first states. */
  private seed(): void {
    const { plan, actor } = this;
    const { copies } = this.views;
    for (let b = 0; b < plan.B; b++) {
      this.worlds[b].seed(plan.values.seed, Stream.world, actor, b);
      this.choices[b].seed(plan.values.seed, Stream.actions, actor, b);
      plan.environment.initial(this.worlds[b], this.states[b]);
      copies.episodeReturn[b] = 0;
      copies.episodeSteps[b] = 0;
    }
    copies.discountedReturn.fill(0);
  }

  /**
   * Fills an unroll with T steps of every copy under the parameters last pulled.
   *
   * @param beforeStep called before every step; false stops, and the unroll is not whole
   * @returns whether the unroll is whole
   */
  fill(unroll: UnrollViews, beforeStep: () => boolean): boolean {
    const { plan, policy, views } = this;
    const { T, B } = plan;
    policy.load(this.parameters);
    readSlots(plan.params, this.live, this.values);
    const gamma = this.values.gamma as number;
    unroll.push.fill(0);
    this.findRepeated(unroll.version[0] >>> 0);
    for (let t = 0; t < T; t++) {
      if (!beforeStep()) return false;
      Atomics.add(views.heartbeat, 0, 1);
      this.takePush(unroll, t);
      this.look(unroll, t);
      policy.sample(B, this.values);
      unroll.action.set(policy.actions, t * policy.actions.length);
      for (let b = 0; b < B; b++) this.stepCopy(unroll, t * B + b, b, gamma);
      this.tracking?.afterStep(unroll, t * B, this.values);
    }
    this.look(unroll, T);
    this.tracking?.sum(unroll);
    if (this.engine) {
      this.lane?.enter(Activity.differentiate);
      this.differentiate(unroll, this.engine);
    }
    return true;
  }

  /** The push of this actor in the unroll that another run filled at this version. */
  private findRepeated(version: number): void {
    const { repeated, control, actor } = this;
    repeated.at = 0;
    if (!control) return;
    const { pushed, pushesOfActor } = this.slots;
    // Versions only grow, and rows are in the order of theirs.
    while (this.past < control.scheduled[0] && control.schedule[3 * this.past] < version) this.past++;
    for (let row = this.past; row < control.scheduled[0] && control.schedule[3 * row] === version; row++) {
      const at = control.schedule[3 * row + 1] - (pushed + actor * pushesOfActor);
      if (at < 0 || at >= pushesOfActor) continue;
      repeated.at = at + 1;
      repeated.strength = control.schedule[3 * row + 2];
    }
  }

  /** A person's push, if there was one since the last step, or one that is repeated; one an unroll, which notes it. */
  private takePush(unroll: UnrollViews, t: number): void {
    if (unroll.push[0] !== 0) return;
    const { repeated, plan } = this;
    if (repeated.at !== 0 && (repeated.at - 1) % plan.T === t) {
      this.push(unroll, repeated.at, repeated.strength);
      return;
    }
    const { push } = this.views;
    const count = Atomics.load(push.count, 0);
    if (count === this.pushes) return;
    this.pushes = count;
    this.push(unroll, 1 + push.copy[0] * plan.T + t, push.strength[0]);
  }

  private push(unroll: UnrollViews, at: number, strength: number): void {
    const { environment, T } = this.plan;
    environment.push(this.states[Math.floor((at - 1) / T)], strength);
    unroll.push[0] = at;
    unroll.push[1] = strength;
  }

  /** The mean gradient of the unroll at the parameters that acted, and the parts of its loss. */
  private differentiate(unroll: UnrollViews, engine: GradientEngine): void {
    const { plan, views, values } = this;
    const { advantage, returns } = views;
    const rows = plan.T * plan.B;
    let read = this.read.get(unroll);
    if (!read) {
      const batch = { rows, observation: unroll.observation, action: unroll.action, advantage, returns };
      read = { trajectory: trajectoryOf(plan, unroll), batch };
      this.read.set(unroll, read);
    }
    const { trajectory, batch } = read;
    estimate(trajectory, values, advantage, returns);
    unroll.moments.fill(0);
    addMoments(advantage, returns, 0, rows, unroll.moments);
    engine.differentiate(this.parameters, batch, values, unroll.gradient, unroll.lossStats);
  }

  /** Observes every copy into row t and runs the network on it. */
  private look(unroll: UnrollViews, t: number): void {
    const { plan, policy } = this;
    const { B, environment, spec } = plan;
    for (let b = 0; b < B; b++) environment.observe(this.states[b], this.rows[b]);
    unroll.observation.set(policy.observation, t * B * spec.inputs);
    policy.run(B, t * B);
    for (let b = 0; b < B; b++) unroll.value[t * B + b] = policy.outputs[b * policy.stride + this.value.column];
  }

  private stepCopy(unroll: UnrollViews, i: number, b: number, gamma: number): void {
    const { plan, values } = this;
    const { copies } = this.views;
    const { environment } = plan;
    const state = this.states[b];
    const action = this.actions[b];
    if (this.bounds !== null) clip(this.bounds, action);
    const reward = environment.step(state, action, values, this.worlds[b]);
    const steps = copies.episodeSteps[b] + 1;
    const terminated = environment.terminal(state, values);
    const truncated = steps >= environment.maxSteps;
    unroll.reward[i] = reward;
    unroll.discount[i] = terminated ? 0 : gamma;
    unroll.truncated[i] = truncated ? 1 : 0;
    unroll.finalValue[i] = 0;
    copies.episodeReturn[b] += reward;
    copies.episodeSteps[b] = steps;
    const ended = terminated || truncated;
    unroll.episodeReturn[i] = ended ? copies.episodeReturn[b] : 0;
    unroll.episodeLength[i] = ended ? steps : 0;
    if (!ended) return;
    if (truncated && !terminated) this.keepFinal(unroll, i, b);
    environment.initial(this.worlds[b], state);
    copies.episodeReturn[b] = 0;
    copies.episodeSteps[b] = 0;
  }

  /** Records the value of the last observation of an episode that was cut. The policy's first row is free by now. */
  private keepFinal(unroll: UnrollViews, i: number, b: number): void {
    const { policy, plan } = this;
    plan.environment.observe(this.states[b], this.rows[0]);
    policy.run(1, plan.T * plan.B); // row T × B: the last observations come there later
    unroll.finalValue[i] = policy.outputs[this.value.column];
  }
}
