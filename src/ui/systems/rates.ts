/** How the threads of a run spend their time and what they move, over a stretch of it. Pure but for the reading. */

import type { LaneView, SystemView } from "../../runtime/seen/system.ts";
import { type Activity, activities } from "../../runtime/shared/lane.ts";

/** Totals of one thread at one moment. */
interface LaneTotals extends Pick<LaneView, "name" | "role"> {
  readonly spent: Readonly<Record<Activity, number>>; // ms
  /** Unrolls handed in, of an actor. */
  readonly unrolls: number;
  /** Milliseconds that the learner has waited for it, an actor or the evaluator. */
  readonly waitedFor: number;
}

export interface SystemTotals {
  readonly at: number; // ms
  readonly updates: number;
  readonly dropped: number;
  readonly lanes: readonly LaneTotals[];
}

export interface LaneRates extends Pick<LaneView, "name" | "role"> {
  /** Part of the time spent on each activity; they add up to 1. */
  readonly shares: Readonly<Record<Activity, number>>;
  readonly unrollsPerSecond: number;
  /** Part of the time that the learner waited for this thread. */
  readonly waitedFor: number;
  readonly rests: boolean;
}

export interface SystemRates {
  readonly seconds: number;
  readonly lanes: readonly LaneRates[];
  readonly unrollsPerSecond: number;
  readonly updatesPerSecond: number;
  readonly stepsPerSecond: number;
}

export function readTotals(system: SystemView, updates: number, dropped: number, now: number): SystemTotals {
  return {
    at: now,
    updates,
    dropped,
    lanes: system.lanes.map((lane) => {
      const spent = Object.fromEntries(activities.map((a) => [a, lane.spent(a, now)])) as Record<Activity, number>;
      const isActor = lane.role === "actor";
      return {
        name: lane.name,
        role: lane.role,
        spent,
        unrolls: isActor ? system.unrolls(lane.index) : 0,
        waitedFor: isActor ? system.waitedFor(lane.index) : lane.role === "evaluator" ? system.waitedForEvaluator : 0,
      };
    }),
  };
}

/** The totals of a run that has just begun. */
export const nothingYet = (at: number): SystemTotals => ({ at, updates: 0, dropped: 0, lanes: [] });

/** What happened between two readings of one run. A thread that has begun meanwhile had done nothing before. */
export function ratesBetween(
  before: SystemTotals,
  after: SystemTotals,
  of: { readonly active: number; readonly stepsPerUnroll: number },
): SystemRates {
  const ms = Math.max(1e-6, after.at - before.at);
  const perSecond = (count: number) => (1000 * count) / ms;
  const lanes = after.lanes.map((b, i): LaneRates => {
    const { name, role } = b;
    const a = before.lanes.find((lane) => lane.name === name);
    const spent = activities.map((activity) => Math.max(0, b.spent[activity] - (a?.spent[activity] ?? 0)));
    const sum = Math.max(
      1e-9,
      spent.reduce((x, y) => x + y, 0),
    );
    const shares = Object.fromEntries(activities.map((activity, k) => [activity, spent[k] / sum]));
    return {
      name,
      role,
      shares: shares as Record<Activity, number>,
      unrollsPerSecond: perSecond(b.unrolls - (a?.unrolls ?? 0)),
      waitedFor: Math.min(1, Math.max(0, b.waitedFor - (a?.waitedFor ?? 0)) / ms),
      rests: role === "actor" && i >= of.active,
    };
  });
  const unrollsPerSecond = lanes.reduce((sum, lane) => sum + lane.unrollsPerSecond, 0);
  return {
    seconds: ms / 1000,
    lanes,
    unrollsPerSecond,
    updatesPerSecond: perSecond(after.updates - before.updates),
    stepsPerSecond: unrollsPerSecond * of.stepsPerUnroll,
  };
}

/** Whole percents of a thread's time, which add up to 100: at work, waiting for others, and held back on purpose. */
export interface Split {
  readonly works: number;
  readonly waits: number;
  readonly held: number;
}

/** Null where nothing was seen of the thread. */
export function splitOf(shares: LaneRates["shares"]): Split | null {
  const held = shares.delay + shares.pace;
  const waits = shares.wait + shares.starting + shares.stopped;
  const sum = activities.reduce((all, activity) => all + shares[activity], 0);
  if (!(sum > 0)) return null;
  const percents = { held: Math.round((100 * held) / sum), waits: Math.round((100 * waits) / sum) };
  if (percents.held + percents.waits > 100) percents.waits = 100 - percents.held; // two halves were rounded up
  return { works: 100 - percents.held - percents.waits, ...percents };
}

/** What the words depend on beside the rates. */
export interface Manner {
  readonly synchrony: "lockstep" | "asynchronous";
  /** Behind a gate that waits, asynchronous actors do wait for the slowest of them. */
  readonly gate: string | undefined;
  /** It stands still: by hand, or step by step. */
  readonly paused: boolean;
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

/** Who holds whom up, in words. rates: of the last stretch that it ran; null before one */
export function bottleneck(rates: SystemRates | null, manner: Manner): string {
  const words = rates === null ? "" : whoWaits(rates, manner);
  if (!manner.paused) return words;
  return words === "" ? "Paused." : `Paused. Last seen: ${words[0].toLowerCase()}${words.slice(1)}`;
}

function whoWaits({ lanes }: SystemRates, { synchrony, gate }: Manner): string {
  const actors = lanes.filter(({ role, rests }) => role === "actor" && !rests);
  const learner = lanes.find(({ role }) => role === "learner");
  if (!learner || actors.length === 0) return "";
  const paced = Math.max(...actors.map(({ shares }) => shares.pace));
  if (paced > 0.5) return "Held back for the eye: choose full speed to see who waits for whom.";
  const delayed = actors.filter(({ shares }) => shares.delay > 0.05);
  const straggler = delayed.length > 0 ? ` ${capital(delayed[0].name)} is held up on purpose.` : "";
  const evaluator = lanes.find(({ role }) => role === "evaluator");
  if (evaluator && evaluator.waitedFor > 0.25)
    return `The learner waits for the evaluator, ${percent(evaluator.waitedFor)} of the time: evaluate less often.`;
  const idle = mean(actors.map(({ shares }) => shares.wait));
  if (synchrony === "asynchronous") return `${waitsAlone(idle, learner, gate)}${straggler}`;
  return `${waitsTogether(actors, idle, learner)}${straggler}`;
}

/** Lockstep: everybody waits for the slowest, and then for the learner. */
function waitsTogether(actors: readonly LaneRates[], idle: number, learner: LaneRates): string {
  if (learner.shares.wait > 0.25 && actors.length > 1) {
    const slowest = actors.reduce((a, b) => (b.waitedFor > a.waitedFor ? b : a));
    const rest = mean(actors.filter((lane) => lane !== slowest).map(({ waitedFor }) => waitedFor));
    if (slowest.waitedFor > 0.2 && slowest.waitedFor > 2.5 * rest)
      return `The learner waits for ${slowest.name}, ${percent(slowest.waitedFor)} of the time.`;
  }
  if (idle > 0.4 && learner.shares.wait < 0.25) return `The actors wait for the learner, ${percent(idle)} of the time.`;
  if (idle > 0.25) return `The actors wait, for each other and for the learner, ${percent(idle)} of the time.`;
  return busy(idle);
}

/** Asynchronous: an actor waits until the learner has taken its unroll, and for no other actor but behind a gate. */
function waitsAlone(idle: number, learner: LaneRates, gate: string | undefined): string {
  if (idle <= 0.25) return busy(idle);
  if (gate === "wait" && learner.shares.wait > 0.25)
    return `The actors wait ${percent(idle)} of the time: the gate lets nobody run ahead of the slowest.`;
  const works = 1 - learner.shares.wait;
  return `No actor waits for another: ${percent(idle)} of the time they wait for the learner, busy ${percent(works)} itself.`;
}

const busy = (idle: number) => `The actors are busy ${percent(1 - idle)} of the time: acting is what takes longest.`;
