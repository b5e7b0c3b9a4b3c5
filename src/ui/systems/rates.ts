/** How the threads of a run spend their time and what they move, over a stretch of it. Pure but for the reading. */
import { type Activity, activities } from "../../runtime/lane.ts";
import type { SystemView } from "../../runtime/system.ts";

/** Totals of one thread at one moment. */
interface LaneTotals {
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

export interface LaneRates {
  readonly name: string;
  readonly role: "actor" | "learner" | "evaluator";
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
        spent,
        unrolls: isActor ? system.unrolls(lane.index) : 0,
        waitedFor: isActor ? system.waitedFor(lane.index) : lane.role === "evaluator" ? system.waitedForEvaluator : 0,
      };
    }),
  };
}

/** What happened between two readings of one run. */
export function ratesBetween(
  before: SystemTotals,
  after: SystemTotals,
  of: { readonly lanes: readonly Pick<LaneRates, "name" | "role">[]; active: number; stepsPerUnroll: number },
): SystemRates {
  const ms = Math.max(1e-6, after.at - before.at);
  const perSecond = (count: number) => (1000 * count) / ms;
  const lanes = of.lanes.map(({ name, role }, i): LaneRates => {
    const [a, b] = [before.lanes[i], after.lanes[i]];
    const spent = activities.map((activity) => Math.max(0, b.spent[activity] - a.spent[activity]));
    const sum = Math.max(
      1e-9,
      spent.reduce((x, y) => x + y, 0),
    );
    const shares = Object.fromEntries(activities.map((activity, k) => [activity, spent[k] / sum]));
    return {
      name,
      role,
      shares: shares as Record<Activity, number>,
      unrollsPerSecond: perSecond(b.unrolls - a.unrolls),
      waitedFor: Math.min(1, Math.max(0, b.waitedFor - a.waitedFor) / ms),
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

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** Who holds whom up, in words. */
export function bottleneck({ lanes }: SystemRates): string {
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
  const waits = actors.map(({ shares }) => shares.wait);
  const idle = waits.reduce((a, b) => a + b, 0) / waits.length;
  if (learner.shares.wait > 0.25 && actors.length > 1) {
    const slowest = actors.reduce((a, b) => (b.waitedFor > a.waitedFor ? b : a));
    const others = actors.filter((lane) => lane !== slowest);
    const rest = others.reduce((sum, { waitedFor }) => sum + waitedFor, 0) / others.length;
    if (slowest.waitedFor > 0.2 && slowest.waitedFor > 2.5 * rest)
      return `The learner waits for ${slowest.name}, ${percent(slowest.waitedFor)} of the time.${straggler}`;
  }
  if (idle > 0.4 && learner.shares.wait < 0.25)
    return `The actors wait for the learner, ${percent(idle)} of the time.${straggler}`;
  if (idle > 0.25)
    return `The actors wait, for each other and for the learner, ${percent(idle)} of the time.${straggler}`;
  return `The actors are busy ${percent(1 - idle)} of the time: acting is what takes longest.${straggler}`;
}

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
