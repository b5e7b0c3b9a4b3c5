/** The learner's record of a run: totals, curves and logs, all in bounded memory. */
import { type Fold, Series } from "../core/series.ts";
import { postSeries, tryPublish } from "./board.ts";
import {
  editLog,
  episodeLog,
  type RunMemory,
  returnColumns,
  SERIES_POINTS,
  totals,
  updateColumns,
  updateLog,
} from "./memory.ts";
import { Log } from "./ring.ts";

/** Episodes in the moving average that decides whether a task is solved. */
export const SOLVED_WINDOW = 100;

export interface UpdateRecord {
  loss: number;
  policyLoss: number;
  valueLoss: number;
  entropy: number;
  gradientNorm: number;
  lr: number;
  explainedVariance: number;
  staleness: number;
}

const series = (columns: Readonly<Record<string, Fold>>, weight?: string) => {
  const folds = Object.values(columns);
  const rows = new Float64Array((SERIES_POINTS + 1) * folds.length);
  return new Series(folds, rows, weight ? Object.keys(columns).indexOf(weight) : -1);
};

export class RunRecord {
  envSteps = 0;
  updates = 0;
  episodes = 0;
  solved: { envSteps: number; updates: number; seconds: number } | null = null;
  stalenessSum = 0;
  stalenessMax = 0;
  private readonly window = new Float64Array(SOLVED_WINDOW);
  private readonly returns = series(returnColumns, "episodes");
  private readonly updateSeries = series(updateColumns);
  private readonly episodeLog: Log;
  private readonly updateLog: Log;
  private readonly editLog: Log;
  /** Whether something happened since the last publication. */
  dirty = false;

  constructor(
    private readonly memory: RunMemory,
    private readonly solvedAt: number | null,
    /** Seconds of running time so far. */
    private readonly clock: () => number,
  ) {
    const { episodes, updates, edits } = memory.logs;
    this.episodeLog = new Log(episodes, episodeLog.length);
    this.updateLog = new Log(updates, updateLog.length);
    this.editLog = new Log(edits, editLog.length);
  }

  /** Mean of the last 100 finished training episodes; NaN before there are so many. */
  get mean100(): number {
    if (this.episodes < SOLVED_WINDOW) return Number.NaN;
    let sum = 0;
    for (let i = 0; i < SOLVED_WINDOW; i++) sum += this.window[i];
    return sum / SOLVED_WINDOW;
  }

  /** An episode that ended within the experience of the next update; call before `update`, in the order of the batch. */
  episode(actor: number, copy: number, total: number, length: number): void {
    this.window[this.episodes % SOLVED_WINDOW] = total;
    this.episodes++;
    const seconds = this.clock();
    this.episodeLog.add([this.envSteps, this.updates, seconds, actor, copy, total, length]);
    const mean100 = this.mean100;
    this.returns.add([this.envSteps, this.updates, seconds, 1, total, total, total, mean100]);
    if (this.solved === null && this.solvedAt !== null && mean100 >= this.solvedAt)
      this.solved = { envSteps: this.envSteps, updates: this.updates, seconds };
  }

  update(actor: number, of: UpdateRecord): void {
    const seconds = this.clock();
    this.updates++;
    this.stalenessSum += of.staleness;
    this.stalenessMax = Math.max(this.stalenessMax, of.staleness);
    this.updateLog.add([this.updates, this.envSteps, seconds, actor, of.staleness]);
    this.updateSeries.add([
      this.envSteps,
      this.updates,
      seconds,
      of.loss,
      of.policyLoss,
      of.valueLoss,
      of.entropy,
      of.gradientNorm,
      of.lr,
      of.explainedVariance,
      of.staleness,
      of.staleness,
    ]);
    this.dirty = true;
  }

  edit(slot: number, value: number): void {
    this.editLog.add([this.updates, this.envSteps, this.clock(), slot, value]);
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
        episodes: this.episodes,
        seconds: this.clock(),
        mean100: this.mean100,
        stalenessMean: this.updates === 0 ? 0 : this.stalenessSum / this.updates,
        stalenessMax: this.stalenessMax,
        solvedEnvSteps: solved?.envSteps ?? Number.NaN,
        solvedUpdates: solved?.updates ?? Number.NaN,
        solvedSeconds: solved?.seconds ?? Number.NaN,
        parametersHash,
      };
      totals.forEach((name, i) => {
        board.totals[i] = row[name];
      });
      postSeries(this.returns, board.returns);
      postSeries(this.updateSeries, board.updates);
    });
    if (done) this.dirty = false;
    return done;
  }
}
