/** The greedy policy of a run that has ended, on episodes that no evaluation of the run has played. */
import { f32, layout, viewsOf } from "../../core/layout.ts";
import { Rng } from "../../core/rng.ts";
import { loadKernels } from "../../nn/simd/kernels.ts";
import { workspaceLayout } from "../../nn/simd/network.ts";
import { simdPolicy } from "../../nn/simd/policy.ts";
import { sharedMemory } from "../memory/memory.ts";
import type { RunConfig } from "../plan/config.ts";
import { planRun } from "../plan/plan.ts";
import { Stream } from "../plan/streams.ts";
import { meanAndStd, playGreedily } from "./episodes.ts";

export interface FinalEvaluation {
  readonly episodes: number;
  readonly mean: number;
  readonly std: number;
}

/** Episodes that are played side by side. */
const ROWS = 128;

/** The same for the same run, wherever it was trained. parameters: [network.size] */
export function evaluateFinally(config: RunConfig, parameters: Float32Array, episodes: number): FinalEvaluation {
  const plan = planRun(config);
  const { spec, values } = plan;
  const rows = Math.min(ROWS, episodes);
  const of = layout({ parameters: f32(spec.size), workspace: workspaceLayout(spec, rows, null) });
  const memory = sharedMemory(of.bytes);
  const views = viewsOf(of, memory.buffer);
  views.parameters.set(parameters);
  const policy = simdPolicy(loadKernels(memory, values.arithmetic), spec, views.workspace, rows);
  policy.load(views.parameters);
  const returns = new Float64Array(episodes);
  const rngs = Array.from(returns, (_, k) => new Rng().seed(values.seed, Stream.finalEvaluation, k));
  for (let first = 0; first < episodes; first += rows) {
    const last = Math.min(episodes, first + rows);
    playGreedily(plan, policy, config.values, rngs.slice(first, last), returns.subarray(first, last), () => false);
  }
  return { episodes, ...meanAndStd(returns) };
}
