/**
 * What the bytes of a checkpoint say, held against the run that they are to go on as. A checkpoint may come from a file that
 * anybody wrote: no count of it is believed, and no loop is begun with one, before it was looked at here.
 *
 * There is a rule for every node of the checkpoint's layout (memory.ts); a node without one is a type error.
 */
import { viewsOf } from "../../core/layout.ts";
import { sumsLength } from "../../core/running.ts";
import { columnsOf, evaluationColumns, recordCounts, returnColumns, SOLVED_WINDOW } from "../plan/columns.ts";
import type { RunPlan } from "../plan/plan.ts";
import { checkpointData, checkpointProblem } from "./checkpoint.ts";
import { type CheckpointLayout, type CheckpointViews, memoryLayout, SERIES_POINTS } from "./memory.ts";
import { trackedOf } from "./statistics.ts";

/** What is wrong with a part, in few words; null: nothing. */
type Fault = string | null;
type Counts = { readonly [K in (typeof recordCounts)[number]]: number };
interface Context {
  readonly plan: RunPlan;
  readonly data: CheckpointViews;
  readonly counts: Counts;
}

const isCount = (x: number): boolean => Number.isSafeInteger(x) && x >= 0;
const isAmount = (x: number): boolean => x >= 0 && x <= Number.MAX_SAFE_INTEGER;

/** The first number that is not as it must be, in words. */
function each(numbers: ArrayLike<number>, isRight: (x: number) => boolean, mustBe: string): Fault {
  for (let i = 0; i < numbers.length; i++) if (!isRight(numbers[i])) return `${numbers[i]} is no ${mustBe}`;
  return null;
}

const finite = (numbers: ArrayLike<number>): Fault => each(numbers, Number.isFinite, "finite number");
const counted = (numbers: ArrayLike<number>): Fault => each(numbers, isCount, "count");

/** The first fault of several. */
const firstOf = (...faults: readonly (() => Fault)[]): Fault => {
  for (const fault of faults) {
    const found = fault();
    if (found !== null) return found;
  }
  return null;
};

/** Columns of a curve that count, and those that are not a number before there is one. */
const countColumns: readonly string[] = ["envSteps", "updates", "episodes", "count"];
const lateColumns: readonly string[] = ["mean100"];

/** A curve along env-steps: see Series and Extremes, which never end with a width of 0 or an x that is no number. */
function curve(
  { length: [length], width: [width], rows }: CheckpointViews["returns"],
  columns: readonly string[],
  envSteps: number,
): Fault {
  if (!(isCount(length) && length <= SERIES_POINTS))
    return `${length} points, where there is room for ${SERIES_POINTS}`;
  if (length === 0) return null; // a curve that nobody has begun has no width
  if (!(width >= 1 && width <= 2 ** 53 && Number.isInteger(Math.log2(width)))) return `buckets of ${width} env-steps`;
  let before = 0;
  for (let i = 0; i < length; i++) {
    const at = i * columns.length;
    for (const [c, name] of columns.entries()) {
      const x = rows[at + c];
      if (countColumns.includes(name) ? !isCount(x) : !Number.isFinite(x) && !lateColumns.includes(name))
        return `${x} as ${name}`;
    }
    if (rows[at] < before || rows[at] > envSteps) return `a point at ${rows[at]} env-steps is out of order`;
    before = rows[at];
  }
  return null;
}

/** Totals: see RunRecord. */
function totalsFault({ counts, data }: Context): Fault {
  const { solvedEnvSteps, solvedUpdates, solvedSeconds, returnsHash, windowSum, ...plain } = counts;
  const sum = data.window.reduce((a, b) => a + b, 0);
  const size = data.window.reduce((a, b) => a + Math.abs(b), 0);
  return firstOf(
    () => counted(Object.values(plain)),
    () => (plain.versions <= plain.updates ? null : `${plain.versions} versions of ${plain.updates} updates`),
    () => (isCount(returnsHash) && returnsHash < 2 ** 32 ? null : `${returnsHash} is no hash`),
    () => (Math.abs(windowSum - sum) <= 1e-3 * (1 + size) ? null : "they do not add up"),
    () => {
      const solved = [solvedEnvSteps, solvedUpdates, solvedSeconds];
      if (solved.every(Number.isNaN)) return null;
      const isPast = isCount(solvedEnvSteps) && solvedEnvSteps <= counts.envSteps && isCount(solvedUpdates);
      return isPast && solvedUpdates <= counts.updates && isAmount(solvedSeconds) && counts.episodes >= SOLVED_WINDOW
        ? null
        : "a success that never was";
    },
  );
}

/** Live values: legal by their declarations, and within what the run has memory for. */
function liveFault({ plan, data }: Context): Fault {
  for (const [slot, key] of plan.live.entries()) {
    const param = plan.params[key];
    const wrong = param.check(param.fromSlot(data.live[slot]));
    if (wrong) return `${key} ${wrong}`;
    if (key === "actors" && data.live[slot] > plan.room)
      return `${data.live[slot]} actors, where there is room for ${plan.room}`;
  }
  return null;
}

/** Running statistics: counts and sums of squares are not negative, here and behind the parameters. */
function statisticsFault({ plan, data: { statistics, parameters } }: Context): Fault {
  const amounts = trackedOf(plan.spec).flatMap(({ at, width, variance }) => [
    statistics[at],
    ...statistics.subarray(at + 1 + width, at + sumsLength(width)),
    ...parameters.subarray(variance, variance + width),
  ]);
  return firstOf(
    () => finite(statistics),
    () => each(amounts, (x) => x >= 0, "sum of squares"),
  );
}

/** Environment copies of an actor: states that an episode can be in, and random streams that go on. */
function copiesFault({ plan, data }: Context, actor: number): Fault {
  const { environment, B } = plan;
  const { state, episodeReturn, episodeSteps, discountedReturn, streams, exploration } = data.actors[actor];
  const observation = new Float32Array(environment.observations.length);
  const size = environment.state.length;
  return firstOf(
    () => finite(state),
    () => finite(episodeReturn),
    () => finite(exploration),
    () => finite(discountedReturn),
    () => each(episodeSteps, (x) => x >= 0 && x < environment.maxSteps, "step of an episode"),
    () => {
      for (let b = 0; b < B; b++) {
        environment.observe(state.subarray(b * size, (b + 1) * size), observation);
        if (finite(observation)) return "a state that cannot be observed";
      }
      for (let at = 0; at < streams.length; at += 4)
        if (streams.subarray(at, at + 4).every((word) => word === 0)) return "a random stream of zeros";
      return null;
    },
  );
}

/** The name of every part, and its rule. */
const rules: { readonly [K in keyof CheckpointLayout["nodes"]]: readonly [string, (of: Context) => Fault] } = {
  seconds: ["its running time", ({ data }) => each(data.seconds, isAmount, "time")],
  counts: ["its totals", totalsFault],
  window: ["its last returns", ({ data }) => finite(data.window)],
  staleness: ["its histogram of staleness", ({ data }) => counted(data.staleness)],
  returns: ["its reward curve", ({ data, counts }) => curve(data.returns, columnsOf(returnColumns), counts.envSteps)],
  updates: [
    "its curve of updates",
    ({ plan, data, counts }) => curve(data.updates, columnsOf(plan.updateColumns), counts.envSteps),
  ],
  evaluations: [
    "its curve of evaluations",
    ({ data, counts }) => curve(data.evaluations, evaluationColumns, counts.envSteps),
  ],
  live: ["its live values", liveFault],
  parameters: ["its parameters", ({ data }) => finite(data.parameters)],
  first: ["its first moments", ({ data }) => finite(data.first)],
  second: [
    "its second moments",
    ({ data }) => each(data.second, (x) => x >= 0 && Number.isFinite(x), "mean of squares"),
  ],
  optimizerSteps: ["its count of optimizer steps", ({ data }) => counted(data.optimizerSteps)],
  statistics: ["its running statistics", statisticsFault],
  begun: ["its list of actors", ({ data }) => each(data.begun, (x) => x === 0 || x === 1, "yes or no")],
  actors: [
    "one of its actors",
    (of) => firstOf(...[...of.data.begun].flatMap((begun, i) => (begun === 1 ? [() => copiesFault(of, i)] : []))),
  ],
};

/** Why a run of this plan cannot go on from a checkpoint, as a sentence without its full stop; null where it can. */
export function checkpointFault(plan: RunPlan, whole: Uint8Array): string | null {
  const problem = checkpointProblem(plan, whole);
  if (problem !== null) return problem;
  const of = memoryLayout(plan).nodes.checkpoint.nodes.data;
  const data = viewsOf(of, checkpointData(whole).buffer);
  const counts = Object.fromEntries(recordCounts.map((name, i) => [name, data.counts[i]])) as Counts;
  for (const key of Object.keys(of.nodes) as (keyof typeof rules)[]) {
    const [name, rule] = rules[key];
    const fault = rule({ plan, data, counts });
    if (fault !== null) return `this checkpoint is damaged (${name}: ${fault})`;
  }
  return null;
}
