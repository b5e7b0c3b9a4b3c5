/**
 * From unrolls to a step of the parameters: differentiate, clip, apply, wherever the plan says that each of them
 * happens. On the learner's thread only; where its engine answers at once, nothing is allocated.
 */
import type { AnyValues } from "../../core/params.ts";
import type { Batch, GradientEngine } from "../../nn/engine.ts";
import { learntOf } from "../../nn/graph.ts";
import { type Moments, type OptimizerName, plainOptimizer } from "../../nn/optimizers.ts";
import type { Trajectory } from "../../returns/trajectory.ts";
import type { RunMemory } from "../memory/memory.ts";
import { batchRows, type RunPlan } from "../plan/plan.ts";
import { Activity, type Lane } from "../shared/lane.ts";
import type { Arrivals } from "./arrivals.ts";
import { Rates } from "./rates.ts";
import { addMoments, estimate, explainedVariance, trajectoryOf } from "./shard.ts";

export class Gradients {
  /** The latest parameters; where the actors apply, they change at any time. [P] */
  readonly parameters: Float32Array;
  /** Those that gradients change. */
  private readonly learnt: Float32Array;
  readonly moments: Moments;
  /** Statistics of the loss, in the order of its declaration; the first is the loss itself. */
  readonly stats: Float32Array;
  private readonly hogwild: boolean;
  private readonly gradient: Float32Array;
  private readonly batch: Batch & { rows: number };
  private readonly rates = new Rates();
  /** Of every actor's unrolls: what goes into the batch, without the observations to bootstrap from. */
  private readonly shares: readonly (readonly { observation: Float32Array; trajectory: Trajectory }[])[];
  /** Σ R, Σ R², Σ A, Σ A² of the update. */
  private readonly varied = new Float64Array(4);

  /**
   * @param values the live values as latched
   * @param recover another engine after this one has failed; throws when there is none
   */
  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    private engine: GradientEngine,
    private readonly arrivals: Arrivals,
    private readonly values: Readonly<AnyValues>,
    private readonly lane: Lane,
    private readonly recover: (failure: unknown) => Promise<GradientEngine>,
  ) {
    this.stats = new Float32Array(plan.outputGradient.stats.length);
    const { batch, parameters, gradient, first, second, optimizerSteps } = memory.learner;
    this.hogwild = plan.apply === "actors";
    this.parameters = this.hogwild ? memory.parameters.banks[0].parameters : parameters;
    this.learnt = learntOf(plan.spec, this.parameters);
    this.moments = { first, second, steps: optimizerSteps };
    this.gradient = gradient;
    this.batch = { rows: batchRows(plan), ...batch };
    const observed = plan.T * plan.B * plan.spec.inputs;
    this.shares = memory.actors.map(({ unrolls }) =>
      unrolls.map((unroll) => ({
        observation: unroll.observation.subarray(0, observed),
        trajectory: trajectoryOf(plan, unroll),
      })),
    );
  }

  /** Whether the thread must not block, because the engine answers on the event loop. */
  get needsEventLoop(): boolean {
    return this.engine.needsEventLoop;
  }

  /** Somebody else has changed parameters or moments. */
  reload(): void {
    this.engine.resident?.load(this.parameters, this.moments);
  }

  /** Other parameters, with fresh moments. */
  replace(parameters: Float32Array): void {
    this.parameters.set(parameters);
    this.moments.first.fill(0);
    this.moments.second.fill(0);
    Atomics.store(this.moments.steps, 0, 0);
    this.reload();
  }

  /** Before an update: its rows, and the learning rate after so many env-steps. */
  latch(rows: number, envSteps: number): void {
    this.batch.rows = rows;
    this.rates.latch(this.values, envSteps);
  }

  get rows(): number {
    return this.batch.rows;
  }

  get explainedVariance(): number {
    return explainedVariance(this.varied, this.batch.rows);
  }

  /** The learning rate that the update was applied with. */
  lrOf(group: readonly number[]): number {
    return this.hogwild ? this.arrivals.oldest(group[0]).applied[1] : this.rates.lr;
  }

  /** One update from these actors' unrolls; returns the gradient's norm before clipping. */
  learnFrom(group: readonly number[], staleness: number): number | Promise<number> {
    const { plan, lane, arrivals } = this;
    if (this.hogwild) {
      this.gather(group);
      return arrivals.oldest(group[0]).applied[0];
    }
    if (plan.gradients === "actors") {
      lane.enter(Activity.apply);
      this.gather(group);
      return this.applyHere();
    }
    lane.enter(Activity.differentiate);
    this.assemble(group);
    const at = staleness === 0 ? null : this.memory.actors[group[0]].snapshot.parameters;
    try {
      const norm = this.differentiateAndApply(at);
      return typeof norm === "number" ? norm : this.orOtherwise(norm, at);
    } catch (failure) {
      return this.learnOtherwise(failure, at);
    }
  }

  private async orOtherwise(norm: Promise<number>, at: Float32Array | null): Promise<number> {
    try {
      return await norm;
    } catch (failure) {
      return this.learnOtherwise(failure, at);
    }
  }

  /** The same update on another engine. */
  private async learnOtherwise(failure: unknown, at: Float32Array | null): Promise<number> {
    this.engine = await this.recover(failure);
    this.reload();
    return this.differentiateAndApply(at);
  }

  /** @param at where the gradient is taken; null: at the latest parameters */
  private differentiateAndApply(at: Float32Array | null): number | Promise<number> {
    const { engine, batch, values, gradient, stats, parameters, moments, rates } = this;
    const { resident } = engine;
    if (resident) {
      const of = { batch, at, hp: values, clip: values.clip as number, rule: values.optimizer as OptimizerName, rates };
      return resident.update(of, parameters, moments, stats);
    }
    const working = engine.differentiate(at ?? parameters, batch, values, gradient, stats);
    return working ? this.applyLater(working) : this.applyHere();
  }

  private async applyLater(gradient: Promise<void>): Promise<number> {
    await gradient;
    return this.applyHere();
  }

  /** Clips the gradient and takes the optimizer's step, unless something is not a number. */
  private applyHere(): number {
    const { engine, gradient, values, learnt, moments, rates, stats } = this;
    this.lane.enter(Activity.apply);
    const optimizer = engine.optimizer ?? plainOptimizer;
    const norm = optimizer.clip(gradient, values.clip as number);
    if (Number.isFinite(norm) && Number.isFinite(stats[0]))
      optimizer.step(values.optimizer as OptimizerName, learnt, gradient, moments, rates);
    return norm;
  }

  /** The unrolls of the group as one batch, in the order of the actors. */
  private assemble(group: readonly number[]): void {
    const { batch, values, varied, arrivals } = this;
    const n = this.plan.T * this.plan.B;
    for (let k = 0; k < group.length; k++) {
      const { observation, trajectory } = this.shares[group[k]][arrivals.slotOf(group[k])];
      batch.observation.set(observation, k * observation.length);
      const { action } = arrivals.oldest(group[k]);
      batch.action.set(action, k * action.length);
      estimate(trajectory, values, batch.advantage, batch.returns, k * n);
    }
    varied.fill(0);
    addMoments(batch.advantage, batch.returns, 0, batch.rows, varied);
  }

  /** The gradient of the group's experience, differentiated by its actors: the mean, summed in their order. */
  private gather(group: readonly number[]): void {
    const { gradient, stats, varied } = this;
    const { addScaled } = this.engine.optimizer ?? plainOptimizer;
    const share = 1 / group.length;
    if (!this.hogwild) gradient.fill(0);
    stats.fill(0);
    varied.fill(0);
    for (let k = 0; k < group.length; k++) {
      const unroll = this.arrivals.oldest(group[k]);
      if (!this.hogwild) addScaled(gradient, unroll.gradient, share);
      plainOptimizer.addScaled(stats, unroll.lossStats, share);
      for (let i = 0; i < varied.length; i++) varied[i] += unroll.moments[i];
    }
  }
}
