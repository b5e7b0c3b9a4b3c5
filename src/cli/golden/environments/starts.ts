/** Distributions of start states: reset_distribution.json. */
import * as z from "zod/mini";
import { Rng } from "../../../core/rng.ts";
import { type Comparison, eachOf, row } from "./comparison.ts";

export const starts = z.object({
  environments: z.record(
    z.string(),
    z.object({
      code_bounds: z.object({ low: row, high: row }),
      measured: z.object({ resets: z.int(), mean: row, std: row, quantiles: z.record(z.string(), row) }),
    }),
  ),
});
type Starts = z.infer<typeof starts>["environments"][string];

/** Standard errors that two samples may lie apart. */
const ERRORS = 5;

/** Starts of ours beside those that were measured: components are independent and uniform between bounds. */
function startsFar({ env }: Comparison, { code_bounds, measured }: Starts): string | null {
  const n = measured.resets;
  const rng = new Rng().seed(2024);
  const draws = Array.from({ length: n }, () => {
    const state = new Float64Array(env.state.length);
    env.initial(rng, state);
    return state;
  });
  const means = env.state.map((_, i) => draws.reduce((sum, state) => sum + state[i], 0) / n);
  const stds = means.map((mean, i) => Math.sqrt(draws.reduce((sum, state) => sum + (state[i] - mean) ** 2, 0) / n));
  for (let i = 0; i < env.state.length; i++) {
    const [low, high] = [code_bounds.low[i], code_bounds.high[i]];
    const sorted = draws.map((state) => state[i]).sort((a, b) => a - b);
    // Standard errors of a difference between two samples, in units of the range.
    const apart = (what: string, ours: number, theirs: number, error: number) =>
      Math.abs(ours - theirs) <= ERRORS * (high - low) * error
        ? null
        : `${what} of component ${i} is ${ours}, not ${theirs}`;
    const quantiles = Object.entries(measured.quantiles).map(([text, values]) => {
      const q = Number(text);
      return apart(`quantile ${q}`, sorted[Math.floor(q * n)], values[i], Math.sqrt((2 * q * (1 - q)) / n));
    });
    const dependent = means.slice(0, i).map((mean, j) => {
      const covariance = draws.reduce((sum, state) => sum + (state[i] - means[i]) * (state[j] - mean), 0) / n;
      return Math.abs(covariance) <= (ERRORS / Math.sqrt(n)) * stds[i] * stds[j]
        ? null
        : `components ${j} and ${i} are not independent`;
    });
    const found = [
      apart("the mean", means[i], measured.mean[i], Math.sqrt(2 / 12 / n)),
      apart("the standard deviation", stds[i], measured.std[i], Math.sqrt(2 / 60 / n)),
      ...quantiles,
      sorted[0] >= Math.fround(low) && sorted[n - 1] <= Math.fround(high)
        ? null
        : `component ${i} starts from ${sorted[0]} to ${sorted[n - 1]}, outside of ${low} to ${high}`,
      ...dependent,
    ].find((one) => one !== null);
    if (found) return found;
  }
  return null;
}

export const startsOf = ({ environments }: z.infer<typeof starts>) => eachOf(environments, startsFar);
