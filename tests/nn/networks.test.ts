import { describe, expect, test } from "vitest";
import { Rng } from "../../src/core/rng.ts";
import { layerOf, type NetworkSpec } from "../../src/nn/graph.ts";
import { initialise } from "../../src/nn/initialise.ts";
import { type ActorCriticShape, actorCriticNetwork } from "../../src/nn/networks.ts";

const shape: ActorCriticShape = {
  inputs: 3,
  hidden: [5, 4],
  activation: "tanh",
  trunk: "shared",
  policy: { logits: 2 },
  normalise: false,
};

/** What reads what, with kinds and widths. */
const drawn = ({ layers }: NetworkSpec) =>
  layers.map(({ name, kind, from, outputs }) => `${name}: ${kind} of ${from.join("+") || "nothing"} → ${outputs}`);
const outputs = (spec: NetworkSpec) => spec.outputs.map(({ name, column }) => `${column} ${name}`);

describe("a policy and a value", () => {
  test("on one trunk", () => {
    const spec = actorCriticNetwork(shape);
    expect(drawn(spec)).toEqual([
      "hidden1: dense of observation → 5",
      "hidden2: dense of hidden1 → 4",
      "logits: dense of hidden2 → 2",
      "value: dense of hidden2 → 1",
    ]);
    expect(outputs(spec)).toEqual(["0 logits", "2 value"]);
    expect([spec.width, spec.size]).toEqual([3, 4 * 5 + 6 * 4 + 5 * 3]);
  });

  test("on trunks of their own, with normalised observations", () => {
    const spec = actorCriticNetwork({ ...shape, trunk: "separate", normalise: true });
    expect(drawn(spec)).toEqual([
      "normalised: normalise of observation → 3",
      "policyHidden1: dense of normalised → 5",
      "policyHidden2: dense of policyHidden1 → 4",
      "logits: dense of policyHidden2 → 2",
      "valueHidden1: dense of normalised → 5",
      "valueHidden2: dense of valueHidden1 → 4",
      "value: dense of valueHidden2 → 1",
    ]);
    const learnt = 2 * (4 * 5 + 6 * 4) + 5 * 3;
    expect([spec.learnt, spec.statistics]).toEqual([
      { at: 0, length: learnt },
      { at: 104, length: 6 }, // behind the learnt, at a multiple of four
    ]);
    expect([learnt, spec.size]).toEqual([103, 110]);
  });

  test("Gaussian, with a free or a state-dependent standard deviation", () => {
    const free = actorCriticNetwork({ ...shape, policy: { mean: 2, logSigma: "free", initialLogSigma: -0.5 } });
    expect(drawn(free).slice(2)).toEqual([
      "mean: dense of hidden2 → 2",
      "logSigma: free of nothing → 2",
      "value: dense of hidden2 → 1",
    ]);
    expect(outputs(free)).toEqual(["0 mean", "2 logSigma", "4 value"]);
    const sde = actorCriticNetwork({
      ...shape,
      trunk: "separate",
      policy: { mean: 2, logSigma: "sde", initialLogSigma: -2 },
    });
    expect(drawn(sde)[3]).toBe("logSigma: sde of policyHidden2 → 2");
  });

  test("begin as declared: mean 0 and variance 1, log σ where it is to begin, gains √2, 0.01 and 1", () => {
    const spec = actorCriticNetwork({
      ...shape,
      normalise: true,
      policy: { mean: 2, logSigma: "sde", initialLogSigma: -2 },
    });
    const parameters = new Float32Array(spec.size).fill(Number.NaN);
    initialise(spec, new Rng().seed(1), parameters);
    const { mean, variance } = layerOf(spec, "normalised", "normalise");
    expect([...parameters.subarray(mean, mean + 3), ...parameters.subarray(variance)]).toEqual([0, 0, 0, 1, 1, 1]);
    const { weight, inputs } = layerOf(spec, "logSigma", "sde");
    expect([...parameters.subarray(weight, weight + 2 * inputs)]).toEqual(Array(8).fill(-2));
    expect(spec.layers.map((layer) => (layer.kind === "dense" ? layer.gain : null))).toEqual(
      [null, Math.SQRT2, Math.SQRT2, 0.01, null, 1], // in the order of the layers
    );
    expect(parameters.every(Number.isFinite)).toBe(true);
  });
});
