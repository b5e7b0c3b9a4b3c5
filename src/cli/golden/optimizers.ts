/** Optimizers and clipping against reference values: optimizers.json. */
import * as z from "zod/mini";
import { f32, i32, layout, viewsOf } from "../../core/layout.ts";
import {
  type Moments,
  type Optimizer,
  type OptimizerName,
  type OptimizerValues,
  optimizerNames,
  plainOptimizer,
} from "../../nn/optimizers.ts";
import { type Build, hasFastest, loadKernels } from "../../nn/simd/kernels.ts";
import { simdOptimizer } from "../../nn/simd/optimizer.ts";
import { sharedMemory } from "../../runtime/memory/memory.ts";
import { type Answer, inFloat64, kind } from "./kinds.ts";
import { array, type NumberArray } from "./values.ts";

/** Parameters of P numbers, their gradient and moments, where one implementation wants them. */
interface Place extends Omit<Answer, "values"> {
  readonly optimizer: Optimizer;
  readonly theta: Float32Array;
  readonly g: Float32Array;
  readonly moments: Moments;
}

const placeOf = (P: number) => layout({ theta: f32(P), g: f32(P), first: f32(P), second: f32(P), steps: i32(1) });

function inPlain(P: number): Place {
  const floats = () => inFloat64(new Float64Array(P));
  const moments = { first: floats(), second: floats(), steps: new Int32Array(1) };
  return { by: "plain", precision: "float64", optimizer: plainOptimizer, theta: floats(), g: floats(), moments };
}

function inFloat32(P: number): Place {
  const of = placeOf(P);
  const { theta, g, ...moments } = viewsOf(of, new ArrayBuffer(of.bytes));
  return { by: "plain in float32", precision: "float32", optimizer: plainOptimizer, theta, g, moments };
}

function inKernels(P: number, build: Build): Place {
  const of = placeOf(P);
  const memory = sharedMemory(of.bytes);
  const { theta, g, ...moments } = viewsOf(of, memory.buffer);
  const optimizer = simdOptimizer(loadKernels(memory, build));
  return { by: `SIMD kernels, ${build}`, precision: "float32", optimizer, theta, g, moments };
}

const places = (P: number): Place[] => [
  inPlain(P),
  inFloat32(P),
  inKernels(P, "reproducible"),
  ...(hasFastest() ? [inKernels(P, "fastest")] : []),
];

/** Tensors by name; one after the other they are a flat vector. */
const tensors = z.record(z.string(), array);
type Tensors = z.infer<typeof tensors>;

const flat = (of: Tensors): number[] => Object.values(of).flatMap(({ data }) => [...data]);

/** A flat vector as tensors of these shapes. */
function unflat(of: Tensors, vector: ArrayLike<number>): Record<string, NumberArray> {
  let at = 0;
  const part = ({ shape, data }: NumberArray): NumberArray => {
    at += data.length;
    return { shape, data: Float64Array.from(data, (_, i) => vector[at - data.length + i]) };
  };
  return Object.fromEntries(Object.entries(of).map(([name, tensor]) => [name, part(tensor)]));
}

const walkShape = z.object({
  optimizer: z.string(),
  hyper: z.record(z.string(), z.union([z.number(), z.boolean()])),
  lr: z.number(),
  lr_decay_steps: z.nullable(z.number()),
  clip_global_norm: z.nullable(z.number()),
  /** null: the gradient does not depend on the parameters. */
  curvature: z.nullable(z.number()),
  steps: z.int(),
  params: tensors,
  grads: tensors, // a step's each, [steps, …]
});
type Walk = z.infer<typeof walkShape>;

/** Their names of what an optimizer here takes. */
const rates = { decay: "decay", b1: "beta1", b2: "beta2", eps: "epsilon" } as const satisfies Record<
  string,
  keyof OptimizerValues
>;

/** The variant that is not implemented here. */
function variantOf({ optimizer, hyper }: Walk): string | null {
  if (!optimizerNames.includes(optimizer as OptimizerName)) return optimizer;
  const { eps_inside = optimizer === "rmsprop", ...others } = hyper;
  if (eps_inside !== (optimizer === "rmsprop")) return eps_inside ? "ε inside the root" : "ε outside the root";
  return Object.keys(others).find((name) => !(name in rates) && others[name] !== 0 && others[name] !== false) ?? null;
}

function valuesOf({ hyper, lr }: Walk): OptimizerValues & { lr: number } {
  const values = { lr, decay: 0, beta1: 0, beta2: 0, epsilon: 0 };
  for (const [theirs, ours] of Object.entries(rates)) if (theirs in hyper) values[ours] = hyper[theirs] as number;
  return values;
}

/** The parameters after every step, and the norm of every gradient before it is clipped. */
function walk(of: Walk, { optimizer, theta, g, moments }: Place): Answer["values"] {
  const { steps, curvature, lr_decay_steps: decaySteps } = of;
  const values = valuesOf(of);
  const norms = new Float64Array(steps);
  const shapes = Object.entries(of.params);
  const path = Object.fromEntries(
    shapes.map(([name, { shape, data }]) => [
      `params_${name}`,
      { shape: [steps, ...shape], data: new Float64Array(steps * data.length) },
    ]),
  );
  const stepOf = ({ shape, data }: NumberArray, t: number): NumberArray => {
    const size = data.length / steps;
    return { shape: shape.slice(1), data: data.slice(t * size, (t + 1) * size) };
  };
  theta.set(flat(of.params));
  for (let t = 0; t < steps; t++) {
    const gradient = flat(Object.fromEntries(Object.keys(of.params).map((name) => [name, stepOf(of.grads[name], t)])));
    g.set(gradient.map((x, i) => x + (curvature ?? 0) * theta[i]));
    norms[t] = optimizer.clip(g, of.clip_global_norm ?? Number.POSITIVE_INFINITY);
    const lr = of.lr * (1 - (decaySteps === null ? 0 : t / decaySteps));
    optimizer.step(of.optimizer as OptimizerName, theta, g, moments, { ...values, lr });
    for (const [name, { data }] of Object.entries(unflat(of.params, theta)))
      path[`params_${name}`].data.set(data, t * data.length);
  }
  return { ...path, global_norms: { shape: [steps], data: norms } };
}

const walks = kind(walkShape, {
  lacks: variantOf,
  answers: (of) =>
    places(flat(of.params).length).map((place) => ({
      by: place.by,
      precision: place.precision,
      values: walk(of, place),
    })),
});

const clips = kind(z.object({ max_norm: z.number(), grads: tensors }), {
  without: ["clipped_torch"], // which divides by the norm + 1e-6
  answers: ({ max_norm, grads }) =>
    places(flat(grads).length).map(({ by, precision, optimizer, g }) => {
      g.set(flat(grads));
      const norm = optimizer.clip(g, max_norm);
      return { by, precision, values: { norm, clipped: unflat(grads, g) } };
    }),
});

export const optimizers = {
  optimizers: { sgd: walks, rmsprop: walks, adam: walks, adagrad: walks, clip_by_global_norm: clips },
};
