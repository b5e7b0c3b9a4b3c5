/**
 * The learner: takes unrolls, differentiates the loss, applies the gradient, publishes the next version. Lockstep takes
 * one unroll of every actor; asynchronous takes the one that arrived first, differentiates at the parameters that its
 * actor acted with, and applies the gradient to the latest. Where the actors apply, it records what they did.
 */
import { hash32 } from "../../core/layout.ts";
import { Rng } from "../../core/rng.ts";
import type { GradientEngine } from "../../nn/engine.ts";
import { initialise } from "../../nn/initialise.ts";
import { copyCopies } from "../memory/copies.ts";
import type { RunMemory } from "../memory/memory.ts";
import { Statistics } from "../memory/statistics.ts";
import type { RunPlan } from "../plan/plan.ts";
import { Stream } from "../plan/streams.ts";
import { Bell } from "../shared/bell.ts";
import { tryRead } from "../shared/board.ts";
import { Activity, Lane } from "../shared/lane.ts";
import { ParameterWriter } from "../shared/parameters.ts";
import { Queue } from "../shared/ring.ts";
import { Arrivals } from "./arrivals.ts";
import { Changes } from "./changes.ts";
import { Gradients } from "./gradients.ts";
import { RunRecord, type UpdateRecord } from "./record.ts";

/** A loss or gradient that is not a number: the update is not applied, the parameters stay the last good ones. */
export class NotFinite extends Error {}

export class Learner {
  readonly record: RunRecord;
  readonly lane: Lane;
  private readonly hogwild: boolean;
  private readonly changes: Changes;
  private readonly arrivals: Arrivals;
  private readonly gradients: Gradients;
  private readonly statistics: Statistics;
  private readonly writer: ParameterWriter;
  private readonly evaluations: Queue;
  private readonly evaluatorBell: Bell;
  // Filled anew for every update: nothing is allocated.
  private readonly row: UpdateRecord;

  /**
   * @param clock seconds of running time so far
   * @param recover another engine after this one has failed; throws when there is none
   */
  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    engine: GradientEngine,
    private readonly clock: () => number,
    recover: (failure: unknown) => Promise<GradientEngine> = Promise.reject.bind(Promise),
  ) {
    this.hogwild = plan.apply === "actors";
    this.lane = new Lane(memory.learner.lane);
    this.record = new RunRecord(plan, memory, clock);
    this.changes = new Changes(plan, memory, this.record);
    const { values } = this.changes;
    this.arrivals = new Arrivals(plan, memory, values);
    this.gradients = new Gradients(plan, memory, engine, this.arrivals, values, this.lane, recover);
    this.row = { loss: this.gradients.stats, gradientNorm: 0, lr: 0, explainedVariance: 0, staleness: 0 };
    this.statistics = new Statistics(plan.spec, memory.learner.statistics, this.parameters);
    this.writer = new ParameterWriter(memory.parameters);
    this.evaluations = new Queue(memory.evaluator.queue, memory.evaluator.snapshots.length);
    this.evaluatorBell = new Bell(memory.evaluator.bell);
  }

  /** The latest parameters; where the actors apply, they change at any time. [P] */
  get parameters(): Float32Array {
    return this.gradients.parameters;
  }

  /** Whether the thread must not block, because the engine answers on the event loop. */
  get needsEventLoop(): boolean {
    return this.gradients.needsEventLoop;
  }

  /** Draws the initial parameters, or takes those of a checkpoint, and publishes them. */
  begin(): void {
    if (this.memory.checkpoint.resumed[0] === 1) this.restore();
    else initialise(this.plan.spec, new Rng().seed(this.plan.values.seed, Stream.parameters), this.parameters);
    this.gradients.reload();
    this.arrivals.begin(this.version);
    this.memory.parameters.version[0] = this.hogwild ? this.version : (this.version - 1) | 0;
    this.publish();
    this.publishBoard();
    this.arrivals.ringAll();
  }

  private restore(): void {
    const { data } = this.memory.checkpoint;
    const { moments } = this.gradients;
    this.parameters.set(data.parameters);
    moments.first.set(data.first);
    moments.second.set(data.second);
    moments.steps.set(data.optimizerSteps);
    this.memory.learner.statistics.set(data.statistics);
    this.record.restore(data);
    this.changes.restore(data.live);
  }

  get isAskedToSave(): boolean {
    const { asked, written } = this.memory.checkpoint;
    return Atomics.load(asked, 0) !== Atomics.load(written, 0);
  }

  /** Writes a checkpoint if the page has asked for one. Between two updates only. */
  saveIfAsked(): void {
    const { asked, written } = this.memory.checkpoint;
    const count = Atomics.load(asked, 0);
    if (count === Atomics.load(written, 0) || !this.save()) return;
    Atomics.store(written, 0, count);
    Atomics.notify(written, 0);
  }

  /** Writes a checkpoint, see checkpoint.ts; false while somebody else holds the evaluator's board. */
  save(): boolean {
    const { memory, parameters } = this;
    const { moments } = this.gradients;
    const { data } = memory.checkpoint;
    const { whole } = memory.checkpoint;
    const { evaluations } = memory.evaluator.board;
    const read = tryRead(memory.evaluator.board, () => {
      Atomics.store(whole, 0, 0);
      data.evaluations.length.set(evaluations.length);
      data.evaluations.width.set(evaluations.width);
      data.evaluations.rows.set(evaluations.rows);
    });
    if (!read) return false;
    data.seconds[0] = this.clock();
    this.record.save(data);
    data.live.set(this.changes.live);
    data.parameters.set(parameters);
    data.first.set(moments.first);
    data.second.set(moments.second);
    data.optimizerSteps.set(moments.steps);
    data.statistics.set(memory.learner.statistics);
    memory.actors.forEach(({ kept, begun, queue }, i) => {
      data.begun[i] = begun[0];
      copyCopies(kept[Atomics.load(queue.released, 0) & (kept.length - 1)], data.actors[i]);
    });
    Atomics.store(whole, 0, 1);
    return true;
  }

  /** See Arrivals. */
  ready(): readonly number[] | null {
    return this.arrivals.ready();
  }
  lastOf(group: readonly number[]): number {
    return this.arrivals.lastOf(group);
  }

  /** See Changes. */
  get isRollbackDue(): boolean {
    return this.changes.isRollbackDue;
  }

  /** The version of the latest parameters. */
  private get version(): number {
    return this.record.versions | 0;
  }

  /**
   * One update from these actors' unrolls. Throws NotFinite, and then nothing has changed.
   *
   * @returns false where the gradient was too stale and dropped
   */
  update(group: readonly number[]): boolean | Promise<boolean> {
    const { record, plan, arrivals, changes, gradients } = this;
    const { values } = changes;
    changes.latch();
    const unroll = arrivals.oldest(group[0]);
    const staleness = this.hogwild ? unroll.applied[2] : arrivals.behind(group[0]);
    const dropped = this.hogwild
      ? unroll.applied[3] === 1
      : values.gate === "drop" && staleness > (values.maxStaleness as number);
    const rows = group.length * plan.T * plan.B;
    record.experience(rows);
    gradients.latch(rows, record.envSteps);
    for (let k = 0; k < group.length; k++) changes.recordPush(group[k], arrivals.oldest(group[k]));
    if (dropped) return this.drop(group, staleness);
    // An engine that answers at once costs no turn of the event loop, and no promise.
    const norm = gradients.learnFrom(group, staleness);
    if (typeof norm === "number") return this.complete(group, staleness, norm);
    return this.completeLater(group, staleness, norm);
  }

  private async completeLater(group: readonly number[], staleness: number, norm: Promise<number>): Promise<true> {
    return this.complete(group, staleness, await norm);
  }

  private drop(group: readonly number[], staleness: number): false {
    this.recordEpisodes(group[0]);
    this.record.drop(staleness);
    this.arrivals.admit();
    this.arrivals.handBack(group[0]);
    return false;
  }

  /** What is left to do once the optimizer's step is taken. */
  private complete(group: readonly number[], staleness: number, gradientNorm: number): true {
    this.refuseNotFinite(gradientNorm);
    const rollsBack = this.isRollbackDue;
    for (let k = 0; k < group.length; k++) this.recordEpisodes(group[k]);
    this.recordUpdate(group, gradientNorm, staleness);
    this.mergeStatistics(group);
    // After the update, so that no gradient of others is mixed in.
    if (rollsBack) this.changes.rolledBack(this.rollBack());
    this.checkIfDue();
    this.lane.enter(Activity.publish);
    this.record.versions++;
    this.publish();
    this.arrivals.version = this.version;
    this.arrivals.admit();
    for (let k = 0; k < group.length; k++) this.arrivals.handBack(group[k]);
    return true;
  }

  /** What the unrolls that were learnt from have seen, in the order of their actors, for the next version. */
  private mergeStatistics(group: readonly number[]): void {
    const { statistics, arrivals, plan } = this;
    if (plan.spec.tracked.length === 0) return;
    for (let k = 0; k < group.length; k++) statistics.merge(arrivals.oldest(group[k]).sums);
    statistics.write();
  }

  /** Takes back the parameters of the best evaluation; returns their update, or null where nothing is evaluated yet. */
  private rollBack(): number | null {
    const { best } = this.memory.evaluator;
    let update: number | null = null;
    tryRead(best, () => {
      if (best.revision[0] === 0) return;
      this.gradients.replace(best.parameters);
      this.statistics.takeBack();
      update = best.moment[1];
    });
    return update;
  }

  private recordUpdate(group: readonly number[], gradientNorm: number, staleness: number): void {
    const { row, gradients } = this;
    row.gradientNorm = gradientNorm;
    row.lr = gradients.lrOf(group);
    row.staleness = staleness;
    row.explainedVariance = gradients.explainedVariance;
    this.record.update(group.length === 1 ? group[0] : -1, row);
  }

  private recordEpisodes(actor: number): void {
    const { episodeLength, episodeReturn } = this.arrivals.oldest(actor);
    for (let i = 0; i < episodeLength.length; i++)
      if (episodeLength[i] > 0) this.record.episode(actor, i % this.plan.B, episodeReturn[i], episodeLength[i]);
  }

  private refuseNotFinite(gradientNorm: number): void {
    const { record, gradients } = this;
    const loss = gradients.stats[0];
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
    record.envSteps -= gradients.rows; // its experience counts when it is learnt from
    const what = Number.isFinite(loss) ? `The gradient's norm became ${gradientNorm}` : `The loss became ${loss}`;
    throw new NotFinite(
      `${what} at update ${record.updates + 1}. Training stopped; the last good parameters are kept. ` +
        "Lower the learning rate or the value cost, or clip the gradient harder, and train again.",
    );
  }

  /** Hashes the state where another run is to be compared with this one. */
  private checkIfDue(): void {
    const { control, learner } = this.memory;
    if (this.record.updates !== control.checkAt[0] || control.checkAt[0] === 0) return;
    learner.check[0] = this.parametersHash;
    learner.check[1] = this.record.returnsHash;
    Atomics.store(learner.checked, 0, 1);
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
    bank.live.set(this.changes.live);
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

  private publish(): void {
    const { banks, published } = this.memory.parameters;
    const { live } = this.changes;
    if (this.hogwild) {
      banks[0].live.set(live);
      Atomics.store(published, 0, 1);
    } else this.writer.publish(this.parameters, live);
  }
}
