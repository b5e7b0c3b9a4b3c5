/** Reads a run out of its shared memory, for the page: totals and rates every frame, curves a few times a second. */
import { type AnyValues, readSlots } from "../../core/params.ts";
import { actionSize } from "../../envs/environment.ts";
import type { RunMemory } from "../memory/memory.ts";
import { editOf } from "../memory/repetition.ts";
import {
  columnsOf,
  editLog,
  episodeLog,
  evaluationColumns,
  MOST_EDITS,
  returnColumns,
  totals,
} from "../plan/columns.ts";
import { defaultConfig, type RunConfig, withValues } from "../plan/config.ts";
import type { RunPlan } from "../plan/plan.ts";
import { tryRead } from "../shared/board.ts";
import { AwakeClock } from "../shared/clock.ts";
import { Activity, activities } from "../shared/lane.ts";
import { Log } from "../shared/ring.ts";
import type { ActorView, Edit, EvaluationPoint, Resumption, ReturnPoint, Snapshot, UpdatePoint } from "./view.ts";

/** Milliseconds between two looks at the curves; nobody draws them faster. */
const CURVE_INTERVAL = 200;
/** An actor that acts at full pace is called stalled when it has made no step for so many milliseconds. */
const STALL = 10_000;

type Totals = { -readonly [K in (typeof totals)[number]]: number };
export type Watched = Pick<
  Snapshot,
  | "config"
  | "resolved"
  | "envSteps"
  | "updates"
  | "versions"
  | "episodes"
  | "seconds"
  | "sleptSeconds"
  | "stepsPerSecond"
  | "updatesPerSecond"
  | "meanReturn100"
  | "solvedAt"
  | "staleness"
  | "stalenessCounts"
  | "dropped"
  | "revision"
  | "returns"
  | "updateSeries"
  | "evaluations"
  | "edits"
  | "editsMissing"
  | "actors"
  | "firstUpdate"
  | "begun"
  | "parametersHash"
  | "returnsHash"
  | "check"
  | "sharedMemoryBytes"
>;

/** What there is to see before a run. */
export const nothing: Watched = {
  config: defaultConfig(),
  resolved: defaultConfig(),
  envSteps: 0,
  updates: 0,
  versions: 0,
  episodes: 0,
  seconds: 0,
  sleptSeconds: 0,
  stepsPerSecond: 0,
  updatesPerSecond: 0,
  meanReturn100: null,
  solvedAt: null,
  staleness: { mean: 0, max: 0 },
  stalenessCounts: [],
  dropped: 0,
  revision: 0,
  returns: [],
  updateSeries: [],
  evaluations: [],
  edits: [],
  editsMissing: 0,
  actors: [],
  firstUpdate: null,
  begun: defaultConfig(),
  parametersHash: "",
  returnsHash: "",
  check: null,
  sharedMemoryBytes: 0,
};

/** Rows of numbers as objects with named columns. */
export function points<P>(names: readonly string[], views: { length: Int32Array; rows: Float64Array }): P[] {
  return Array.from({ length: views.length[0] }, (_, row) => {
    const point: Record<string, number> = {};
    names.forEach((name, c) => {
      point[name] = views.rows[row * names.length + c];
    });
    return point as P;
  });
}

/** Views of B equal parts of an array. */
const parts = <A extends Float32Array | Float64Array>(all: A, B: number, size: number): A[] =>
  Array.from({ length: B }, (_, b) => all.subarray(b * size, (b + 1) * size) as A);

/** Eight digits; "" where there is no hash yet. */
export const hex = (hash: number): string => (Number.isNaN(hash) ? "" : hash.toString(16).padStart(8, "0"));

export class RunWatch {
  private readonly totals = Object.fromEntries(totals.map((name) => [name, Number.NaN])) as Totals;
  private boardRevision = 0;
  private evaluationRevision = 0;
  private curvesRead = 0;
  private revision = 0;
  private returns: ReturnPoint[] = [];
  private updateSeries: UpdatePoint[] = [];
  private evaluations: EvaluationPoint[] = [];
  private stalenessCounts: readonly number[];
  private checked: Snapshot["check"] = null;
  private edits: Edit[] = [];
  private editsMissing: number;
  private readonly editLog: Log;
  private editsRead = 0;
  private readonly episodeLog: Log;
  private episodesRead = 0;
  private readonly lastReturns: (number | null)[];
  private readonly samples: { time: number; envSteps: number; updates: number }[] = [];
  private readonly states: readonly (readonly Float64Array[])[];
  private readonly actions: readonly (readonly Float32Array[])[];
  private readonly awake: AwakeClock;
  private readonly beats: { count: number; since: number }[];
  /** The configuration with live values as they are asked for now; the same object until one changes. */
  config: RunConfig;
  /** The same with what `auto` chose. */
  resolved: RunConfig;
  /** As it began, with what `auto` chose; what changes no bit, as it is in effect now. */
  private begun: RunConfig;

  constructor(
    private readonly plan: RunPlan,
    asked: RunConfig,
    private readonly memory: RunMemory,
    private readonly bytes: number,
    /** What had happened in a run that is gone on with. */
    before: Pick<Resumption, "edits" | "editsMissing"> = { edits: [] },
  ) {
    this.edits = [...before.edits];
    this.editsMissing = before.editsMissing ?? 0;
    this.totals.envSteps = this.totals.updates = this.totals.versions = 0;
    this.totals.episodes = this.totals.seconds = 0;
    this.stalenessCounts = [...memory.board.staleness];
    this.totals.dropped = 0;
    this.totals.stalenessMean = this.totals.stalenessMax = 0;
    this.editLog = new Log(memory.logs.edits, editLog.length);
    this.episodeLog = new Log(memory.logs.episodes, episodeLog.length);
    this.lastReturns = memory.actors.map(() => null);
    const { state, actions } = plan.environment;
    this.states = memory.actors.map(({ copies }) => parts(copies.state, plan.B, state.length));
    this.actions = memory.actors.map(({ acting }) => parts(acting.action, plan.B, actionSize(actions)));
    this.awake = new AwakeClock(memory.evaluator.vigil);
    this.beats = memory.actors.map(() => ({ count: 0, since: 0 }));
    const live: AnyValues = {};
    const { resumed, data } = memory.checkpoint;
    if (resumed[0] === 1) readSlots(plan.params, data.live, live);
    this.config = withValues(asked, live);
    this.resolved = withValues(plan.config, live);
    this.begun = plan.config;
  }

  /** Notes a live value that the page asked for. */
  asked(key: string, value: AnyValues[string]): void {
    this.config = withValues(this.config, { [key]: value });
    this.resolved = withValues(this.resolved, { [key]: value });
    if (this.plan.params[key].immediate) this.begun = withValues(this.begun, { [key]: value });
  }

  /** @param settled the run is not running, so that curves are read at once */
  look(now: number, settled: boolean): Watched {
    this.readTotals(now);
    this.readCurves(now, settled);
    this.readLogs();
    const { totals } = this;
    const rates = settled ? { steps: 0, updates: 0 } : this.rates(now);
    return {
      config: this.config,
      resolved: this.resolved,
      envSteps: totals.envSteps,
      updates: totals.updates,
      versions: totals.versions,
      episodes: totals.episodes,
      seconds: totals.seconds,
      sleptSeconds: Atomics.load(this.memory.evaluator.vigil.slept, 0) / 1000,
      stepsPerSecond: rates.steps,
      updatesPerSecond: rates.updates,
      meanReturn100: Number.isNaN(totals.mean100) ? null : totals.mean100,
      solvedAt: Number.isNaN(totals.solvedEnvSteps)
        ? null
        : { envSteps: totals.solvedEnvSteps, updates: totals.solvedUpdates, seconds: totals.solvedSeconds },
      staleness: { mean: totals.stalenessMean, max: totals.stalenessMax },
      stalenessCounts: this.stalenessCounts,
      dropped: totals.dropped,
      revision: this.revision,
      returns: this.returns,
      updateSeries: this.updateSeries,
      evaluations: this.evaluations,
      edits: this.edits,
      editsMissing: this.editsMissing,
      actors: this.actors(),
      firstUpdate: this.firstUpdate(),
      begun: this.begun,
      parametersHash: hex(totals.parametersHash),
      returnsHash: hex(totals.returnsHash),
      check: this.check(),
      sharedMemoryBytes: this.bytes,
    };
  }

  /**
   * An actor that should be acting and has not made a step for long, or null. Called at full pace only.
   *
   * @param now milliseconds in which the machine was awake
   */
  stalled(now = this.awake.now()): number | null {
    for (const [actor, beat] of this.beats.entries()) {
      const { heartbeat, lane } = this.memory.actors[actor];
      const count = Atomics.load(heartbeat, 0);
      if (count !== beat.count || Atomics.load(lane.current, 0) !== Activity.act) {
        beat.count = count;
        beat.since = now;
      } else if (now - beat.since > STALL) return actor;
    }
    return null;
  }

  /** By the actors' heartbeats: one a step of all copies, and one or two before the first. */
  private firstUpdate(): number | null {
    const { plan, memory } = this;
    if (this.totals.updates > 0 || memory.checkpoint.resumed[0] === 1) return null;
    const steps = memory.actors.slice(0, plan.actors).map(({ heartbeat, queue }) => {
      if (Atomics.load(queue.committed, 0) > 0) return plan.T;
      return Math.min(plan.T, Math.max(0, Atomics.load(heartbeat, 0) - 1));
    });
    const done = plan.lockstep ? steps.reduce((a, b) => a + b, 0) / plan.actors : Math.max(...steps);
    return done / plan.T;
  }

  private readTotals(now: number): void {
    const { board } = this.memory;
    const revision = Atomics.load(board.revision, 0);
    if (revision === this.boardRevision) return;
    const read = tryRead(board, () => {
      totals.forEach((name, i) => {
        this.totals[name] = board.totals[i];
      });
    });
    if (!read) return;
    this.boardRevision = revision;
    const { envSteps, updates } = this.totals;
    this.samples.push({ time: now, envSteps, updates });
  }

  private readCurves(now: number, settled: boolean): void {
    if (!settled && now - this.curvesRead < CURVE_INTERVAL) return;
    const { board, evaluator } = this.memory;
    const seen = this.boardRevision * 65_536 + Atomics.load(evaluator.board.revision, 0);
    if (seen === this.evaluationRevision) return;
    const own = tryRead(board, () => {
      this.returns = points<ReturnPoint>(columnsOf(returnColumns), board.returns);
      this.updateSeries = points<UpdatePoint>(columnsOf(this.plan.updateColumns), board.updates);
      this.stalenessCounts = [...board.staleness];
    });
    const theirs = tryRead(evaluator.board, () => {
      this.evaluations = points<EvaluationPoint>(evaluationColumns, evaluator.board.evaluations);
    });
    if (own && theirs) this.evaluationRevision = seen;
    this.curvesRead = now;
    this.revision++;
  }

  private readLogs(): void {
    this.episodesRead = this.episodeLog.read(this.episodesRead, (row) => {
      this.lastReturns[row[episodeLog.indexOf("actor")]] = row[episodeLog.indexOf("return")];
    });
    const fresh: Edit[] = [];
    const read = this.editsRead;
    this.editsRead = this.editLog.read(read, ([update, envSteps, seconds, slot, value]) => {
      fresh.push({ update, envSteps, seconds, ...editOf(this.plan, slot, value) });
    });
    if (this.editsRead === read) return;
    const all = [...this.edits, ...fresh];
    this.edits = all.slice(-MOST_EDITS);
    this.editsMissing += ((this.editsRead - read) | 0) - fresh.length + all.length - this.edits.length;
    this.revision++;
  }

  private check(): Snapshot["check"] {
    const { checked, check } = this.memory.learner;
    if (Atomics.load(checked, 0) === 0) return null;
    this.checked ??= { parametersHash: hex(check[0]), returnsHash: hex(check[1]) };
    return this.checked;
  }

  /** Differences over about the last second. */
  private rates(now: number): { steps: number; updates: number } {
    const { samples } = this;
    while (samples.length > 2 && samples[1].time < now - 1000) samples.shift();
    const first = samples[0];
    const last = samples[samples.length - 1];
    if (!first || now - first.time < 50) return { steps: 0, updates: 0 };
    const seconds = (now - first.time) / 1000;
    return { steps: (last.envSteps - first.envSteps) / seconds, updates: (last.updates - first.updates) / seconds };
  }

  private actors(): ActorView[] {
    return this.memory.actors.slice(0, Atomics.load(this.memory.control.started, 0)).map((actor, index) => ({
      index,
      activity: activities[Atomics.load(actor.lane.current, 0)],
      version: Atomics.load(actor.version, 0),
      lastReturn: this.lastReturns[index],
      states: this.states[index],
      actions: this.actions[index],
      episodeSteps: actor.copies.episodeSteps,
    }));
  }
}
