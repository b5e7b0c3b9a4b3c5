/** How a run does beside the best that it could. All functions are pure. */
import { type Environment, shareOfGood } from "../../envs/environment.ts";
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

/** What is not better than chance by so much, as a share of the way to a good policy, was never learnt. */
const LEARNT = 0.05;

/**
 * Whether the policy plays clearly worse than the best one so far did: its last evaluation and its episodes.
 *
 * @param share of the way from a random policy's return to the best one's
 */
export function isBelowBest(
  environment: Environment,
  { evaluations, returns }: Pick<Snapshot, "evaluations" | "returns">,
  share = 0.7,
): boolean {
  const best = bestEvaluation(evaluations);
  const last = evaluations.at(-1);
  const of = (mean: number) => shareOfGood(environment, mean);
  if (!best || !last || of(best.mean) < LEARNT) return false;
  const least = share * of(best.mean);
  return of(last.mean) < least && of(recentReturn(returns)) < least;
}
