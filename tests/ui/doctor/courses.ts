/**
 * Recorded courses of runs (fixtures/courses.json.br, written by record.ts): what the doctor asks for, at every look that it
 * takes. Numbers are rounded; the recorder makes sure that the doctor finds the same in a course as in the run itself.
 */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { bucketOf } from "../../../src/core/series.ts";
import { EVALUATION_EPISODES, withValues } from "../../../src/runtime/plan/config.ts";
import type { EvaluationPoint, ReturnPoint, UpdatePoint } from "../../../src/runtime/seen/view.ts";
import { decodeRun } from "../../../src/ui/address/url.ts";
import type { Look } from "./training.ts";

/** Rows of updates by columns, each row `count` updates. lr is that of the last, the others are means. */
export interface Updates {
  count: number[];
  valueLoss: number[];
  entropy: number[];
  gradientNorm: number[];
  explainedVariance: number[];
  lr: number[];
}

export interface Course {
  query: string;
  seed: number;
  end: "solved" | "out of steps" | "not finite";
  /** Env-steps of an update. */
  rows: number;
  /** Updates so far, width of a point in env-steps (core/series.ts), the latest episodes (20 at most) since the last look and their mean. */
  looks: { updates: number[]; width: number[]; episodes: number[]; mean: number[] };
  /** As fine as the points of the look that saw them first. */
  updates: Updates;
  evaluations: { updates: number[]; mean: number[] };
}

export const coursesFile = new URL("./fixtures/courses.json.br", import.meta.url);
/** Of runs with nothing wrong, and of those with something. */
export const readCourses = (): Record<"healthy" | "ill", Course[]> =>
  JSON.parse(brotliDecompressSync(readFileSync(coursesFile)).toString());

export const configOf = ({ query, seed }: Pick<Course, "query" | "seed">) =>
  withValues(decodeRun(query).config, { seed, engine: "simd" });

const means = ["valueLoss", "entropy", "gradientNorm", "explainedVariance"] as const;

export const noUpdates = (): Updates => ({
  ...{ count: [], valueLoss: [], entropy: [], gradientNorm: [], explainedVariance: [], lr: [] },
});
export const columns = Object.keys(noUpdates()) as (keyof Updates)[];

/**
 * Adds rows to points, those of one bucket joined, as the series of a run does (core/series.ts).
 *
 * @param before updates before the first row
 * @param rows env-steps of an update
 */
export function join(into: Updates, from: Updates, width: number, rows: number, before = 0): void {
  let updates = before;
  let bucket = into.count.length > 0 ? bucketOf(updates * rows, width) : Number.NaN;
  for (let i = 0; i < from.count.length; i++) {
    const count = from.count[i];
    updates += count;
    const now = bucketOf(updates * rows, width);
    if (now !== bucket) {
      for (const key of columns) into[key].push(from[key][i]);
      bucket = now;
      continue;
    }
    const last = into.count.length - 1;
    const joint = into.count[last] + count;
    for (const key of means) into[key][last] = (into[key][last] * into.count[last] + from[key][i] * count) / joint;
    into.count[last] = joint;
    into.lr[last] = from.lr[i];
  }
}

/** What is not recorded, because the doctor does not ask for it. */
const unrecorded = Number.NaN;

function pointsOf({ count, valueLoss, entropy, gradientNorm, explainedVariance, lr }: Updates): UpdatePoint[] {
  let updates = 0;
  return count.map((n, i) => {
    updates += n;
    return {
      envSteps: unrecorded,
      updates,
      seconds: unrecorded,
      loss: unrecorded,
      policyLoss: unrecorded,
      valueLoss: valueLoss[i],
      entropy: entropy[i],
      gradientNorm: gradientNorm[i],
      lr: lr[i],
      explainedVariance: explainedVariance[i],
      staleness: unrecorded,
      maxStaleness: unrecorded,
    };
  });
}

/** Episodes that ended since the point before. */
const episodesAt = (updates: number, episodes: number, mean: number): ReturnPoint & EvaluationPoint => ({
  ...{ envSteps: unrecorded, updates, seconds: unrecorded, episodes, mean },
  ...{ std: unrecorded, min: unrecorded, max: unrecorded, mean100: unrecorded },
});

/** The looks of the doctor at the run, one after the other. */
export function* looksOf(course: Course): Generator<Look> {
  const { end, rows, looks } = course;
  const config = configOf(course);
  const returns: ReturnPoint[] = [];
  const evaluations = course.evaluations.updates.map((updates, i) =>
    episodesAt(updates, EVALUATION_EPISODES, course.evaluations.mean[i]),
  );
  let points = noUpdates();
  let read = 0;
  let seen = 0;
  for (const [i, updates] of looks.updates.entries()) {
    const [episodes, width] = [looks.episodes[i], looks.width[i]];
    if (episodes > 0) returns.push(episodesAt(updates, episodes, looks.mean[i]));
    if (i > 0 && width !== looks.width[i - 1]) {
      const wider = noUpdates();
      join(wider, points, width, rows);
      points = wider;
    }
    const from = read;
    const before = seen;
    while (seen < updates) seen += course.updates.count[read++];
    const fresh = Object.fromEntries(columns.map((key) => [key, course.updates[key].slice(from, read)]));
    join(points, fresh as unknown as Updates, width, rows, before);
    const isLast = i === looks.updates.length - 1;
    const envSteps = updates * rows;
    yield {
      ...{ updates, envSteps, config, edits: [], returns: [...returns], updateSeries: pointsOf(points) },
      evaluations: evaluations.filter((e) => e.updates <= updates),
      phase: isLast && end === "not finite" ? "failed" : "running",
      trouble: isLast && end === "not finite" ? { kind: "not finite" } : null,
      solvedAt: isLast && end === "solved" ? { updates, envSteps, seconds: unrecorded } : null,
    };
  }
}
