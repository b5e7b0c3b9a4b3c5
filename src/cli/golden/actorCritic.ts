/** The actor-critic loss and its gradient in the outputs against reference values: actor_critic.json. */
import * as z from "zod/mini";
import { actorCriticGradient } from "../../algorithms/actor-critic.ts";
import { nstep } from "../../returns/nstep.ts";
import { inFloat64, kind } from "./kinds.ts";
import { array, type NumberArray, shaped } from "./values.ts";

const target = {
  values: array, //                    [N]
  returns: z.optional(array), //       [N]; where they are given, the rest is not
  rewards: z.optional(array), //       [N]
  next_values: z.optional(array), //   [N]
  terminated: z.optional(array), //    [N]
  gamma: z.optional(z.number()),
  value_coef: z.number(),
  entropy_coef: z.number(),
};
type Target = z.infer<z.ZodMiniObject<typeof target>>;

/** Returns and advantages, [N]: those that are given, or r + γ V(x′) as n-step returns of one step. */
function targetsOf({ values, returns, rewards, next_values, terminated, gamma }: Target) {
  const N = values.data.length;
  const value = shaped(values, N);
  if (returns) {
    const given = shaped(returns, N);
    return { returns: given, advantages: given.map((R, n) => R - value[n]) };
  }
  if (!rewards || !next_values || !terminated || gamma === undefined)
    throw new Error("neither returns are given nor what they follow from");
  const found = { returns: new Float64Array(N), advantages: new Float64Array(N) };
  const none = inFloat64(new Float64Array(N));
  const trajectory = {
    T: 1,
    B: N,
    reward: inFloat64(shaped(rewards, N)),
    discount: inFloat64(shaped(terminated, N).map((ended) => gamma * (1 - ended))),
    value: inFloat64(Float64Array.of(...value, ...shaped(next_values, N))),
    truncated: none,
    finalValue: none,
  };
  nstep(trajectory, inFloat64(found.advantages), inFloat64(found.returns));
  return found;
}

const mean = (data: Float64Array) => data.reduce((sum, x) => sum + x, 0) / data.length;
const vector = (data: Float64Array<ArrayBuffer>): NumberArray => ({ shape: [data.length], data });

const discrete = kind(z.object({ ...target, logits: array, actions: array }), {
  answers(of) {
    const [N, A] = of.logits.shape;
    const logits = shaped(of.logits, N, A);
    const actions = shaped(of.actions, N);
    const values = shaped(of.values, N);
    const { returns, advantages } = targetsOf(of);
    const hp = { valueCost: of.value_coef, entropyCost: of.entropy_coef };
    const d = { logits: new Float64Array(N * A), value: new Float64Array(N) };
    const room = () => new Float64Array(N);
    const stats = { loss: room(), policyLoss: room(), valueLoss: room(), entropy: room() };
    const logTaken = room();
    for (let n = 0; n < N; n++) {
      const z = { logits: logits.subarray(n * A, (n + 1) * A), value: values.subarray(n, n + 1) };
      const x = { action: actions[n], advantage: advantages[n], returns: returns[n] };
      const of = { logits: d.logits.subarray(n * A, (n + 1) * A), value: d.value.subarray(n, n + 1) };
      const stat = { loss: 0, policyLoss: 0, valueLoss: 0, entropy: 0 };
      // −A log π(a|x) with A = −1
      actorCriticGradient.row(z, of, { ...x, advantage: -1 }, hp, stat);
      logTaken[n] = stat.policyLoss;
      actorCriticGradient.row(z, of, x, hp, stat);
      for (const name of actorCriticGradient.stats) stats[name][n] = stat[name];
    }
    return [
      {
        by: "row function",
        precision: "float64",
        values: {
          targets: vector(returns),
          advantages: vector(advantages),
          log_prob: vector(logTaken),
          policy_loss: mean(stats.policyLoss),
          value_loss: mean(stats.valueLoss),
          entropy: mean(stats.entropy),
          total_loss: mean(stats.loss),
          grad_logits: { shape: [N, A], data: d.logits.map((x) => x / N) },
          grad_values: vector(d.value.map((x) => x / N)),
        },
      },
    ];
  },
});

export const actorCritic = { actor_critic: { discrete } };
