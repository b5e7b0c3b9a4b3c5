/**
 * A run's shared memory: every region, who writes it, and how big it is. The layout follows from the plan alone, so every
 * thread computes the same one; a hash in the header proves it.
 */
import { f32, f64, hash32, i32, layout, repeated, u32, type Views, viewsOf } from "../../core/layout.ts";
import { LEARNER_ROWS } from "../../nn/simd/engine.ts";
import { workspaceLayout } from "../../nn/simd/network.ts";
import { actingLayout } from "../../nn/simd/policy.ts";
import {
  appliedColumns,
  columnsOf,
  editLog,
  episodeLog,
  evaluationColumns,
  MOST_EDITS,
  recordCounts,
  returnColumns,
  SOLVED_WINDOW,
  STALENESS_BINS,
  totals,
  updateLog,
} from "../plan/columns.ts";
import { EVALUATION_EPISODES } from "../plan/config.ts";
import { batchRows, type RunPlan } from "../plan/plan.ts";
import { boardHead, seriesLayout } from "../shared/board.ts";
import { vigilLayout } from "../shared/clock.ts";
import { laneLayout } from "../shared/lane.ts";
import { bankLayout, parametersLayout } from "../shared/parameters.ts";
import { logLayout, queueLayout } from "../shared/ring.ts";
import { stopsLayout, writeStops } from "../shared/stopping.ts";
import { statisticsLength } from "./statistics.ts";

/** Points of a curve on the board, and rows of a log. */
export const SERIES_POINTS = 500;
const LOG_ROWS = 4096;
/** A reader gets half a log at once: all changes of a repetition that nobody looked at meanwhile. */
const EDIT_ROWS = 2 * MOST_EDITS;
/** Evaluations that may wait before the learner waits for them. */
const EVALUATION_SLOTS = 4;
/**
 * Unrolls of an actor that are not yet handed back: one, in both A2C and A3C. An actor that applies its gradient itself
 * hands in what happened, and goes on: one is being filled, others are being recorded.
 */
const unrollsOf = ({ apply }: RunPlan): number => (apply === "actors" ? 4 : 1);

/** What the page asks of all threads. */
export const Mode = { paused: 0, running: 1, stop: 2 } as const;

const width = (columns: object) => Object.keys(columns).length;

/** One unroll, time-major. Writer: the actor until it commits, then nobody until the learner releases it. */
const unrollLayout = ({ T, B, spec, acting, outputGradient, gradients, rewardScale }: RunPlan) => {
  const { inputs: obs, learnt } = spec;
  return layout({
    /** Version of the parameters that acted. */
    version: i32(1),
    /** Order of arrival among all actors' unrolls. */
    ticket: i32(1),
    observation: f32(T + 1, B, obs), // row T: bootstrap from here
    action: f32(T, B, acting.size), // as it was drawn: where it is continuous, not yet within its bounds
    value: f32(T + 1, B), // V(x_t) at the acting parameters
    reward: f32(T, B),
    scaledReward: f32(rewardScale === "none" ? 0 : T, B), // as the targets see them
    discount: f32(T, B), // γ, or 0 where x_{t+1} is terminal
    truncated: f32(T, B), // 1 where the step limit cut the episode
    finalValue: f32(T, B), // where truncated: V of the last observation (row t + 1 shows the next episode)
    episodeReturn: f32(T, B), // return of the episode that ended with this step, where episodeLength > 0
    episodeLength: i32(T, B),
    // where the actors differentiate: the mean gradient of this unroll, the statistics of its loss, and Σ R, Σ R², Σ A, Σ A²
    gradient: f32(gradients === "actors" ? learnt.length : 0),
    lossStats: f32(gradients === "actors" ? outputGradient.stats.length : 0),
    moments: f64(4),
    /** Of what there are statistics; see statistics.ts. */
    sums: f64(statisticsLength(spec)),
    /** What became of the gradient, where the actors apply. */
    applied: f64(appliedColumns.length),
    /** A person's push while it was filled: 1 + copy · T + step, or 0, and how hard. */
    push: f64(2),
  });
};

/**
 * Environment copies: state, running returns and length, two random streams each (world, actions), and what the acting rule
 * keeps.
 */
const copiesLayout = ({ B, environment, acting, rewardScale }: RunPlan) =>
  layout({
    state: f64(B, environment.state.length),
    episodeReturn: f64(B),
    episodeSteps: i32(B),
    discountedReturn: f64(rewardScale === "running" ? B : 0), // of the rewards so far
    streams: u32(B, 2, 4),
    exploration: f32(B, acting.state),
  });

/** What an actor owns. Writer of everything but `unrolls` counts and `bell`: the actor. */
const actorLayout = (plan: RunPlan) => {
  const { B, T, spec, live } = plan;
  const differentiates = plan.gradients === "actors";
  const again = differentiates && !plan.keepsActivations; // the forward pass is done again, block by block
  return layout({
    bell: i32(1),
    /** Moves with every round and with every step of all copies. */
    heartbeat: i32(1),
    lane: laneLayout(),
    /** The last push that a person asked for: how many so far, which copy, how hard. Writer: the page. */
    push: layout({ count: i32(1), copy: i32(1), strength: f64(1) }),
    /** How often this actor was replaced. Writer: the page. */
    replaced: i32(1),
    /** The parameters it acts with: the gradient of an asynchronous update is taken here. */
    snapshot: bankLayout(spec.size, live.length),
    version: i32(1),
    queue: queueLayout(),
    unrolls: repeated(unrollsOf(plan), unrollLayout(plan)),
    copies: copiesLayout(plan),
    /** 1 once `kept` holds a beginning. */
    begun: i32(1),
    /**
     * The same as it was when an unroll was committed, by the count of committed unrolls: a successor goes on from the last,
     * a checkpoint from the last that was learnt from. One is being written beside those of all unrolls out.
     */
    kept: repeated(2 * unrollsOf(plan), copiesLayout(plan)),
    workspace: plan.keepsActivations
      ? workspaceLayout(spec, B, plan.outputGradient, (T + 1) * B)
      : workspaceLayout(spec, B, null),
    acting: actingLayout(plan.acting, B),
    /** Where the actors differentiate. */
    advantage: f32(differentiates ? T * B : 0),
    returns: f32(differentiates ? T * B : 0),
    blocks: workspaceLayout(spec, again ? LEARNER_ROWS : 0, again ? plan.outputGradient : null),
  });
};

/** Everything that a run needs to go on; see checkpoint.ts. */
const checkpointLayout = (plan: RunPlan) =>
  layout({
    /** Running time so far. */
    seconds: f64(1),
    counts: f64(recordCounts.length),
    window: f64(SOLVED_WINDOW),
    staleness: f64(STALENESS_BINS),
    returns: seriesLayout(SERIES_POINTS, width(returnColumns)),
    updates: seriesLayout(SERIES_POINTS, width(plan.updateColumns)),
    evaluations: seriesLayout(SERIES_POINTS, evaluationColumns.length),
    live: f64(plan.live.length),
    parameters: f32(plan.spec.size),
    first: f32(plan.spec.learnt.length),
    second: f32(plan.spec.learnt.length),
    optimizerSteps: i32(1),
    statistics: f64(statisticsLength(plan.spec)),
    /** 1 where an actor has begun. */
    begun: i32(plan.room),
    actors: repeated(plan.room, copiesLayout(plan)),
  });

export type CheckpointLayout = ReturnType<typeof checkpointLayout>;
export type CheckpointViews = Views<CheckpointLayout>;

const headerLayout = layout({ magic: i32(1), format: i32(1), hash: u32(1), bytes: f64(1) });
const MAGIC = 0x43415254; // "CART"
const FORMAT = 1;

export function memoryLayout(plan: RunPlan) {
  const { room, spec, live } = plan;
  const parameters = spec.size;
  const rows = batchRows(plan, room);
  return layout({
    header: headerLayout,
    /** Threads of the run that are not asleep; see Spin. Writer: every thread, atomically. */
    busy: i32(1),
    /** Writer: the page. */
    control: layout({
      mode: i32(1),
      /** Index into `paces`. */
      pace: i32(1),
      /** Single updates asked for while paused. */
      steps: i32(1),
      /** Live values asked for, in slot order, and how often each was set. */
      requested: f64(live.length),
      requests: i32(live.length),
      /** When the run ends by itself. */
      stops: stopsLayout,
      /** How often the best parameters were asked back. */
      rollbacks: i32(1),
      /** Actors that have a thread, beginning with the first. */
      started: i32(1),
      /** What happens at given updates, as in another run: how many, and [update, slot, value] of editLog in order. */
      scheduled: i32(1),
      schedule: f64(MOST_EDITS, 3),
      /** The count of updates after which the state is hashed, to compare it with another run's; 0: never. */
      checkAt: i32(1),
    }),
    learner: layout({
      bell: i32(1),
      lane: laneLayout(),
      /** Milliseconds that the learner has waited for each actor, the last to arrive. */
      waitedFor: f64(room),
      /** The same for the evaluator, which holds up to EVALUATION_SLOTS snapshots. */
      waitedForEvaluator: f64(1),
      /** Actors that take part. */
      active: i32(1),
      /** 1 once a stop condition is met: nothing is applied any more. */
      closed: i32(1),
      /** Once `checkAt` is reached, 1 and the hashes there: of the parameters and of all returns. */
      checked: i32(1),
      check: f64(2),
      /** Arrivals of unrolls so far. Writer: every actor, atomically. */
      tickets: i32(1),
      /** The latest parameters, the gradient of those that learn, and the optimizer's moments. */
      parameters: f32(parameters),
      gradient: f32(spec.learnt.length),
      first: f32(spec.learnt.length),
      second: f32(spec.learnt.length),
      optimizerSteps: i32(1),
      /** Of all that was learnt from so far. */
      statistics: f64(statisticsLength(spec)),
      /** One update's experience, in the order of the actors. */
      batch: layout({
        observation: f32(rows, spec.inputs),
        action: f32(rows, plan.acting.size),
        advantage: f32(rows),
        returns: f32(rows),
      }),
      workspace: workspaceLayout(spec, LEARNER_ROWS, plan.outputGradient),
    }),
    /** Readers: the actors, then the page. */
    parameters: parametersLayout(parameters, live.length, room + 1, plan.apply === "actors" ? 1 : 2),
    actors: repeated(room, actorLayout(plan)),
    evaluator: layout({
      bell: i32(1),
      vigil: vigilLayout,
      lane: laneLayout(),
      queue: queueLayout(),
      workspace: workspaceLayout(spec, EVALUATION_EPISODES, null),
      /** Snapshots to evaluate. Writer: the learner. moment: env-steps, updates, seconds. */
      snapshots: repeated(EVALUATION_SLOTS, layout({ moment: f64(3), bank: bankLayout(parameters, live.length) })),
      /** The parameters of the best evaluation. Writer: the evaluator. */
      best: layout({
        ...boardHead,
        mean: f64(1),
        moment: f64(3),
        parameters: f32(parameters),
      }),
      /** Writer: the evaluator. */
      board: layout({ ...boardHead, evaluations: seriesLayout(SERIES_POINTS, evaluationColumns.length) }),
    }),
    /** Writer: the learner. */
    board: layout({
      ...boardHead,
      totals: f64(totals.length),
      /** Gradients that arrived so many versions behind; the last counts all beyond. */
      staleness: f64(STALENESS_BINS),
      returns: seriesLayout(SERIES_POINTS, width(returnColumns)),
      updates: seriesLayout(SERIES_POINTS, width(plan.updateColumns)),
    }),
    checkpoint: layout({
      /** Checkpoints asked for, by the page, and written, by the learner. */
      asked: i32(1),
      written: i32(1),
      /** 1 while the data are a whole checkpoint: not before the first, nor while one is being written. Writer: the learner. */
      whole: i32(1),
      /** 1: the run goes on from the data. Writer: the page, before any thread starts. */
      resumed: i32(1),
      /** Writer: the learner. */
      data: checkpointLayout(plan),
    }),
    /** Writer: the learner. */
    logs: layout({
      episodes: logLayout(LOG_ROWS, episodeLog.length),
      updates: logLayout(LOG_ROWS, updateLog.length),
      edits: logLayout(EDIT_ROWS, editLog.length),
    }),
  });
}

interface CheckpointRegion {
  readonly layout: ReturnType<typeof checkpointLayout>;
  readonly at: number;
  readonly bytes: number;
  readonly hash: number;
}

const regions = new WeakMap<RunPlan, CheckpointRegion>();

/** Where the data of a checkpoint lie in a run's memory, how, and a hash of what they mean. */
export function checkpointRegion(plan: RunPlan): CheckpointRegion {
  const known = regions.get(plan);
  if (known) return known;
  const all = memoryLayout(plan);
  const { data } = all.nodes.checkpoint.nodes;
  const region = {
    layout: data,
    at: all.offsets.checkpoint + all.nodes.checkpoint.offsets.data,
    bytes: data.bytes,
    hash: identity(plan, data.signature),
  };
  regions.set(plan, region);
  return region;
}

/** Equal for two plans only when they mean the same by the same bytes. */
const identity = ({ config, spec, updateColumns }: RunPlan, signature: string): number =>
  hash32(
    `${config.algo} ${config.env} ${JSON.stringify(spec)} ${config.values.actors} ${columnsOf(updateColumns)} ${signature}`,
  );

export type RunMemory = Views<ReturnType<typeof memoryLayout>>;
export type UnrollViews = RunMemory["actors"][number]["unrolls"][number];

/** Shared memory in pages of 64 KiB, as a WebAssembly memory, so that kernels can work on it in place. */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65_536);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** Writes the header of fresh (zeroed) memory and the values that are not zero. Once, before any thread starts. */
export function formatMemory(plan: RunPlan, buffer: ArrayBufferLike): RunMemory {
  const of = memoryLayout(plan);
  const memory = viewsOf(of, buffer);
  memory.header.magic[0] = MAGIC;
  memory.header.format[0] = FORMAT;
  memory.header.hash[0] = identity(plan, of.signature);
  memory.header.bytes[0] = of.bytes;
  memory.control.started[0] = plan.actors;
  writeStops(memory.control.stops, plan.values.until);
  for (const actor of memory.actors) actor.version[0] = -1;
  memory.board.totals.fill(Number.NaN, totals.indexOf("mean100"));
  plan.live.forEach((key, slot) => {
    memory.control.requested[slot] = plan.params[key].toSlot(plan.config.values[key]);
  });
  return memory;
}

/** Opens memory that another thread formatted; refuses memory that was laid out otherwise. */
export function openMemory(plan: RunPlan, buffer: ArrayBufferLike): RunMemory {
  if (buffer.byteLength < headerLayout.bytes)
    throw new Error("this is not the memory of a Cartpool run: it is too small");
  const header = viewsOf(headerLayout, buffer);
  if (header.magic[0] !== MAGIC) throw new Error("this is not the memory of a Cartpool run: it begins otherwise");
  if (header.format[0] !== FORMAT)
    throw new Error(`this memory has format ${header.format[0]}, this page reads format ${FORMAT}: reload the page`);
  const of = memoryLayout(plan);
  if (header.hash[0] !== identity(plan, of.signature))
    throw new Error(
      "this memory was laid out for another configuration or by another version of the page: reload the page",
    );
  if (header.bytes[0] !== of.bytes)
    throw new Error(`this memory was laid out in ${header.bytes[0]} bytes, not ${of.bytes}: reload the page`);
  return viewsOf(of, buffer);
}
