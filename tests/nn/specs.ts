/** Drawn networks and observations for the tests of nn. */
import fc from "fast-check";
import { Rng } from "../../src/core/rng.ts";
import type { Declared, NetworkSpec } from "../../src/nn/graph.ts";
import { actorCriticNetwork } from "../../src/nn/networks.ts";
import type { Sizes } from "./plain.ts";

export const anySizes: fc.Arbitrary<Sizes> = fc.record({
  inputs: fc.integer({ min: 1, max: 6 }),
  widths: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
  actions: fc.integer({ min: 2, max: 5 }),
  activation: fc.constantFrom("tanh" as const, "relu" as const),
});

export const specOf = ({ inputs, actions, widths, activation }: Sizes): NetworkSpec =>
  actorCriticNetwork({
    inputs,
    hidden: widths,
    activation,
    trunk: "shared",
    policy: { logits: actions },
    normalise: false,
  });

/** A layer of two units without an activation. */
export const dense = (name: string, ...from: string[]): Declared => ({
  kind: "dense",
  name,
  from,
  outputs: 2,
  gain: 1,
  activation: null,
});

/** Normal numbers times a scale, as float32. */
export function normals(seed: number, length: number, scale = 1): Float32Array {
  const rng = new Rng().seed(seed);
  return Float32Array.from({ length }, () => scale * rng.normal());
}
