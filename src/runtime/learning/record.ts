/** The learner's record of a run: totals, curves and logs, all in bounded memory. */
import type { criticStats, updateStats } from "../../algorithms/stats.ts";
import { Series } from "../../core/series.ts";
import { type RunMemory, SERIES_POINTS } from "../memory/memory.ts";
import {
  type Columns,
  columnsOf,
  editLog,
  episodeLog,
  recordCounts,
  returnColumns,
  SOLVED_WINDOW,
  STALENESS_BINS,
  totals,
  updateLog,
} from "../plan/columns.ts";
import type { RunPlan } from "../plan/plan.ts";
import { postSeries, resumeSeries, tryPublish } from "../shared/board.ts";
import { Log } from "../shared/ring.ts";

/** What an update brings. Its `explainedVariance` is recorded where the algorithm declares one. */
export interface UpdateRecord {
  /** Statistics of the loss, in the order of its declaration. */
  readonly loss: ArrayLike<number>;
  gradientNorm: number;
  lr: number;
  explainedVariance: number;
  staleness: number;
}

/** Where every statistic stands in a row of the updates' curve; −1: it is not recorded. Throws where it has to be. */
function placesOf({ updateColumns, outputGradient, config }: RunPlan) {
  const names = columnsOf(updateColumns);
  const placeOf = (name: string): number => {
    const at = names.indexOf(name);
    if (at < 0) throw new Error(`${config.algo} has a statistic ${name} that it does not declare`);
    return at;
  };
  return {
    loss: outputGradient.stats.map(placeOf),
    gradientNorm: placeOf("gradientNorm" satisfies keyof typeof updateStats),
    lr: placeOf("lr" satisfies keyof typeof updateStats),
    staleness: placeOf("staleness" satisfies keyof typeof updateStats),
    maxStaleness: placeOf("maxStaleness" satisfies keyof typeof updateStats),
    explainedVariance: names.indexOf("explainedVariance" satisfies keyof typeof criticStats),
  };
}

const series = (columns: Columns, weight: string) => {
  const folds = Object.values(columns);
  const rows = new Float64Array(SERIES_POINTS * folds.length);
  return new Series(folds, rows, Object.keys(columns).indexOf(weight));
};

const FNV_BASIS = 0x811c9dc5;
const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

/** FNV-1a over the two words of a number. */
function mix(hash: number, x: number): number {
  bits[0] = x;
  return Math.imul(Math.imul(hash ^ words[0], 0x01000193) ^ words[1], 0x01000193) >>> 0;
}

type Saved = RunMemory["checkpoint"]["data"];

export class RunRecord {
  envSteps = 0;
  updates = 0;
  /** The version of the latest parameters: how often others have been published since the first. Staleness is counted in these. */
  versions = 0;
  episodes = 0;
  solved: { envSteps: number; updates: number; seconds: number } | null = null;
  /** Gradients that were too stale. */
  dropped = 0;
  /** Of every finished episode so far, in order: its step, return and length. */
  returnsHash = FNV_BASIS;
  stalenessSum = 0;
  stalenessMax = 0;
  private readonly histogram = new Float64Array(STALENESS_BINS);
  private readonly window = new Float64Array(SOLVED_WINDOW);
  /** Of the window, so that an episode costs no sum over a hundred; exact where returns are whole numbers. */
  private windowSum = 0;
  /** When the experience of the next update arrived: one look at the clock for all of its episodes. */
  private arrivedAt = 0;
  private readonly returns = series(returnColumns, "episodes");
  private readonly updateSeries: Series;
  // Rows are filled anew for every call: nothing is allocated.
  private readonly episodeRow = new Float64Array(episodeLog.length);
  private readonly returnRow = new Float64Array(Object.keys(returnColumns).length);
  private readonly updateLogRow = new Float64Array(updateLog.length);
  private readonly updateRow: Float64Array;
  private readonly places: ReturnType<typeof placesOf>;
  private readonly episodeLog: Log;
  private readonly updateLog: Log;
  private readonly editLog: Log;
  /** Whether something happened since the last publication. */
  dirty = false;

  constructor(
    private readonly plan: RunPlan,
    private readonly memory: RunMemory,
    /** Seconds of running time so far. */
    private readonly clock: () => number,
  ) {
    this.updateSeries = series(plan.updateColumns, "count");
    this.updateRow = new Float64Array(this.updateSeries.columns);
    this.places = placesOf(plan);
    const { episodes, updates, edits } = memory.logs;
    this.episodeLog = new Log(episodes, episodeLog.length);
    this.updateLog = new Log(updates, updateLog.length);
    this.editLog = new Log(edits, editLog.length);
  }

  /** Mean of the last 100 finished training episodes; NaN before there are so many. */
  get mean100(): number {
    return this.episodes < SOLVED_WINDOW ? Number.NaN : this.windowSum / SOLVED_WINDOW;
  }

  /** So many rows of experience are there for the next update. */
  experience(rows: number): void {
    this.envSteps += rows;
    this.arrivedAt = this.clock();
  }

  /** An episode that ended within the experience of the next update; call before `update`, in the order of the batch. */
  episode(actor: number, copy: number, total: number, length: number): void {
    const at = this.episodes % SOLVED_WINDOW;
    this.windowSum += total - this.window[at];
    this.window[at] = total;
    this.episodes++;
    const { envSteps, updates, mean100, episodeRow, returnRow, arrivedAt: seconds } = this;
    episodeRow[0] = envSteps;
    episodeRow[1] = updates;
    episodeRow[2] = seconds;
    episodeRow[3] = actor;
    episodeRow[4] = copy;
    episodeRow[5] = total;
    episodeRow[6] = length;
    this.episodeLog.add(episodeRow);
    returnRow[0] = envSteps;
    returnRow[1] = updates;
    returnRow[2] = seconds;
    returnRow[3] = 1;
    returnRow[4] = total;
    returnRow[5] = total;
    returnRow[6] = total;
    returnRow[7] = mean100;
    this.returns.add(returnRow);
    this.returnsHash = mix(mix(mix(this.returnsHash, envSteps), total), length);
    const { solvedAt } = this.plan.environment;
    if (this.solved === null && solvedAt !== null && mean100 >= solvedAt) this.solved = { envSteps, updates, seconds };
  }

  update(actor: number, of: UpdateRecord): void {
    const seconds = this.clock();
    this.updates++;
    this.stalenessSum += of.staleness;
    this.stalenessMax = Math.max(this.stalenessMax, of.staleness);
    this.arrived(of.staleness);
    const { envSteps, updates, updateLogRow } = this;
    updateLogRow[0] = updates;
    updateLogRow[1] = envSteps;
    updateLogRow[2] = seconds;
    updateLogRow[3] = actor;
    updateLogRow[4] = of.staleness;
    this.updateLog.add(updateLogRow);
    const { updateRow: row, places } = this;
    row[0] = envSteps;
    row[1] = updates;
    row[2] = seconds;
    row[3] = 1;
    for (let i = 0; i < places.loss.length; i++) row[places.loss[i]] = of.loss[i];
    row[places.gradientNorm] = of.gradientNorm;
    row[places.lr] = of.lr;
    row[places.staleness] = of.staleness;
    row[places.maxStaleness] = of.staleness;
    if (places.explainedVariance >= 0) row[places.explainedVariance] = of.explainedVariance;
    this.updateSeries.add(row);
    this.dirty = true;
  }

  /** A gradient that was not applied. */
  drop(staleness: number): void {
    this.dropped++;
    this.arrived(staleness);
    this.dirty = true;
  }

  private arrived(staleness: number): void {
    this.histogram[Math.min(staleness, STALENESS_BINS - 1)]++;
  }

  edit(slot: number, value: number): void {
    this.editLog.add([this.updates, this.envSteps, this.clock(), slot, value]);
    this.dirty = true;
  }

  /** Writes what `restore` needs. */
  save(into: Saved): void {
    const { solved } = this;
    const counts: { [K in (typeof recordCounts)[number]]: number } = {
      envSteps: this.envSteps,
      updates: this.updates,
      versions: this.versions,
      dropped: this.dropped,
      episodes: this.episodes,
      stalenessSum: this.stalenessSum,
      stalenessMax: this.stalenessMax,
      solvedEnvSteps: solved?.envSteps ?? Number.NaN,
      solvedUpdates: solved?.updates ?? Number.NaN,
      solvedSeconds: solved?.seconds ?? Number.NaN,
      returnsHash: this.returnsHash,
      windowSum: this.windowSum,
    };
    recordCounts.forEach((name, i) => {
      into.counts[i] = counts[name];
    });
    into.window.set(this.window);
    into.staleness.set(this.histogram);
    postSeries(this.returns, into.returns);
    postSeries(this.updateSeries, into.updates);
  }

  /** Goes on from what was saved. */
  restore(from: Saved): void {
    const count = (name: (typeof recordCounts)[number]) => from.counts[recordCounts.indexOf(name)];
    this.envSteps = count("envSteps");
    this.updates = count("updates");
    this.versions = count("versions");
    this.dropped = count("dropped");
    this.episodes = count("episodes");
    this.stalenessSum = count("stalenessSum");
    this.stalenessMax = count("stalenessMax");
    this.returnsHash = count("returnsHash");
    const envSteps = count("solvedEnvSteps");
    if (!Number.isNaN(envSteps))
      this.solved = { envSteps, updates: count("solvedUpdates"), seconds: count("solvedSeconds") };
    this.window.set(from.window);
    this.windowSum = count("windowSum");
    this.histogram.set(from.staleness);
    resumeSeries(this.returns, from.returns);
    resumeSeries(this.updateSeries, from.updates);
    this.dirty = true;
  }

  /** Copies everything to the board; false when the page is reading it at this instant. */
  publish(parametersHash: number): boolean {
    const { board } = this.memory;
    const done = tryPublish(board, () => {
      const { solved } = this;
      const row: { [K in (typeof totals)[number]]: number } = {
        envSteps: this.envSteps,
        updates: this.updates,
        versions: this.versions,
        dropped: this.dropped,
        episodes: this.episodes,
        seconds: this.clock(),
        mean100: this.mean100,
        stalenessMean: this.updates === 0 ? 0 : this.stalenessSum / this.updates,
        stalenessMax: this.stalenessMax,
        solvedEnvSteps: solved?.envSteps ?? Number.NaN,
        solvedUpdates: solved?.updates ?? Number.NaN,
        solvedSeconds: solved?.seconds ?? Number.NaN,
        parametersHash,
        returnsHash: this.returnsHash,
      };
      totals.forEach((name, i) => {
        board.totals[i] = row[name];
      });
      board.staleness.set(this.histogram);
      postSeries(this.returns, board.returns);
      postSeries(this.updateSeries, board.updates);
    });
    if (done) this.dirty = false;
    return done;
  }
}
