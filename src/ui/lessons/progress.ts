/** What a person guessed in each lesson, and how its runs ended. Lasts as long as the page. */
import { create } from "zustand";
import type { Snapshot } from "../../runtime/view.ts";
import type { LessonId } from "./titles.ts";

export interface Outcome {
  readonly label: string;
  readonly seed: number;
  readonly solved: boolean;
  /** Until it was solved, or in all. */
  readonly envSteps: number;
  readonly updates: number;
  readonly seconds: number;
  readonly meanReturn100: number | null;
  readonly staleness: number;
  readonly parametersHash: string;
}

interface Progress {
  readonly guesses: Partial<Record<LessonId, number>>;
  readonly outcomes: Partial<Record<LessonId, readonly Outcome[]>>;
  guess(lesson: LessonId, option: number): void;
  ended(lesson: LessonId, outcome: Outcome): void;
}

/** Runs of one lesson that are shown; the oldest are forgotten first. */
const MOST = 6;

export const useProgress = create<Progress>()((set) => ({
  guesses: {},
  outcomes: {},
  guess: (lesson, option) => set(({ guesses }) => ({ guesses: { ...guesses, [lesson]: option } })),
  ended: (lesson, outcome) =>
    set(({ outcomes }) => ({
      outcomes: { ...outcomes, [lesson]: [...(outcomes[lesson] ?? []), outcome].slice(-MOST) },
    })),
}));

export function outcomeOf(label: string, s: Snapshot): Outcome {
  const { envSteps, updates, seconds } = s.solvedAt ?? s;
  return {
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
