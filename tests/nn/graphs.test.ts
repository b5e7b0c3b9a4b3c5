/** The engines walk the same graph: plain, SIMD and TensorFlow.js, held to plain float64 arithmetic and its differences. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { f32, layout, viewsOf } from "../../src/core/layout.ts";
import { Forward } from "../../src/nn/forward.ts";
import type { OutputGradient } from "../../src/nn/gradient.ts";
import { type NetworkSpec, networkSpec } from "../../src/nn/graph.ts";
import type { LossParts } from "../../src/nn/loss.ts";
import { loadKernels } from "../../src/nn/simd/kernels.ts";
import { BLOCK_ROWS, SimdNetwork, workspaceLayout } from "../../src/nn/simd/network.ts";
import type { RowFunction } from "../../src/nn/simd/rows.ts";
import { network, parameterTensors, tfjsEngine } from "../../src/nn/tfjs/engine.ts";
import { sharedMemory } from "../../src/runtime/memory/memory.ts";
import { apart, casesOf } from "../golden/normalise.ts";
import { anyGraph, drawnParameters, graphGradient, graphOutputs } from "./graphs.ts";
import { builds, distance } from "./simd/arena.ts";
import { normals } from "./specs.ts";
import { tf } from "./tf.ts";

const drawn: fc.Arbitrary<Drawn> = fc.record({
  spec: anyGraph,
  rows: fc.constantFrom<number>(1, 2, 5),
  seed: fc.nat(),
  /** 3: some normalised inputs reach the limit. */
  scale: fc.constantFrom(0.3, 1, 3),
});
interface Drawn {
  readonly spec: NetworkSpec;
  readonly rows: number;
  readonly seed: number;
  readonly scale: number;
}

const drawOf = ({ spec, rows, seed, scale }: Drawn) => ({
  parameters: drawnParameters(spec, normals(seed, spec.size, 0.6)),
  observation: normals(seed + 1, rows * spec.inputs, scale),
  coefficients: normals(seed + 2, rows * spec.width),
});

const near = (actual: ArrayLike<number>, expected: readonly number[]) =>
  expected.forEach((y, i) => {
    expect(Math.abs(actual[i] - y), `${i}: ${actual[i]} for ${y}`).toBeLessThan(2e-5 * (1 + Math.abs(y)));
  });

/** A loss that is linear in the outputs. Its kernel is written here: it needs no room of its own. */
const linear: OutputGradient = { id: "linear", outputs: [], fields: {}, hp: [], stats: [], row: () => {} };
vi.mock("../../src/nn/simd/rows.generated.ts", () => ({ scratchOf: { linear: [] } }));

/** Of Σ c · outputs, on the SIMD kernels. kept: the activations of all rows stay. */
function onSimd(of: Drawn, build: (typeof builds)[number], kept: boolean) {
  const { spec, rows } = of;
  const room = kept ? rows : BLOCK_ROWS;
  const gap = f32(16);
  const ground = layout({
    gap,
    parameters: f32(spec.size),
    observation: f32(rows, spec.inputs),
    gradient: f32(spec.learnt.length),
    gap1: gap,
    workspace: workspaceLayout(spec, room, linear),
    gap2: gap,
  });
  const memory = sharedMemory(ground.bytes);
  const views = viewsOf(ground, memory.buffer);
  const gaps = [views.gap, views.gap1, views.gap2];
  for (const each of gaps) each.fill(Number.NaN);
  const { parameters, observation, coefficients } = drawOf(of);
  views.parameters.set(parameters);
  views.observation.set(observation);
  views.gradient.fill(Number.NaN);
  const net = new SimdNetwork(loadKernels(memory, build), spec, views.workspace, room);
  const { stride } = net;
  const row = {
    differentiate(_: unknown, from: number, count: number, outputs: number, to: number) {
      const d = new Float32Array(memory.buffer, to, count * stride).fill(0);
      for (let r = 0; r < count; r++)
        d.set(coefficients.subarray((from + r) * spec.width, (from + r + 1) * spec.width), r * stride);
      expect(outputs % 16).toBe(0);
    },
  } as unknown as RowFunction;
  const outputs: number[] = [];
  const differentiate = () => {
    const batch = { observation: views.observation.byteOffset, fields: [] };
    net.load(views.parameters.byteOffset);
    if (!kept) net.accumulate(batch, rows, row);
    else {
      net.forward(batch.observation, rows);
      const all = new Float32Array(memory.buffer, net.outputsAt(0), rows * stride);
      outputs.length = 0;
      for (let r = 0; r < rows; r++) outputs.push(...all.subarray(r * stride, r * stride + spec.width));
      net.accumulateKept(batch, rows, row);
    }
    net.readGradient(views.gradient.byteOffset);
    return views.gradient.slice();
  };
  const gradient = differentiate();
  const again = differentiate();
  return { outputs, gradient, again, untouched: gaps.every((each) => each.every(Number.isNaN)) };
}

/** Σ c · outputs, with no parts. */
const lossOf = (spec: NetworkSpec, coefficients: Float32Array, rows: number) =>
  ((of: typeof tf, net: ReturnType<typeof network>, batch: { observation: never }) => {
    const outputs = net(batch.observation);
    const all = of.concat(
      spec.outputs.map(({ name }) => outputs[name]),
      1,
    );
    const loss = of.sum(of.mul(all, of.tensor2d(coefficients, [rows, spec.width])));
    const nothing = of.scalar(0);
    return { loss, policyLoss: nothing, valueLoss: nothing, entropy: nothing } as LossParts;
  }) as never;

test("the plain forward pass says what the layers are defined as", () => {
  fc.assert(
    fc.property(drawn, (of) => {
      const { spec, rows } = of;
      const { parameters, observation } = drawOf(of);
      const forward = new Forward(spec, rows + 1);
      forward.run(parameters, observation, rows);
      graphOutputs(spec, parameters, observation).forEach((y, i) => {
        expect(forward.outputs[i]).toBeCloseTo(y, 9);
      });
    }),
  );
});

describe.each(builds)("on the SIMD kernels, %s", (build) => {
  test("outputs and gradient are those of float64 arithmetic", () => {
    fc.assert(
      fc.property(drawn, (of) => {
        const { parameters, observation, coefficients } = drawOf(of);
        const { outputs, gradient, untouched } = onSimd(of, build, true);
        near(outputs, graphOutputs(of.spec, parameters, observation));
        const expected = graphGradient(of.spec, parameters, observation, coefficients);
        expect(distance(gradient, expected, 1)).toBeLessThan(1e-4);
        expect(untouched).toBe(true);
      }),
    );
  });

  test("block by block, and once more, the gradient has the bits of the one with all activations kept", () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(1, BLOCK_ROWS, BLOCK_ROWS + 3), (of, rows) => {
        const kept = onSimd({ ...of, rows }, build, true);
        const blocks = onSimd({ ...of, rows }, build, false);
        for (const { gradient, again, untouched } of [kept, blocks]) {
          expect([...gradient]).toEqual([...kept.gradient]);
          expect([...again]).toEqual([...kept.gradient]);
          expect(untouched).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

test("on TensorFlow.js outputs and gradient are the same; statistics get none", () => {
  fc.assert(
    fc.property(drawn, (of) => {
      const { spec, rows } = of;
      const { parameters, observation, coefficients } = drawOf(of);
      const theirs = tf.tidy(() => {
        const outputs = network(
          tf,
          spec,
          parameterTensors(tf, spec, parameters),
        )(tf.tensor2d(observation.slice(), [rows, spec.inputs]));
        return tf
          .concat(
            spec.outputs.map(({ name }) => outputs[name]),
            1,
          )
          .dataSync();
      });
      near(theirs, graphOutputs(spec, parameters, observation));
      const gradient = new Float32Array(spec.learnt.length).fill(Number.NaN);
      const nothing = new Float32Array(rows);
      const batch = { rows, observation, action: nothing, advantage: nothing, returns: nothing };
      const engine = tfjsEngine(tf, "cpu", spec, {
        loss: lossOf(spec, coefficients, rows),
        outputGradient: { ...linear, stats: ["loss"] } as never,
      });
      engine.differentiate(parameters, batch, {}, gradient, new Float32Array(1));
      engine.dispose();
      const expected = graphGradient(spec, parameters, observation, coefficients);
      expect(distance(gradient, expected, 1)).toBeLessThan(1e-4);
    }),
    { numRuns: 40 },
  );
});

describe("a normalising layer, against Stable-Baselines3's VecNormalize and Gymnasium", () => {
  const cases = casesOf("apply").filter(({ inputs: { epsilon, clip } }) => epsilon === 1e-8 && clip === 10);

  test.each(cases)("$name", ({ inputs: { x, mean, var: variance }, expected }) => {
    const [rows, width] = x.shape;
    const spec = networkSpec(width, [{ kind: "normalise", name: "n", from: ["observation"] }], ["n"]);
    const parameters = Float32Array.from([...mean.data, ...variance.data]);
    const forward = new Forward(spec, rows);
    forward.run(parameters, Float32Array.from(x.data), rows);
    expect(apart(forward.outputs, expected.normalised.data, { rtol: 1e-4, atol: 1e-6 })).toBeNull();
  });

  test("there are cases", () => {
    expect(cases.length).toBe(2);
  });
});
