/** The yardstick does the same work as what it measures. */
import { expect, test } from "vitest";
import { fastPolicy, plainEngine } from "../../src/bench/plain.ts";
import { Rng } from "../../src/core/rng.ts";
import { plainPolicy } from "../../src/nn/policy.ts";
import { initialise, networkSpec } from "../../src/nn/spec.ts";
import { plainEngine as reference } from "../nn/plain.ts";

const cases: [number[], "tanh" | "relu", number][] = [
  [[64, 64], "tanh", 80],
  [[64], "relu", 33],
  [[5, 7], "tanh", 1],
  [[], "tanh", 50],
];

test.each(cases)("hidden %j, %s, %i rows", (widths, activation, rows) => {
  const spec = networkSpec(4, 2, widths, activation);
  const rng = new Rng().seed(3);
  const parameters = new Float32Array(spec.size);
  initialise(spec, rng, parameters);
  const noise = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const batch = {
    rows,
    observation: noise(rows * 4),
    action: Int32Array.from({ length: rows }, () => rng.next() & 1),
    advantage: noise(rows),
    returns: noise(rows),
  };
  const hp = { valueCost: 0.5, entropyCost: 0.02 };
  const from = (engine: typeof oracle) => {
    const gradient = new Float32Array(spec.size);
    const stats = new Float32Array(4);
    engine.differentiate(parameters, batch, hp, gradient, stats);
    return { gradient, stats };
  };
  const oracle = reference({ inputs: 4, actions: 2, widths, activation });
  const expected = from(oracle);
  const found = from(plainEngine(spec));
  const norm = Math.hypot(...expected.gradient);
  for (let i = 0; i < spec.size; i++)
    expect(Math.abs(found.gradient[i] - expected.gradient[i])).toBeLessThan(1e-5 * norm);
  for (let i = 0; i < 4; i++) expect(found.stats[i]).toBeCloseTo(expected.stats[i], 4);

  const slow = plainPolicy(spec, rows);
  const fast = fastPolicy(spec, rows, plainPolicy(spec, rows));
  for (const policy of [slow, fast]) {
    policy.observation.set(batch.observation);
    policy.load(parameters);
    policy.run(rows);
  }
  for (let i = 0; i < slow.outputs.length; i++) expect(fast.outputs[i]).toBeCloseTo(slow.outputs[i], 5);
});
