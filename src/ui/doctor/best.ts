/** How a run does beside the best that it could. All functions are pure. */
import type { EvaluationPoint, ReturnPoint, Snapshot } from "../../runtime/seen/view.ts";

/** Mean return of about the last 20 training episodes, or of all that there are; NaN without one. */
export function recentReturn(returns: readonly ReturnPoint[]): number {
  let sum = 0;
  let episodes = 0;
  for (let i = returns.length - 1; i >= 0 && episodes < 20; i--) {
    sum += returns[i].mean * returns[i].episodes;
    episodes += returns[i].episodes;
  }
  return sum / episodes;
}

export const bestEvaluation = (evaluations: readonly EvaluationPoint[]): EvaluationPoint | null =>
  evaluations.reduce<EvaluationPoint | null>((best, e) => (best === null || e.mean > best.mean ? e : best), null);

/** Whether the policy plays clearly worse than the best one so far did: its last evaluation and its episodes. */
export function isBelowBest({ evaluations, returns }: Pick<Snapshot, "evaluations" | "returns">, share = 0.7): boolean {
  const best = bestEvaluation(evaluations);
  const last = evaluations.at(-1);
  if (!best || !last || !(best.mean > 0)) return false;
  return last.mean < share * best.mean && recentReturn(returns) < share * best.mean;
}
