import type { Recording } from "./recording.ts";

/** Orders runs: the newest first. */
export const newestFirst = (a: Pick<Recording, "created">, b: Pick<Recording, "created">) =>
  a.created < b.created ? 1 : a.created > b.created ? -1 : 0;
