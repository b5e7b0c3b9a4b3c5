/**
 * The round that one update is, read out of the lanes once it has been published: unroll, gradient, apply, publish, pull.
 * Each stage has the spans of the threads that did it. Pure.
 */

import type { LaneView, SystemView } from "../../runtime/seen/system.ts";
import type { Activity } from "../../runtime/shared/lane.ts";

export interface Span {
  /** Index of the lane. */
  readonly lane: number;
  readonly activity: Activity;
  readonly from: number; // ms since the epoch
  readonly to: number;
}

export const stageNames = ["unroll", "gradient", "apply", "publish", "pull"] as const;
export type StageName = (typeof stageNames)[number];

export interface Stage {
  readonly name: StageName;
  /** The lanes that did it. */
  readonly lanes: readonly number[];
  /** Mean of the time that each thread took for it; null where it is no span of its own. */
  readonly ms: number | null;
  readonly spans: readonly Span[];
}

export interface Round {
  readonly stages: readonly Stage[];
  /** Actors whose unrolls the update was made from. */
  readonly actors: readonly number[];
  /** Mean time that each of them was held back within its unroll, for the eye or on purpose. */
  readonly heldMs: number;
}

type Lane = Pick<LaneView, "role" | "activity" | "since" | "read">;

/** Spans of a lane, oldest first, the running one last. */
function spansOf(lane: Lane, index: number): Span[] {
  const spans: Span[] = [];
  lane.read(0, (activity, from, to) => spans.push({ lane: index, activity, from, to }));
  spans.push({ lane: index, activity: lane.activity, from: lane.since, to: Number.POSITIVE_INFINITY });
  return spans;
}

const order: Readonly<Partial<Record<Activity, number>>> = { act: 0, differentiate: 1, apply: 2, publish: 3 };
const isHeld = ({ activity }: Span) => activity === "pace" || activity === "delay";

/**
 * The last round of work among spans: back from the last span of work, as long as the order of the stages allows it.
 * held: spans of being held back belong to it, as within an unroll
 */
function lastRound(spans: readonly Span[], held: boolean): readonly Span[] {
  const end = spans.findLastIndex(({ activity }) => activity in order) + 1;
  let begin = end;
  for (let rank = 3; begin > 0; begin--) {
    const span = spans[begin - 1];
    if (held && isHeld(span)) continue;
    const before = order[span.activity];
    if (before === undefined || before > rank) break;
    rank = before;
  }
  return spans.slice(begin, end);
}

/** Mean of each lane's total time; null where there are no spans. */
function meanMs(spans: readonly Span[]): number | null {
  if (spans.length === 0) return null;
  const lanes = new Set(spans.map(({ lane }) => lane));
  return spans.reduce((sum, { from, to }) => sum + (to - from), 0) / lanes.size;
}

/**
 * The round of the last update that was published; null before one.
 *
 * @param of versions: what each actor acts with now; version: the one that was published last
 */
export function lastUpdate(
  lanes: readonly Lane[],
  plan: Pick<SystemView["plan"], "gradients" | "apply" | "lockstep">,
  of: { readonly active: number; readonly versions: readonly number[]; readonly version: number },
): Round | null {
  const learner = lanes.findIndex(({ role }) => role === "learner");
  const theirs = spansOf(lanes[learner], learner).filter(({ to }) => Number.isFinite(to));
  const published = theirs.findLastIndex(({ activity }) => activity === "publish");
  if (published < 0) return null;
  const learnt = lastRound(theirs.slice(0, published + 1), false);
  const began = learnt[0].from;
  const publish = theirs[published];

  const everybody = lanes.flatMap(({ role }, i) => (role === "actor" && i < of.active ? [i] : []));
  // An asynchronous actor pulls when its own gradient has been applied, and nobody else pulls that version.
  const pulled = everybody.filter((i) => of.versions[i] === of.version);
  const actors = plan.lockstep || plan.apply === "actors" || pulled.length === 0 ? everybody : pulled;
  const acted: Span[] = [];
  const next: Span[] = [];
  for (const i of actors) {
    const spans = spansOf(lanes[i], i);
    acted.push(...lastRound(spans.filter(({ from }) => from < began), true)); // biome-ignore format: one line says it
    const first = spans.find(({ activity, from }) => activity === "act" && from >= publish.from);
    if (first) next.push({ ...first, to: Number.isFinite(first.to) ? first.to : first.from });
  }
  const all = [...acted, ...learnt];
  const stage = (name: StageName, wanted: Activity, by: "actors" | "learner"): Stage => {
    const spans = all.filter(({ lane, activity }) => activity === wanted && (lane === learner) === (by === "learner"));
    return { name, lanes: by === "actors" ? actors : [learner], ms: meanMs(spans), spans };
  };
  return {
    actors,
    heldMs: meanMs(acted.filter(isHeld)) ?? 0,
    stages: [
      stage("unroll", "act", "actors"),
      stage("gradient", "differentiate", plan.gradients),
      stage("apply", "apply", plan.apply),
      { ...stage("publish", "publish", "learner"), spans: [publish], ms: publish.to - publish.from },
      { name: "pull", lanes: actors, ms: null, spans: next },
    ],
  };
}
