/**
 * The learner: takes unrolls, differentiates the loss, applies the gradient, publishes the next version. Lockstep takes
 * one unroll of every actor; asynchronous takes the one that arrived first, differentiates at the parameters that its
 * actor acted with, and applies the gradient to the latest. Where the actors apply, it records what they did.
 */
import { hash32 } from "../core/layout.ts";
import { type AnyValues, readSlots, writeSlots } from "../core/params.ts";
import { Rng } from "../core/rng.ts";
import { type Batch, type GradientEngine, lossStats } from "../nn/engine.ts";
import { type Moments, type OptimizerName, plainOptimizer } from "../nn/optimizers.ts";
import { initialise } from "../nn/spec.ts";
import type { Trajectory } from "../returns/trajectory.ts";
import { Bell } from "./bell.ts";
import { tryRead } from "./board.ts";
import { Activity, Lane } from "./lane.ts";
import { batchRows, editSlots, type RunMemory, type RunPlan, type UnrollViews } from "./memory.ts";
import { ParameterWriter } from "./parameters.ts";
import { Rates } from "./rates.ts";
import { RunRecord, type UpdateRecord } from "./record.ts";
import { Queue } from "./ring.ts";
import { copyCopies, Stream } from "./rollout.ts";
import { addMoments, estimate, explainedVariance, trajectoryOf } from "./shard.ts";

/** A loss or gradient that is not a number: the update is not applied, the parameters stay the last good ones. */
export class NotFinite extends Error {}

export class Learner {
  readonly record: RunRecord;
  readonly lane: Lane;
  /** The latest parameters; where the actors apply, they change at any time. [P] */
  readonly parameters: Float32Array;
  private readonly hogwild: boolean;
  private readonly live: Float64Array;
  private readonly seen: Int32Array;
  private readonly values: AnyValues;
  private readonly gradient: Float32Array;
  private readonly stats = new Float32Array(lossStats.length);
  private readonly batch: Batch & { rows: number };
  private readonly writer: ParameterWriter;
  private readonly queues: readonly Queue[];
  private readonly bells: readonly Bell[];
  private readonly evaluations: Queue;
  private readonly evaluatorBell: Bell;
  /** The first k actors, for every k. */
  private readonly first: readonly (readonly number[])[];
  private readonly alone: readonly (readonly number[])[];
  /** The version at which each actor was last handed its unroll back. */
  private readonly handed: Int32Array;
  /** Replacements of every actor that are recorded. */
  private readonly replaced: Int32Array;
  private readonly slots: ReturnType<typeof editSlots>;
  private rollbacks = 0;
  /** Scheduled values that have taken effect. */
  private replayed = 0;
  private readonly moments: Moments;
  private readonly rates = new Rates();
  // Filled anew for every update: nothing is allocated.
  private readonly row: UpdateRecord = {
    loss: 0,
    policyLoss: 0,
    valueLoss: 0,
    entropy: 0,
    gradientNorm: 0,
    lr: 0,
    explainedVariance: 0,
    staleness: 0,
  };
  /** Of every actor's unrolls: what goes into the batch, without the observations to bootstrap from. */
  private readonly shares: readonly (readonly { observation: Float32Array; trajectory: Trajectory }[])[];
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
    this.hogwild = plan.apply === "actors";
    this.parameters = this.hogwild ? memory.parameters.banks[0].parameters : parameters;
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
    const observed = plan.T * plan.B * plan.spec.inputs;
    this.shares = memory.actors.map(({ unrolls }) =>
      unrolls.map((unroll) => ({
        observation: unroll.observation.subarray(0, observed),
        trajectory: trajectoryOf(plan, unroll),
      })),
    );
    this.evaluations = new Queue(memory.evaluator.queue, memory.evaluator.snapshots.length);
    this.evaluatorBell = new Bell(memory.evaluator.bell);
    this.lane = new Lane(memory.learner.lane);
    const everybody = memory.actors.map((_, actor) => actor);
    this.first = [[], ...everybody.map((actor) => everybody.slice(0, actor + 1))];
    this.alone = everybody.map((actor) => [actor]);
    this.replaced = new Int32Array(everybody.length);
    this.slots = editSlots(plan);
    this.handed = new Int32Array(everybody.length);
    this.memory.learner.active[0] = this.active;
  }

  /** Whether the thread must not block, because the engine answers on the event loop. */
  get needsEventLoop(): boolean {
    return this.engine.needsEventLoop;
  }

  /** Draws the initial parameters, or takes those of a checkpoint, and publishes them. */
  begin(): void {
    if (this.memory.checkpoint.resumed[0] === 1) this.restore();
    else initialise(this.plan.spec, new Rng().seed(this.plan.values.seed, Stream.parameters), this.parameters);
    this.engine.resident?.load(this.parameters, this.moments);
    const { version } = this.memory.parameters;
    version[0] = this.hogwild ? this.version : (this.version - 1) | 0;
    this.handed.fill(this.version);
    this.publish();
    this.publishBoard();
    this.ringAll();
  }

  private restore(): void {
    const { data } = this.memory.checkpoint;
    const { parameters, moments } = this;
    parameters.set(data.parameters);
    moments.first.set(data.first);
    moments.second.set(data.second);
    moments.steps.set(data.optimizerSteps);
    this.live.set(data.live);
    readSlots(this.plan.params, this.live, this.values);
    this.memory.learner.active[0] = this.active;
    this.record.restore(data);
    const { scheduled, schedule } = this.memory.control;
    while (this.replayed < scheduled[0] && schedule[this.replayed * 3] < this.record.updates) this.replayed++;
  }

  get isAskedToSave(): boolean {
    const { asked, written } = this.memory.checkpoint;
    return Atomics.load(asked, 0) !== Atomics.load(written, 0);
  }

  /** Writes a checkpoint if the page has asked for one. Between two updates only. */
  saveIfAsked(): void {
    const { asked, written } = this.memory.checkpoint;
    const count = Atomics.load(asked, 0);
    if (count !== Atomics.load(written, 0) && this.save()) Atomics.store(written, 0, count);
  }

  /** Writes a checkpoint, see checkpoint.ts; false while somebody else holds the evaluator's board. */
  save(): boolean {
    const { memory, parameters, moments } = this;
    const { data } = memory.checkpoint;
    const { evaluations } = memory.evaluator.board;
    const read = tryRead(memory.evaluator.board, () => {
      data.evaluations.length.set(evaluations.length);
      data.evaluations.progress.set(evaluations.progress);
      data.evaluations.rows.set(evaluations.rows);
    });
    if (!read) return false;
    data.seconds[0] = this.clock();
    this.record.save(data);
    data.live.set(this.live);
    data.parameters.set(parameters);
    data.first.set(moments.first);
    data.second.set(moments.second);
    data.optimizerSteps.set(moments.steps);
    memory.actors.forEach(({ kept, begun, queue }, i) => {
      data.begun[i] = begun[0];
      copyCopies(kept[Atomics.load(queue.released, 0) & (kept.length - 1)], data.actors[i]);
    });
    return true;
  }

  /** Takes back the parameters of the best evaluation, with fresh moments; false where nothing is evaluated yet. */
  private rollBack(): boolean {
    const { best } = this.memory.evaluator;
    let done = false;
    tryRead(best, () => {
      if (best.revision[0] === 0) return;
      this.parameters.set(best.parameters);
      done = true;
    });
    if (!done) return false;
    this.moments.first.fill(0);
    this.moments.second.fill(0);
    Atomics.store(this.moments.steps, 0, 0);
    this.engine.resident?.load(this.parameters, this.moments);
    return true;
  }

  /** Actors that take part. */
  private get active(): number {
    return Math.min(this.values.actors as number, this.queues.length);
  }

  /** The actors whose unrolls make the next update, or null when it has to wait for one. */
  ready(): readonly number[] | null {
    return this.plan.lockstep ? this.readyTogether() : this.readyAlone();
  }

  /** Whether an unroll is there that an update waits to be learnt from together with others. */
  get isPartlyReady(): boolean {
    for (let actor = 0; actor < this.queues.length; actor++) if (this.queues[actor].length > 0) return true;
    return false;
  }

  /** Lockstep: all that take part. */
  private readyTogether(): readonly number[] | null {
    for (let actor = 0; actor < this.active; actor++) if (this.queues[actor].length === 0) return null;
    return this.first[this.active];
  }

  /** Asynchronous: the first that arrived; behind a gate that waits, the one with the oldest parameters, in time. */
  private readyAlone(): readonly number[] | null {
    const waits = this.values.gate === "wait" && !this.hogwild;
    const active = this.hogwild ? this.queues.length : this.active; // what is applied is recorded in any case
    let first = -1;
    for (let actor = 0; actor < active; actor++) {
      if (this.queues[actor].length === 0) continue;
      const before = first < 0 ? 0 : waits ? this.behind(actor) - this.behind(first) : 0;
      if (first < 0 || before > 0 || (before === 0 && ((this.ticket(actor) - this.ticket(first)) | 0) < 0))
        first = actor;
    }
    if (first < 0) return null;
    if (waits)
      for (let actor = 0; actor < active; actor++)
        if (this.queues[actor].length === 0 && this.pulledBehind(actor) + 1 > (this.values.maxStaleness as number))
          return null;
    return this.alone[first];
  }

  /** Versions that the oldest unroll of an actor is behind the latest. */
  private behind(actor: number): number {
    return (this.version - this.oldest(actor).version[0]) | 0;
  }

  /** Versions that an actor at work is behind: those since it pulled, or since it was last handed its unroll back. */
  private pulledBehind(actor: number): number {
    const pulled = Atomics.load(this.memory.actors[actor].version, 0);
    return Math.min((this.version - pulled) | 0, (this.version - this.handed[actor]) | 0);
  }

  /** The version of the latest parameters. */
  private get version(): number {
    return this.record.updates | 0;
  }

  /** The actor of a group whose unroll arrived last: the one that was waited for. */
  lastOf(group: readonly number[]): number {
    let last = group[0];
    for (const actor of group) if (((this.ticket(actor) - this.ticket(last)) | 0) > 0) last = actor;
    return last;
  }

  private oldest(actor: number): UnrollViews {
    return this.memory.actors[actor].unrolls[this.queues[actor].readable()];
  }

  private ticket(actor: number): number {
    return this.oldest(actor).ticket[0];
  }

  /**
   * One update from these actors' unrolls. Throws NotFinite, and then nothing has changed.
   *
   * @returns false where the gradient was too stale and dropped
   */
  update(group: readonly number[]): boolean | Promise<boolean> {
    const { record, plan, values } = this;
    this.latch();
    const rows = group.length * plan.T * plan.B;
    const staleness = this.hogwild ? this.appliedBy(group[0])[2] : this.behind(group[0]);
    const dropped = this.hogwild
      ? this.appliedBy(group[0])[3] === 1
      : values.gate === "drop" && staleness > (values.maxStaleness as number);
    record.envSteps += rows;
    this.batch.rows = rows;
    this.rates.latch(values, record.envSteps);
    for (let k = 0; k < group.length; k++) this.recordPush(group[k]);
    if (dropped) return this.drop(group, staleness);
    // An engine that answers at once costs no turn of the event loop, and no promise.
    const norm = this.learnFrom(group, staleness);
    if (typeof norm === "number") return this.complete(group, staleness, norm);
    return this.completeLater(group, staleness, norm);
  }

  private async completeLater(group: readonly number[], staleness: number, norm: Promise<number>): Promise<true> {
    return this.complete(group, staleness, await norm);
  }

  private drop(group: readonly number[], staleness: number): false {
    this.recordEpisodes(group[0]);
    this.record.drop(staleness);
    this.admit();
    this.handBack(group[0]);
    return false;
  }

  /** What is left to do once the optimizer's step is taken. */
  private complete(group: readonly number[], staleness: number, gradientNorm: number): true {
    this.refuseNotFinite(gradientNorm);
    const rollsBack = this.isRollbackDue;
    for (let k = 0; k < group.length; k++) this.recordEpisodes(group[k]);
    this.recordUpdate(group, gradientNorm, staleness);
    if (rollsBack) this.rollBackAndRecord();
    this.checkIfDue();
    this.lane.enter(Activity.publish);
    this.publish();
    this.admit();
    for (let k = 0; k < group.length; k++) this.handBack(group[k]);
    return true;
  }

  /**
   * Lets those take part that the live value says, from the version just published on. Who rests from now on sees it before
   * the unroll comes back, who begins sees the version first: in lockstep neither depends on when a thread wakes up.
   */
  private admit(): void {
    const { active } = this.memory.learner;
    const before = active[0];
    if (before === this.active) return;
    Atomics.store(active, 0, this.active);
    // What an asynchronous actor acted before it rested is too old to learn from.
    for (let actor = before; actor < this.active; actor++)
      if (!this.hogwild && this.queues[actor].length > 0) this.handBack(actor);
    this.ringAll();
  }

  /** Differentiates, clips and applies, wherever the plan says that this happens; returns the norm before clipping. */
  private learnFrom(group: readonly number[], staleness: number): number | Promise<number> {
    const { plan, lane } = this;
    if (this.hogwild) {
      this.gather(group);
      return this.appliedBy(group[0])[0];
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
    this.engine.resident?.load(this.parameters, this.moments);
    return this.differentiateAndApply(at);
  }

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
    const { engine, gradient, values, parameters, moments, rates, stats } = this;
    this.lane.enter(Activity.apply);
    const optimizer = engine.optimizer ?? plainOptimizer;
    const norm = optimizer.clip(gradient, values.clip as number);
    if (Number.isFinite(norm) && Number.isFinite(stats[0]))
      optimizer.step(values.optimizer as OptimizerName, parameters, gradient, moments, rates);
    return norm;
  }

  /** What an actor says of the gradient that it applied; see appliedColumns. */
  private appliedBy(actor: number): Float64Array {
    return this.oldest(actor).applied;
  }

  private recordUpdate(group: readonly number[], gradientNorm: number, staleness: number): void {
    const { stats, row } = this;
    row.loss = stats[0];
    row.policyLoss = stats[1];
    row.valueLoss = stats[2];
    row.entropy = stats[3];
    row.gradientNorm = gradientNorm;
    row.lr = this.hogwild ? this.appliedBy(group[0])[1] : this.rates.lr;
    row.staleness = staleness;
    row.explainedVariance = explainedVariance(this.varied, this.batch.rows);
    this.record.update(group.length === 1 ? group[0] : -1, row);
  }

  /** Gives an actor its unroll back to fill again. */
  private handBack(actor: number): void {
    this.handed[actor] = this.version;
    this.queues[actor].release();
    this.bells[actor].ring();
  }

  private ringAll(): void {
    for (const bell of this.bells) bell.ring();
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
      this.setLive(slot, value);
    }
    const { scheduled, schedule } = this.memory.control;
    for (; this.replayed < scheduled[0]; this.replayed++) {
      const at = 3 * this.replayed;
      if (schedule[at] > this.record.updates) break;
      // Pushes are the actors' to repeat, and a way back comes after an update.
      if (schedule[at + 1] < this.live.length) this.setLive(schedule[at + 1], schedule[at + 2]);
    }
    readSlots(this.plan.params, this.live, this.values);
    this.noteReplacements();
  }

  private setLive(slot: number, value: number): void {
    if (value === this.live[slot]) return;
    this.live[slot] = value;
    this.record.edit(slot, value);
  }

  /** Hashes the state where another run is to be compared with this one. */
  private checkIfDue(): void {
    const { control, learner } = this.memory;
    if (this.record.updates !== control.checkAt[0] || control.checkAt[0] === 0) return;
    learner.check[0] = this.parametersHash;
    learner.check[1] = this.record.returnsHash;
    Atomics.store(learner.checked, 0, 1);
  }

  /** Records which actors were replaced since the last update. */
  private noteReplacements(): void {
    const { replaced, memory, slots } = this;
    for (let actor = 0; actor < replaced.length; actor++) {
      const count = Atomics.load(memory.actors[actor].replaced, 0);
      if (count !== replaced[actor]) this.record.edit(slots.replaced + actor, count);
      replaced[actor] = count;
    }
  }

  /** Records a person's push in the unroll that is learnt from. */
  private recordPush(actor: number): void {
    const { push } = this.oldest(actor);
    const { pushed, pushesOfActor } = this.slots;
    if (push[0] !== 0) this.record.edit(pushed + actor * pushesOfActor + push[0] - 1, push[1]);
  }

  /**
   * Whether the next update ends with a return to the best parameters, asked for or repeated. It has to wait for every
   * evaluation that is due, so that which ones are the best is a matter of updates, not of time.
   */
  get isRollbackDue(): boolean {
    return Atomics.load(this.memory.control.rollbacks, 0) !== this.rollbacks || this.repeatsRollback;
  }

  private get repeatsRollback(): boolean {
    const { scheduled, schedule } = this.memory.control;
    const at = 3 * this.replayed;
    if (this.replayed >= scheduled[0] || schedule[at + 1] !== this.slots.rollback) return false;
    return schedule[at] <= this.record.updates + 1;
  }

  /** After an update, so that no gradient of others is mixed in. */
  private rollBackAndRecord(): void {
    const { control, evaluator } = this.memory;
    this.rollbacks = Atomics.load(control.rollbacks, 0);
    if (this.rollBack()) this.record.edit(this.slots.rollback, evaluator.best.moment[1]);
  }

  /** The unrolls of the group as one batch, in the order of the actors. */
  private assemble(group: readonly number[]): void {
    const { batch, values, varied } = this;
    const n = this.plan.T * this.plan.B;
    for (let k = 0; k < group.length; k++) {
      const { observation, trajectory } = this.shares[group[k]][this.queues[group[k]].readable()];
      batch.observation.set(observation, k * observation.length);
      batch.action.set(this.oldest(group[k]).action, k * n);
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
      const unroll = this.oldest(group[k]);
      if (!this.hogwild) addScaled(gradient, unroll.gradient, share);
      plainOptimizer.addScaled(stats, unroll.lossStats, share);
      for (let i = 0; i < varied.length; i++) varied[i] += unroll.moments[i];
    }
  }

  private refuseNotFinite(gradientNorm: number): void {
    const loss = this.stats[0];
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
    this.record.envSteps -= this.batch.rows; // its experience counts when it is learnt from
    const what = Number.isFinite(loss) ? `The gradient's norm became ${gradientNorm}` : `The loss became ${loss}`;
    throw new NotFinite(
      `${what} at update ${this.record.updates + 1}. Training stopped; the last good parameters are kept. ` +
        "Lower the learning rate or the value cost, or clip the gradient harder, and train again.",
    );
  }

  private recordEpisodes(actor: number): void {
    const { episodeLength, episodeReturn } = this.oldest(actor);
    for (let i = 0; i < episodeLength.length; i++)
      if (episodeLength[i] > 0) this.record.episode(actor, i % this.plan.B, episodeReturn[i], episodeLength[i]);
  }

  private publish(): void {
    const { banks, published } = this.memory.parameters;
    if (this.hogwild) {
      banks[0].live.set(this.live);
      Atomics.store(published, 0, 1);
    } else this.writer.publish(this.parameters, this.live);
  }
}
