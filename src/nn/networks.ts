/** Shapes of networks that algorithms share. */
import { type Activation, type Declared, type NetworkSpec, networkSpec, OBSERVATION, RETURN } from "./graph.ts";

export const trunks = ["shared", "separate"] as const;
export type Trunk = (typeof trunks)[number];

/** logits: [A] of a categorical policy. Or a Gaussian one: mean and logSigma, [D] each, logSigma a parameter or state-dependent. */
export type PolicyHead =
  | { readonly logits: number }
  | { readonly mean: number; readonly logSigma: "free" | "sde"; readonly initialLogSigma: number };

export interface ActorCriticShape {
  readonly inputs: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Whether policy and value have hidden layers of their own. */
  readonly trunk: Trunk;
  readonly policy: PolicyHead;
  /** Observations are normalised before everything else. */
  readonly normalise: boolean;
  /** Statistics of the discounted return are kept. */
  readonly tracksReturn?: boolean;
}

/**
 * A policy and a value; the outputs are logits | value, or mean | logSigma | value. Gains: √2 in the trunk, 0.01 for a policy that
 * starts almost uniform, 1 for the value.   Andrychowicz et al. 2021, arXiv:2006.05990
 */
export function actorCriticNetwork(shape: ActorCriticShape): NetworkSpec {
  const { inputs, hidden, activation, trunk, policy } = shape;
  const layers: Declared[] = [];
  const dense = (name: string, from: string, outputs: number, gain: number, f: Activation | null = null) => {
    layers.push({ kind: "dense", name, from: [from], outputs, gain, activation: f });
    return name;
  };
  let first = OBSERVATION;
  if (shape.normalise) {
    first = "normalised";
    layers.push({ kind: "normalise", name: first, from: [OBSERVATION] });
  }
  const trunkOf = (prefix: string) =>
    hidden.reduce((below, width, i) => dense(`${prefix}${i + 1}`, below, width, Math.SQRT2, activation), first);

  const latent = trunkOf(trunk === "shared" ? "hidden" : "policyHidden");
  const heads = "logits" in policy ? [dense("logits", latent, policy.logits, 0.01)] : gaussian(policy, latent);
  function gaussian({ mean, logSigma, initialLogSigma: initial }: Extract<PolicyHead, { mean: number }>, from: string) {
    const name = dense("mean", from, mean, 0.01);
    layers.push(
      logSigma === "free"
        ? { kind: "free", name: "logSigma", outputs: mean, initial }
        : { kind: "sde", name: "logSigma", from: [from], outputs: mean, initial },
    );
    return [name, "logSigma"];
  }
  const value = dense("value", trunk === "shared" ? latent : trunkOf("valueHidden"), 1, 1);
  return networkSpec(inputs, layers, [...heads, value], shape.tracksReturn ? [{ name: RETURN, width: 1 }] : []);
}
