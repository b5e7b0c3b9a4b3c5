/**
 * The learner: takes unrolls, differentiates the loss, applies the gradient, publishes the next version. Lockstep takes
 * one unroll of every actor; asynchronous takes the one that arrived first, differentiates at the parameters that its
 * actor acted with, and applies the gradient to the latest.
 */
import { hash32 } from "../core/layout.ts";
import { type AnyValues, readSlots, writeSlots } from "../core/params.ts";
import { Rng } from "../core/rng.ts";
import { type Batch, type GradientEngine, lossStats } from "../nn/engine.ts";
import { type Moments, type OptimizerName, type OptimizerValues, plainOptimizer } from "../nn/optimizers.ts";
import { initialise } from "../nn/spec.ts";
import { Bell } from "./bell.ts";
import { batchRows, type RunMemory, type RunPlan, type UnrollViews } from "./memory.ts";
import { ParameterWriter } from "./parameters.ts";
import { RunRecord } from "./record.ts";
import { Queue } from "./ring.ts";
import { Stream } from "./rollout.ts";
import { addMoments, estimate, explainedVariance, trajectoryOf } from "./shard.ts";

/** A loss or gradient that is not a number: the update is not applied, the parameters stay the last good ones. */
export class NotFinite extends Error {}

export class Learner {
  readonly record: RunRecord;
  /** The latest parameters. [P] */
  readonly parameters: Float32Array;
  private readonly live: Float64Array;
  private readonly seen: Int32Array;
  private readonly values: AnyValues;
  private readonly gradient: Float32Array;
  private readonly stats = new Float32Array(lossStats.length);
  private readonly batch: { rows: number } & Batch;
  private readonly writer: ParameterWriter;
  private readonly queues: readonly Queue[];
  private readonly bells: readonly Bell[];
  private readonly evaluations: Queue;
  private readonly evaluatorBell: Bell;
  private readonly everybody: readonly number[];
  private readonly alone: readonly (readonly number[])[];
  private readonly moments: Moments;
  private readonly rates = { lr: 0, decay: 0, beta1: 0, beta2: 0, epsilon: 0 };
  /** Σ R, Σ R², Σ A, Σ A² of the update. */
  private readonly varied = new Float64Array(4);

  /**
   * @param clock seconds of running time so far
   * @param recover another engine after this one has failed; throws when there is none
   */
  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    private engine: GradientEngine,
    private readonly clock: () => number,
    private readonly recover: (failure: unknown) => Promise<GradientEngine> = Promise.reject.bind(Promise),
  ) {
    const { batch, parameters, gradient, first, second, optimizerSteps } = memory.learner;
    this.batch = { rows: batchRows(plan), ...batch };
    this.parameters = parameters;
    this.gradient = gradient;
    this.moments = { first, second, steps: optimizerSteps };
    this.record = new RunRecord(memory, plan.environment.solvedAt, clock);
    this.live = new Float64Array(plan.live.length);
    writeSlots(plan.params, plan.config.values, this.live);
    this.seen = new Int32Array(memory.control.requests.length);
    this.values = { ...plan.config.values };
    this.writer = new ParameterWriter(memory.parameters);
    this.queues = memory.actors.map((actor) => new Queue(actor.queue, actor.unrolls.length));
    this.bells = memory.actors.map((actor) => new Bell(actor.bell));
    this.evaluations = new Queue(memory.evaluator.queue, memory.evaluator.snapshots.length);
    this.evaluatorBell = new Bell(memory.evaluator.bell);
    this.everybody = memory.actors.map((_, actor) => actor);
    this.alone = this.everybody.map((actor) => [actor]);
  }

  /** Whether the thread must not block, because the engine answers on the event loop. */
  get needsEventLoop(): boolean {
    return this.engine.needsEventLoop;
  }

  /** Draws the initial parameters and publishes them as version 0. */
  begin(): void {
    const rng = new Rng().seed(this.plan.values.seed, Stream.parameters);
    initialise(this.plan.spec, rng, this.parameters);
    this.publish();
    this.publishBoard();
    for (const bell of this.bells) bell.ring();
  }

  /** The actors whose unrolls make the next update, or null when it has to wait for one. */
  ready(): readonly number[] | null {
    if (this.plan.lockstep) return this.queues.every((queue) => queue.length > 0) ? this.everybody : null;
    let first = -1;
    for (let actor = 0; actor < this.queues.length; actor++)
      if (this.queues[actor].length > 0 && (first < 0 || ((this.ticket(actor) - this.ticket(first)) | 0) < 0))
        first = actor;
    return first < 0 ? null : this.alone[first];
  }

  private oldest(actor: number): UnrollViews {
    return this.memory.actors[actor].unrolls[this.queues[actor].readable()];
  }

  private ticket(actor: number): number {
    return this.oldest(actor).ticket[0];
  }

  /** One update from these actors' unrolls. Throws NotFinite, and then nothing has changed. */
  async update(group: readonly number[]): Promise<void> {
    const { record } = this;
    this.latch();
    record.envSteps += this.batch.rows;
    const staleness = record.updates - this.oldest(group[0]).version[0];
    if (this.plan.gradients === "actors") this.gather(group);
    else await this.differentiateHere(group, staleness);
    const optimizer = this.engine.optimizer ?? plainOptimizer;
    const gradientNorm = optimizer.clip(this.gradient, this.values.clip as number);
    this.refuseNotFinite(gradientNorm);
    const rates = this.latchRates();
    optimizer.step(this.values.optimizer as OptimizerName, this.parameters, this.gradient, this.moments, rates);
    for (const actor of group) this.recordEpisodes(actor);
    const [loss, policyLoss, valueLoss, entropy] = this.stats;
    record.update(group.length === 1 ? group[0] : -1, {
      loss,
      policyLoss,
      valueLoss,
      entropy,
      gradientNorm,
      lr: rates.lr,
      staleness,
      explainedVariance: explainedVariance(this.varied, this.batch.rows),
    });
    this.publish();
    for (const actor of group) {
      this.queues[actor].release();
      this.bells[actor].ring();
    }
  }

  /** Whether the parameters of this update are due for evaluation. */
  get evaluationDue(): boolean {
    return this.record.updates % this.plan.values.evalEvery === 0;
  }

  /** Hands the latest parameters to the evaluator; false while it has as many waiting as it can hold. */
  requestEvaluation(): boolean {
    const slot = this.evaluations.writable();
    if (slot < 0) return false;
    const { moment, bank } = this.memory.evaluator.snapshots[slot];
    moment.set([this.record.envSteps, this.record.updates, this.clock()]);
    bank.parameters.set(this.parameters);
    bank.live.set(this.live);
    this.evaluations.commit();
    this.evaluatorBell.ring();
    return true;
  }

  get evaluationsWaiting(): number {
    return this.evaluations.length;
  }

  publishBoard(): boolean {
    return this.record.publish(this.parametersHash);
  }

  get parametersHash(): number {
    const { buffer, byteOffset, byteLength } = this.parameters;
    return hash32(new Uint8Array(buffer, byteOffset, byteLength));
  }

  private async differentiate(at: Float32Array): Promise<void> {
    const { batch, values, gradient, stats } = this;
    try {
      await this.engine.differentiate(at, batch, values, gradient, stats);
    } catch (failure) {
      this.engine = await this.recover(failure);
      await this.engine.differentiate(at, batch, values, gradient, stats);
    }
  }

  /** Takes over the live values that were asked for since the last update, and records the changes. */
  private latch(): void {
    const { requested, requests } = this.memory.control;
    for (let slot = 0; slot < this.live.length; slot++) {
      let count = Atomics.load(requests, slot);
      if (count === this.seen[slot]) continue;
      let value: number;
      do {
        this.seen[slot] = count;
        value = requested[slot];
        count = Atomics.load(requests, slot);
      } while (count !== this.seen[slot]);
      if (value === this.live[slot]) continue;
      this.live[slot] = value;
      this.record.edit(slot, value);
    }
    readSlots(this.plan.params, this.live, this.values);
  }

  /** The gradient of the group's experience, differentiated here: the unrolls make one batch, in the order of the actors. */
  private async differentiateHere(group: readonly number[], staleness: number): Promise<void> {
    const { plan, batch, values, memory } = this;
    const { T, B, spec } = plan;
    const n = T * B;
    for (let k = 0; k < group.length; k++) {
      const unroll = this.oldest(group[k]);
      batch.observation.set(unroll.observation.subarray(0, n * spec.inputs), k * n * spec.inputs);
      batch.action.set(unroll.action, k * n);
      estimate(trajectoryOf(plan, unroll), values, batch.advantage, batch.returns, k * n);
    }
    this.varied.fill(0);
    addMoments(batch.advantage, batch.returns, 0, batch.rows, this.varied);
    await this.differentiate(staleness === 0 ? this.parameters : memory.actors[group[0]].snapshot.parameters);
  }

  /** The gradient of the group's experience, differentiated by its actors: the mean, summed in their order. */
  private gather(group: readonly number[]): void {
    const { gradient, stats, varied } = this;
    const { addScaled } = this.engine.optimizer ?? plainOptimizer;
    const share = 1 / group.length;
    gradient.fill(0);
    stats.fill(0);
    varied.fill(0);
    for (let k = 0; k < group.length; k++) {
      const unroll = this.oldest(group[k]);
      addScaled(gradient, unroll.gradient, share);
      plainOptimizer.addScaled(stats, unroll.lossStats, share);
      for (let i = 0; i < varied.length; i++) varied[i] += unroll.moments[i];
    }
  }

  private refuseNotFinite(gradientNorm: number): void {
    const [loss] = this.stats;
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
    this.record.envSteps -= this.batch.rows;
    const what = Number.isFinite(loss) ? `The gradient's norm became ${gradientNorm}` : `The loss became ${loss}`;
    throw new NotFinite(
      `${what} at update ${this.record.updates + 1}. Training stopped; the last good parameters are kept. ` +
        "Lower the learning rate or the value cost, or clip the gradient harder, and train again.",
    );
  }

  /** The optimizer's values of this update: α falls linearly to zero at the horizon where the schedule says so. */
  private latchRates(): OptimizerValues {
    const { rates, values } = this;
    const { lr, schedule, horizon } = values as { lr: number; schedule: string; horizon: number };
    rates.lr = schedule === "linear" ? lr * Math.max(0, 1 - this.record.envSteps / horizon) : lr;
    rates.decay = values.decay as number;
    rates.beta1 = values.beta1 as number;
    rates.beta2 = values.beta2 as number;
    rates.epsilon = values.epsilon as number;
    return rates;
  }

  private recordEpisodes(actor: number): void {
    const { episodeLength, episodeReturn } = this.oldest(actor);
    for (let i = 0; i < episodeLength.length; i++)
      if (episodeLength[i] > 0) this.record.episode(actor, i % this.plan.B, episodeReturn[i], episodeLength[i]);
  }

  private publish(): void {
    this.writer.publish(this.parameters, this.live);
  }
}
