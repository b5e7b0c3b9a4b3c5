/** A run of one update, for tests. */
import { FORMAT, type Recording } from "../../../src/ui/runs/recording.ts";

const at = { envSteps: 80, updates: 1, seconds: 0.01 };
export const recording = (of: Partial<Recording> = {}): Recording => ({
  format: FORMAT,
  id: "one",
  created: "2026-01-02T03:04:05.000Z",
  name: "",
  colour: 0,
  pinned: false,
  query: "v=1&seed=7&engine=simd",
  engine: "simd",
  ...at,
  episodes: 3,
  mean100: null,
  solvedAt: null,
  phase: "stopped",
  ending: "1 updates",
  parametersHash: "0badf00d",
  returnsHash: "00000001",
  edits: [{ update: 0, envSteps: 0, seconds: 0, key: "lr", value: "0.1" }],
  returns: [{ ...at, episodes: 3, mean: 20, min: 9, max: 31, mean100: Number.NaN }],
  evaluations: [{ ...at, episodes: 10, mean: 9, std: 1, min: 8, max: 10 }],
  updateSeries: [
    {
      ...at,
      loss: 1,
      policyLoss: 0.5,
      valueLoss: 1,
      entropy: 0.69,
      gradientNorm: 2,
      lr: 0.1,
      explainedVariance: -0.1,
      staleness: 0,
      maxStaleness: 0,
    },
  ],
  ...of,
});
