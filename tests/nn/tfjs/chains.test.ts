import { expect, test } from "vitest";
import { type Declared, networkSpec } from "../../../src/nn/graph.ts";
import { actorCriticNetwork } from "../../../src/nn/networks.ts";
import { chainsOf, fusedProblem } from "../../../src/nn/tfjs/chains.ts";
import { dense } from "../specs.ts";

const shape = { inputs: 4, hidden: [8], activation: "relu", normalise: true } as const;

test("chains side by side: their layers, and the columns of their outputs", () => {
  const spec = actorCriticNetwork({
    ...shape,
    trunk: "separate",
    policy: { mean: 2, logSigma: "free", initialLogSigma: 0 },
  });
  expect(fusedProblem(spec)).toBeNull();
  const chains = chainsOf(spec).map(({ normalise, hidden, heads, inputs, outputs }) => ({
    normalise: normalise?.name ?? null,
    hidden: hidden.map(({ name }) => name),
    heads: heads.map(({ layer, own, column }) => [layer.name, own, column]),
    inputs,
    outputs,
  }));
  expect(chains).toEqual([
    { normalise: "normalised", hidden: ["policyHidden1"], heads: [["mean", 0, 0]], inputs: 8, outputs: 2 },
    { normalise: null, hidden: [], heads: [["logSigma", 0, 2]], inputs: 0, outputs: 2 },
    { normalise: "normalised", hidden: ["valueHidden1"], heads: [["value", 0, 4]], inputs: 8, outputs: 1 },
  ]);
  const [shared] = chainsOf(
    actorCriticNetwork({ ...shape, trunk: "shared", policy: { mean: 2, logSigma: "free", initialLogSigma: 0 } }),
  );
  expect(shared.heads.map(({ layer, own, column }) => [layer.name, own, column])).toEqual([
    ["mean", 0, 0],
    ["value", 2, 4],
  ]);
});

test.each<[string, readonly Declared[], readonly string[]]>([
  [
    "joins no inputs, and the layer b reads a and observation",
    [dense("a", "observation"), dense("b", "a", "observation")],
    ["b"],
  ],
  [
    "hands a layer to one reader, and a has more",
    [dense("a", "observation"), dense("b", "a"), dense("c", "a"), dense("d", "c")],
    ["b", "d"],
  ],
  ["hands a layer to one reader, and a has more", [dense("a", "observation"), dense("b", "a")], ["a", "b"]],
  [
    "normalises observations alone, not a",
    [dense("a", "observation"), { kind: "normalise", name: "n", from: ["a"] }, dense("b", "n")],
    ["b"],
  ],
  [
    "has no activation of an output, and a has one",
    [{ ...dense("a", "observation"), activation: "tanh" } as Declared],
    ["a"],
  ],
  [
    "has no layer such as b on parameters without an input",
    [{ kind: "free", name: "a", outputs: 2, initial: 0 }, dense("b", "a")],
    ["b"],
  ],
  [
    "has no state-dependent exploration (gSDE)",
    [dense("a", "observation"), { kind: "sde", name: "s", from: ["a"], outputs: 1, initial: 0 }, dense("m", "a")],
    ["m", "s"],
  ],
])("what it cannot carry has a reason: %s", (reason, layers, outputs) => {
  const spec = networkSpec(3, layers, outputs);
  expect(fusedProblem(spec)).toBe(`the fused WebGPU step ${reason}`);
  expect(() => chainsOf(spec)).toThrow(reason);
});
