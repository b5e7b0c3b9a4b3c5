/** The lessons by their id in an address, in the order of the menu. Their texts are loaded when one is opened. */
export const lessonTitles = {
  "more-actors": "More actors at equal steps",
  straggler: "Lockstep against asynchronous, with a straggler",
  staleness: "When staleness hurts",
  lambda: "n-step returns and λ",
  entropy: "Entropy collapse",
  "batch-size": "Learning rate with batch size",
  gradients: "Where gradients are computed",
  gpu: "When the GPU wins",
  hogwild: "Updates without locks",
  bits: "The same run again",
} as const;

export type LessonId = keyof typeof lessonTitles;

export const lessonIds = Object.keys(lessonTitles) as LessonId[];
