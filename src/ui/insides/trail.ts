/** The way of one copy through a plane of states, as far as it was really seen. Pure. */

/** One look at it. */
export interface Sample {
  /** Milliseconds on the clock of frames. */
  readonly at: number;
  /** Of its episode. */
  readonly step: number;
  /** Steps a second of a copy on average. */
  readonly rate: number;
  /** Where on the plane, as shares of its sides; see placeOf. */
  readonly x: number;
  readonly y: number;
}

/** Steps from one look to the next that a straight line stands for: at watchable pace a frame sees every one to three. */
const MOST_STEPS = 4;

/** An angle that passes the edge of the plane comes in again at the other side: no line across stands for that. */
const passesEdge = (before: Sample, now: Sample): boolean =>
  Math.abs(now.x - before.x) > 0.5 || Math.abs(now.y - before.y) > 0.5;

/**
 * Whether one look follows the other within one episode, without a gap. At full speed hundreds of steps lie between two
 * frames, and a later step may be another episode's.
 */
const follows = (before: Sample, now: Sample): boolean =>
  now.step > before.step &&
  now.step - before.step <= MOST_STEPS &&
  !passesEdge(before, now) &&
  ((now.at - before.at) / 1000) * now.rate <= 2 * MOST_STEPS;

/** The looks of the last `ms`, and this one where something has happened since. */
export function walked(before: readonly Sample[], ms: number, now: Sample): readonly Sample[] {
  const last = before.at(-1);
  const rests = last !== undefined && last.step === now.step && last.x === now.x && last.y === now.y;
  const oldest = before.findIndex(({ at }) => now.at - at < ms);
  const kept = oldest < 0 ? [] : before.slice(oldest);
  return rests ? kept : [...kept, now];
}

/** The looks in runs that may be joined, each of two or more. */
export function stretches(samples: readonly Sample[]): Sample[][] {
  const all: Sample[][] = [];
  samples.forEach((sample, i) => {
    if (i > 0 && follows(samples[i - 1], sample)) all[all.length - 1].push(sample);
    else all.push([sample]);
  });
  return all.filter(({ length }) => length > 1);
}
