/** The work of an update on the SIMD kernels is what its plan asks for: nothing is computed or copied twice. */
import { describe, expect, test, vi } from "vitest";
import type { AlgorithmId } from "../../src/algorithms/index.ts";
import type { AnyValues } from "../../src/core/params.ts";
import type * as kernelsModule from "../../src/nn/simd/kernels.ts";
import { BLOCK_ROWS } from "../../src/nn/simd/network.ts";
import { padded } from "../../src/nn/simd/packing.ts";
import { appliedColumns } from "../../src/runtime/plan/columns.ts";
import { defaultConfig, withValues } from "../../src/runtime/plan/config.ts";
import { batchRows, type RunPlan } from "../../src/runtime/plan/plan.ts";
import { called, nothing, times, together, type Work, withCounts, workOf } from "./counts.ts";
import { type SimdStage, simdStage } from "./simd.ts";
import { always } from "./stage.ts";

vi.mock("../../src/nn/simd/kernels.ts", async (original) => {
  const kernels = await original<typeof kernelsModule>();
  const load: typeof kernels.loadKernels = (...args) => withCounts(kernels.loadKernels(...args));
  return { ...kernels, loadKernels: load };
});

/** Inputs and outputs of every matrix; the outputs of the network lie side by side in the last. */
function matricesOf({ spec, values }: RunPlan): { inputs: number; outputs: number }[] {
  const widths = [spec.inputs, ...values.hidden];
  return widths.map((inputs, l) => ({ inputs, outputs: padded(widths[l + 1] ?? spec.width) }));
}

/** Parameters go into matrices, or gradients out of them: a weight and a bias of every layer. */
const repacked = ({ spec }: RunPlan): Work => ({
  calls: { copyColumns: 2 * spec.layers.length },
  multiplyAdds: 0,
  copiedBytes: 4 * spec.size,
});

function forward(plan: RunPlan, rows: number): Work {
  const matrices = matricesOf(plan);
  return {
    calls: { dense: matrices.length, [`${plan.values.activation}Forward`]: matrices.length - 1 },
    multiplyAdds: rows * matrices.reduce((all, { inputs, outputs }) => all + inputs * outputs, 0),
    copiedBytes: 0,
  };
}

/** The row function, then from the last matrix to the first the gradient of it and, above the first, of its inputs. */
function backward(plan: RunPlan, rows: number): Work {
  const matrices = matricesOf(plan);
  const above = matrices.slice(1);
  const own = matrices.reduce((all, { inputs, outputs }) => all + inputs * outputs, 0);
  const ofInputs = above.reduce((all, { inputs, outputs }) => all + outputs * padded(inputs), 0);
  return {
    calls: {
      [plan.outputGradient.id]: 1,
      weightGradient: matrices.length,
      dense: above.length,
      [`${plan.values.activation}Backward`]: above.length,
    },
    multiplyAdds: rows * (own + ofInputs),
    copiedBytes: 0,
  };
}

/** A batch in blocks, and the gradient unpacked. isRetained: parameters are packed, and activations there */
function differentiation(plan: RunPlan, rows: number, isRetained: boolean): Work {
  const blocks = Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, i) =>
    Math.min(BLOCK_ROWS, rows - i * BLOCK_ROWS),
  );
  return together(
    isRetained ? nothing : repacked(plan),
    { calls: { transpose: matricesOf(plan).length - 1 } },
    ...blocks.flatMap((block) => [isRetained ? nothing : forward(plan, block), backward(plan, block)]),
    repacked(plan),
  );
}

const bytesOf = (views: Readonly<Record<string, ArrayBufferView>>) =>
  Object.values(views).reduce((all, { byteLength }) => all + byteLength, 0);

/** Parameters and live values are copied once on either side. */
const exchanged = ({ spec, live }: RunPlan): Work => ({ ...nothing, copiedBytes: 4 * spec.size + 8 * live.length });

/** The norm is taken in any case; the gradient is scaled where it is clipped. */
function step({ values }: RunPlan): Work {
  const { optimizer, clip } = values as unknown as { optimizer: string; clip: number };
  const rule = optimizer === "sgd" ? "addScaled" : optimizer;
  return together({ calls: { sumOfSquares: 1, scale: Number.isFinite(clip) ? 1 : 0 } }, { calls: { [rule]: 1 } });
}

/** One unroll of one actor. */
function collecting({ plan, memory }: SimdStage): Work {
  const { T, B, spec, acting } = plan;
  const stride = padded(spec.width);
  const look = together(forward(plan, B), { calls: { copyColumns: 1 }, copiedBytes: 4 * B * (stride + spec.inputs) });
  return together(
    exchanged(plan),
    repacked(plan),
    times(T + 1, look),
    { calls: { sample: T }, copiedBytes: 4 * T * B * acting.size + bytesOf(memory.actors[0].copies) },
    plan.gradients === "actors" ? differentiation(plan, T * B, plan.keepsActivations) : nothing,
    plan.apply === "actors" ? together(step(plan), { copiedBytes: 8 * appliedColumns.length }) : nothing,
  );
}

/** One update of the learner. */
function learning({ plan }: SimdStage): Work {
  const rows = batchRows(plan);
  if (plan.apply === "actors") return { ...nothing, copiedBytes: 8 * plan.live.length };
  const unrolls = rows / (plan.T * plan.B);
  const gradient =
    plan.gradients === "actors"
      ? { calls: { addScaled: unrolls } }
      : together({ copiedBytes: 4 * rows * (plan.spec.inputs + 1) }, differentiation(plan, rows, false));
  return together(gradient, step(plan), exchanged(plan));
}

const cases: [AlgorithmId, AnyValues, Partial<RunPlan>?][] = [
  ["a2c", { gradients: "learner" }],
  ["a2c", { gradients: "actors" }],
  ["a2c", { gradients: "actors", unroll: 33, envs: 3 }, { keepsActivations: false }],
  ["a2c", { gradients: "learner", unroll: 31, envs: 3, hidden: [24, 16, 9], activation: "relu", optimizer: "rmsprop" }],
  ["a2c", { gradients: "actors", hidden: [], actors: 1, optimizer: "sgd" }],
  ["a3c", { gradients: "learner", optimizer: "sgd" }],
  ["a3c", { gradients: "actors" }],
  ["a3c", { apply: "actors", gradients: "actors", optimizer: "rmsprop" }],
];

/** Long enough that episodes end, and too short for one that is cut. */
const ROUNDS = 12;

describe.each([0.01, Number.POSITIVE_INFINITY])("with a clip of %d", (clip) => {
  test.each(cases)("%s, %o", (algo, values, changed) => {
    const of = simdStage(withValues(defaultConfig(algo), { ...values, clip, evalEvery: 1_000_000 }), changed);
    const { plan, actors, learner } = of;
    const updates = plan.lockstep ? 1 : actors.length;
    const collected = workOf(() => {
      for (const actor of actors) actor.collect(always);
    });
    expect(called(collected)).toEqual(called(times(actors.length, collecting(of))));
    const learnt = workOf(() => {
      for (let i = 0; i < updates; i++) void learner.update(learner.ready()!);
    });
    expect(called(learnt)).toEqual(called(times(updates, learning(of))));

    const all = workOf(() => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const actor of actors) actor.collect(always);
        for (let i = 0; i < updates; i++) void learner.update(learner.ready()!);
      }
    });
    expect(learner.record.episodes).toBeGreaterThan(0);
    expect(all).toEqual(times(ROUNDS, together(collected, learnt)));
  });
});
