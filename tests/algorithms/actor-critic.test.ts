/** Losses and row functions of the actor-critic algorithms, against the reference values of golden/algorithms. */
import { readFileSync } from "node:fs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { actorCritic } from "../../src/algorithms/actor-critic.ts";
import { gaussian } from "../../src/nn/acting/gaussian.ts";
import { actorCriticNetwork } from "../../src/nn/networks.ts";
import { tf } from "../nn/tf.ts";

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly name: string;
  readonly kind: string;
  readonly inputs: Readonly<Record<string, Numbers>> & { value_coef?: number; entropy_coef?: number; gamma?: number };
  readonly expected: Readonly<Record<string, Numbers | number>>;
}
interface Golden {
  readonly cases: readonly Case[];
  readonly tolerance: {
    readonly float64: { readonly rtol: number; readonly atol: number };
    readonly float32: { readonly rtol: number; readonly atol: number };
    readonly float32_atol_by_key: Readonly<Record<string, number>>;
  };
}

const golden = (file: string): Golden =>
  JSON.parse(readFileSync(new URL(`../golden/algorithms/${file}`, import.meta.url), "utf8"));

const losses = golden("actor_critic.json");
const gaussians = golden("gaussian.json");

/** Holds numbers to those of a file. */
function agree(
  { tolerance }: Golden,
  precision: "float64" | "float32",
  key: string,
  actual: ArrayLike<number>,
  expected: Numbers | number,
) {
  const { rtol } = tolerance[precision];
  const atol = (precision === "float32" && tolerance.float32_atol_by_key[key]) || tolerance[precision].atol;
  const wanted = typeof expected === "number" ? [expected] : expected.data;
  expect(actual.length, key).toBe(wanted.length);
  wanted.forEach((x, i) => {
    expect(Math.abs(actual[i] - x), `${key}[${i}]: ${actual[i]} for ${x}`).toBeLessThanOrEqual(
      rtol * Math.abs(x) + atol,
    );
  });
}

/** Every row of a matrix; a list of one row is meant for every row, and a list of numbers has one in each. */
function rowsOf({ shape, data }: Numbers, N: number): number[][] {
  const width = data.length / shape[0];
  if (shape.length === 1 && shape[0] !== N) return Array.from({ length: N }, () => [...data]);
  return Array.from({ length: N }, (_, n) => data.slice(n * width, (n + 1) * width));
}

/** What the policy says, its parameters as the files name them and as the network does. */
const policies = {
  discrete: { learns: actorCritic.losses.categorical, outputs: { logits: "logits" } },
  gaussian: { learns: actorCritic.losses.gaussian, outputs: { mean: "mean", logSigma: "log_std" } },
} as const;

/** Returns and advantages as a learner is given them. */
function targets({ inputs }: Case): { returns: number[]; advantage: number[] } {
  const { rewards, next_values, terminated, values, gamma } = inputs;
  const returns = inputs.returns
    ? [...inputs.returns.data]
    : rewards.data.map((r, n) => r + (gamma as number) * (terminated.data[n] ? 0 : next_values.data[n]));
  return { returns, advantage: returns.map((target, n) => target - values.data[n]) };
}

/** Mean loss and its parts, and every row's derivatives divided by N. */
function byRows(of: Case) {
  const { learns, outputs } = policies[of.kind as keyof typeof policies];
  const { inputs } = of;
  const { returns, advantage } = targets(of);
  const N = returns.length;
  const rows = Object.fromEntries(Object.entries(outputs).map(([name, key]) => [name, rowsOf(inputs[key], N)]));
  const actions = rowsOf(inputs.actions, N);
  const hp = { valueCost: inputs.value_coef ?? 0, entropyCost: inputs.entropy_coef ?? 0 };
  const stats = { loss: 0, policyLoss: 0, valueLoss: 0, entropy: 0 };
  const each = returns.map((target, n) => {
    const z = {
      ...Object.fromEntries(Object.keys(outputs).map((name) => [name, rows[name][n]])),
      value: [inputs.values.data[n]],
    };
    const d: Record<string, number[]> = Object.fromEntries(Object.keys(z).map((name) => [name, []]));
    const stat = { loss: 0, policyLoss: 0, valueLoss: 0, entropy: 0 };
    const action = of.kind === "discrete" ? actions[n][0] : actions[n];
    learns.outputGradient.row(
      z as never,
      d as never,
      { action, advantage: advantage[n], returns: target } as never,
      hp,
      stat,
    );
    for (const key of Object.keys(stats) as (keyof typeof stats)[]) stats[key] += stat[key] / N;
    return d;
  });
  return { stats, gradient: (name: string) => each.map((d) => d[name].map((x) => x / N)) };
}

/** The same by the loss in TensorFlow.js, in float32. */
function byTensors(of: Case) {
  const { learns, outputs } = policies[of.kind as keyof typeof policies];
  const { inputs } = of;
  const { returns, advantage } = targets(of);
  const N = returns.length;
  const names = [...Object.keys(outputs), "value"];
  let stats: Record<string, number> = {};
  let gradients: number[][][] = [];
  tf.tidy(() => {
    const z = Object.values(outputs).map((key): Tensor => tf.tensor2d(rowsOf(inputs[key], N)));
    const action: Tensor =
      of.kind === "discrete" ? tf.tensor1d([...inputs.actions.data]) : tf.tensor2d(rowsOf(inputs.actions, N));
    const batch = {
      observation: tf.zeros([N, 1]) as Tensor2D,
      action,
      advantage: tf.tensor1d(advantage),
      returns: tf.tensor1d(returns),
    };
    const hp = { valueCost: inputs.value_coef, entropyCost: inputs.entropy_coef };
    const { grads } = tf.valueAndGrads((...all: Tensor[]) => {
      const net = () => Object.fromEntries(names.map((name, i) => [name, all[i]]));
      const parts = learns.loss(tf, net as never, batch as never, hp as never);
      stats = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]]));
      return parts.loss;
    })([...z, tf.tensor2d([...inputs.values.data], [N, 1])]);
    gradients = grads.map((g) => tf.reshape(g, [N, -1]).arraySync() as number[][]);
  });
  return { stats, gradient: (name: string) => gradients[names.indexOf(name)] };
}

/** Rows, or their sum where the file has one list for all of them. */
const shaped = (rows: readonly number[][], { shape }: Numbers): number[] =>
  shape.length === 1 && shape[0] !== rows.length
    ? rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0))
    : rows.flat();

describe.each(losses.cases.map((of) => [of.name, of] as const))("actor_critic.json, %s", (_, of) => {
  test.each([
    ["the row function", "float64", byRows],
    ["the loss in TensorFlow.js", "float32", byTensors],
  ] as const)("%s, in %s", (_, precision, by) => {
    const { expected } = of;
    const { stats, gradient } = by(of);
    agree(losses, precision, "total_loss", [stats.loss], expected.total_loss);
    agree(losses, precision, "policy_loss", [stats.policyLoss], expected.policy_loss);
    agree(losses, precision, "entropy", [stats.entropy], expected.entropy);
    // The file's value loss is the mean of ½ (target − V)².
    agree(losses, precision, "value_loss", [stats.valueLoss], expected.value_loss);
    agree(losses, precision, "grad_values", gradient("value").flat(), expected.grad_values);
    for (const [key, name] of [
      ["grad_logits", "logits"],
      ["grad_mean", "mean"],
      ["grad_log_std", "logSigma"],
    ] as const)
      if (expected[key]) agree(losses, precision, key, shaped(gradient(name), expected[key] as Numbers), expected[key]);
  });
});

describe.each(gaussians.cases.filter(({ kind }) => kind === "diag_gaussian").map((of) => [of.name, of] as const))(
  "gaussian.json, %s",
  (_, { inputs, expected }) => {
    const N = inputs.actions.shape[0];
    const [mean, logSigma, action] = [inputs.mean, inputs.log_std, inputs.actions].map((of) => rowsOf(of, N));
    /** Each row's loss with these costs. */
    const rows = (advantage: number, entropyCost: number) =>
      mean.map((_, n) => {
        const d = { mean: [] as number[], logSigma: [] as number[], value: [] as number[] };
        const stat = { loss: 0, policyLoss: 0, valueLoss: 0, entropy: 0 };
        const z = { mean: mean[n], logSigma: logSigma[n], value: [0] };
        const x = { action: action[n], advantage, returns: 0 };
        actorCritic.losses.gaussian.outputGradient.row(z, d, x, { valueCost: 0, entropyCost }, stat);
        return { d, stat };
      });

    test("the log-probability and its gradients, of an advantage of −1", () => {
      const of = rows(-1, 0);
      const check = (key: string, actual: number[]) => agree(gaussians, "float64", key, actual, expected[key]);
      check(
        "log_prob",
        of.map(({ stat }) => stat.policyLoss),
      );
      check(
        "grad_mean_of_log_prob",
        of.flatMap(({ d }) => d.mean),
      );
      check(
        "grad_log_std_of_log_prob_per_sample",
        of.flatMap(({ d }) => d.logSigma),
      );
    });

    test("the entropy and its gradient, of an entropy cost of −1", () => {
      const of = rows(0, -1);
      const entropies = expected.entropy as Numbers;
      of.forEach(({ stat, d }, n) => {
        agree(gaussians, "float64", "entropy", [stat.entropy], entropies.data[entropies.shape[0] === N ? n : 0]);
        expect(d.logSigma).toEqual(mean[n].map(() => 1));
        for (const x of d.mean) expect(Math.abs(x)).toBe(0);
      });
    });
  },
);

describe.each(gaussians.cases.filter(({ kind }) => kind === "kl").map((of) => [of.name, of] as const))(
  "gaussian.json, %s",
  (_, { inputs, expected }) => {
    test("how far two policies are apart, and their entropies", () => {
      const [N, D] = inputs.mean.shape;
      const rule = gaussian(
        actorCriticNetwork({
          inputs: 1,
          hidden: [],
          activation: "tanh",
          trunk: "shared",
          policy: { mean: D, logSigma: "free", initialLogSigma: 0 },
          normalise: false,
        }),
        "white",
      );
      const [mean, log, mean2, log2] = ["mean", "log_std", "mean_2", "log_std_2"].map((key) => rowsOf(inputs[key], N));
      const between = mean.map((_, n) =>
        rule.divergence([...mean[n], ...log[n], 0], 0, [0, ...mean2[n], ...log2[n], 0], 1),
      );
      agree(gaussians, "float64", "kl", between, expected.kl);
    });
  },
);
