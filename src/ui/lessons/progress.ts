/** What a person guessed in each lesson, and how its runs ended. Kept in this browser. */
import * as z from "zod/mini";
import { create } from "zustand";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { stored } from "../state/stored.ts";
import { type LessonId, lessonIds } from "./titles.ts";

/** Runs of one lesson that are remembered; the oldest are forgotten first. */
const MOST = 6;
const count = z.number().check(z.minimum(0));

const outcomeShape = z.object({
  /** Its id in the library of runs. */
  run: z.string().check(z.maxLength(64)),
  label: z.string().check(z.maxLength(80)),
  seed: count,
  solved: z.boolean(),
  /** Until it was solved, or in all. */
  envSteps: count,
  updates: count,
  seconds: count,
  meanReturn100: z.nullable(z.number()),
  staleness: count,
  parametersHash: z.string().check(z.maxLength(8)),
});
export type Outcome = Readonly<z.infer<typeof outcomeShape>>;

/** Of each lesson apart, so that what is broken in one leaves the others whole. */
const ofEach = <T extends z.core.$ZodType>(shape: T) =>
  z.object(
    Object.fromEntries(lessonIds.map((id) => [id, z.catch(z.optional(shape), undefined as never)])) as {
      [id in LessonId]: z.ZodMiniCatch<z.ZodMiniOptional<T>>;
    },
  );

const shape = z.object({
  /** Index of the option. */
  guesses: z.catch(ofEach(z.int().check(z.minimum(0), z.maximum(2))), {} as never),
  outcomes: z.catch(ofEach(z.readonly(z.array(outcomeShape).check(z.maxLength(MOST)))), {} as never),
});
type Kept = z.infer<typeof shape>;

interface Progress extends Kept {
  guess(lesson: LessonId, option: number): void;
  ended(lesson: LessonId, outcome: Outcome): void;
  forget(lesson: LessonId): void;
}

const KEY = "cartpool:lessons";

/** Whatever is stored: what is broken or foreign is left out. */
export function parseProgress(text: string | null): Kept {
  try {
    return shape.parse(JSON.parse(text ?? "{}"));
  } catch {
    return shape.parse({});
  }
}

const kept = stored(KEY, parseProgress);

export const useProgress = create<Progress>()((set) => {
  const change = (next: (now: Kept) => Kept) => set(kept.change(next));
  return {
    ...kept.read(),
    guess: (lesson, option) => change((now) => ({ ...now, guesses: { ...now.guesses, [lesson]: option } })),
    /** A run is noted once. */
    ended: (lesson, outcome) =>
      change(({ guesses, outcomes }) => {
        const others = (outcomes[lesson] ?? []).filter(({ run }) => run !== outcome.run);
        return { guesses, outcomes: { ...outcomes, [lesson]: [...others, outcome].slice(-MOST) } };
      }),
    forget: (lesson) =>
      change(({ guesses, outcomes }) => ({
        guesses: { ...guesses, [lesson]: undefined },
        outcomes: { ...outcomes, [lesson]: undefined },
      })),
  };
});

kept.follow((now) => useProgress.setState(now));

/** @param run id in the library of runs */
export function outcomeOf(run: string, label: string, s: Snapshot): Outcome {
  const { envSteps, updates, seconds } = s.solvedAt ?? s;
  return {
    run,
    label,
    seed: s.config.values.seed as number,
    solved: s.solvedAt !== null,
    envSteps,
    updates,
    seconds,
    meanReturn100: s.meanReturn100,
    staleness: s.staleness.mean,
    parametersHash: s.parametersHash,
  };
}

/** The latest run of each label: those that are worth a curve. */
export const latestRuns = (outcomes: readonly Outcome[]): string[] => [
  ...new Map(outcomes.map(({ label, run }) => [label, run])).values(),
];
