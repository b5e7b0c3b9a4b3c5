/** Acting: a network on a batch of observations, and actions drawn from its outputs by a rule. One instance a thread. */
import type { AnyValues } from "../core/params.ts";
import type { Acting, Sources } from "./acting/acting.ts";
import { Forward } from "./forward.ts";
import type { NetworkSpec } from "./graph.ts";

export interface Policy {
  /** The caller fills its rows before `run`. [rows, obs] */
  readonly observation: Float32Array;
  /** After `run`: the outputs of every row in their columns, rows `stride` numbers apart. */
  readonly outputs: Float32Array | Float64Array;
  readonly stride: number;
  /** Takes over parameters. [spec.size] */
  load(parameters: Float32Array): void;
  /** Runs the network on the first rows. A policy that keeps activations puts them at row `keepAt` and on. */
  run(rows: number, keepAt?: number): void;
}

/** A policy that acts: μ, where what learns from its actions may be another. */
export interface Behaviour extends Policy {
  /** After `sample`: as they were drawn, within no bounds. [rows, numbers of an action] */
  readonly actions: Float32Array;
  /** Draws an action of each of the first rows. values: hyperparameters of the rule, as latched */
  sample(rows: number, values: Readonly<AnyValues>): void;
}

/** In plain TypeScript and float64: needs no WebAssembly, and is the reference for other policies. */
export const plainPolicy = (spec: NetworkSpec, rows: number): Policy => plainParts(spec, rows).policy;

export function plainBehaviour(spec: NetworkSpec, rows: number, acting: Acting, sources: Sources): Behaviour {
  const { policy, forward } = plainParts(spec, rows);
  const actions = new Float32Array(rows * acting.size);
  const sampler = acting.plain({ forward, actions, sources });
  return {
    ...policy,
    actions,
    load(parameters) {
      policy.load(parameters);
      sampler.load(parameters);
    },
    sample: (count, values) => sampler.sample(count, values, 0),
  };
}

function plainParts(spec: NetworkSpec, rows: number): { policy: Policy; forward: Forward } {
  const forward = new Forward(spec, rows);
  const observation = new Float32Array(rows * spec.inputs);
  let parameters: Float32Array = new Float32Array(spec.size);
  const policy = {
    observation,
    outputs: forward.outputs,
    stride: spec.width,
    load(from: Float32Array) {
      parameters = from;
    },
    run(count: number) {
      forward.run(parameters, observation, count);
    },
  };
  return { policy, forward };
}
