import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import { f32, layout, viewsOf } from "../../../src/core/layout.ts";
import { defaultsOf } from "../../../src/core/params.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { LEARNER_ROWS, simdEngine } from "../../../src/nn/simd/engine.ts";
import { loadKernels } from "../../../src/nn/simd/kernels.ts";
import { SimdNetwork, workspaceLayout } from "../../../src/nn/simd/network.ts";
import { padded } from "../../../src/nn/simd/packing.ts";
import { network, parameterTensors, tfjsEngine } from "../../../src/nn/tfjs/engine.ts";
import { sharedMemory } from "../../../src/runtime/memory/memory.ts";
import { forward, gradientOf, lossOf, type Sizes } from "../plain.ts";
import { normals, specOf } from "../specs.ts";
import { tf } from "../tf.ts";
import { builds, type Drawn, distance, learnerGround } from "./arena.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const anySizes: fc.Arbitrary<Sizes> = fc.record({
  inputs: fc.integer({ min: 1, max: 9 }),
  widths: fc.array(fc.integer({ min: 1, max: 21 }), { maxLength: 4 }),
  actions: fc.integer({ min: 2, max: 6 }),
  activation: fc.constantFrom("tanh" as const, "relu" as const),
});

const close = (actual: number, expected: number, what: string, relative = 1e-5) =>
  expect(Math.abs(actual - expected), what).toBeLessThan(relative * (1 + Math.abs(expected)));

describe.each(builds)("the forward pass, %s", (build) => {
  test("is that of plain float64 arithmetic and of TensorFlow.js to 1e-5, from any row on", () => {
    const drawn = fc.record({
      sizes: anySizes,
      rows: fc.integer({ min: 1, max: 23 }),
      first: fc.integer({ min: 0, max: 5 }),
      seed: fc.nat(),
      scale: fc.constantFrom(0.1, 0.5, 1),
    });
    fc.assert(
      fc.property(drawn, ({ sizes, rows, first, seed, scale }) => {
        const spec = specOf(sizes);
        const room = first + rows + 2;
        const of = layout({
          parameters: f32(spec.size),
          observation: f32(rows, spec.inputs),
          workspace: workspaceLayout(spec, room, null),
        });
        const memory = sharedMemory(of.bytes);
        const { parameters, observation, workspace } = viewsOf(of, memory.buffer);
        parameters.set(normals(seed, spec.size, scale));
        observation.set(normals(seed + 1, rows * spec.inputs));
        workspace.activations.fill(Number.NaN);
        const net = new SimdNetwork(loadKernels(memory, build), spec, workspace, room);
        net.load(parameters.byteOffset);
        const outputs = new Float32Array(memory.buffer, net.outputsAt(0), room * net.stride);
        net.forward(observation.byteOffset, rows, first);
        const theirs = tf.tidy(() => {
          const { logits, value } = network(
            tf,
            spec,
            parameterTensors(tf, spec, parameters),
          )(tf.tensor2d(observation.slice(), [rows, spec.inputs]));
          return { logits: logits.dataSync(), value: value.dataSync() };
        });
        for (let r = 0; r < room; r++) {
          const row = outputs.subarray(r * net.stride, (r + 1) * net.stride);
          if (r < first || r >= first + rows) {
            expect(row.every(Number.isNaN), `row ${r} is not of the batch`).toBe(true);
            continue;
          }
          const n = r - first;
          const plain = forward(sizes, parameters, [...observation.subarray(n * spec.inputs, (n + 1) * spec.inputs)]);
          for (let a = 0; a < sizes.actions; a++) {
            close(row[a], plain.logits[a], `logit ${a} of row ${n}`);
            close(row[a], theirs.logits[n * sizes.actions + a], `logit ${a} of row ${n}, TensorFlow.js`);
          }
          close(row[sizes.actions], plain.value, `value of row ${n}`);
          close(row[sizes.actions], theirs.value[n], `value of row ${n}, TensorFlow.js`);
          expect([...row.subarray(sizes.actions + 1)]).toEqual(Array(net.stride - sizes.actions - 1).fill(0));
        }
      }),
      { numRuns: 80 },
    );
  });

  test("rows that the workspace does not keep are refused", () => {
    const spec = specOf({ inputs: 2, widths: [3], actions: 2, activation: "tanh" });
    const of = workspaceLayout(spec, 4, null);
    const memory = sharedMemory(of.bytes);
    const workspace = viewsOf(of, memory.buffer);
    const net = new SimdNetwork(loadKernels(memory, build), spec, workspace, 4);
    expect(() => net.forward(workspace.observation.byteOffset, 5)).toThrow("rows 0 to 5 do not fit a workspace of 4");
    expect(() => net.forward(workspace.observation.byteOffset, 2, 3)).toThrow("rows 3 to 5");
  });
});

const anyUpdate: fc.Arbitrary<Drawn> = fc.record({
  sizes: anySizes,
  rows: fc.constantFrom(1, 2, 3, 4, 5, 7, 13, 33, 64, 65, 130),
  seed: fc.nat(),
  scale: fc.constantFrom(0.1, 0.5, 1),
  valueCost: fc.constantFrom(0, 0.25, 0.5, 3),
  entropyCost: fc.constantFrom(0, 0.01, 0.5),
});

/** Below this norm a gradient's errors are measured in absolute terms: the rows of a batch may cancel. */
const LEAST_NORM = 0.1;

test("a workspace of another size is refused, and one of an acting network where gradients are asked for", () => {
  const spec = specOf({ inputs: 2, widths: [3], actions: 2, activation: "tanh" });
  const of = workspaceLayout(spec, LEARNER_ROWS, null);
  const memory = sharedMemory(of.bytes);
  const workspace = viewsOf(of, memory.buffer);
  const kernels = loadKernels(memory);
  expect(() => new SimdNetwork(kernels, spec, workspace, LEARNER_ROWS + 1)).toThrow("not laid out for");
  expect(() => simdEngine(kernels, memory, spec, workspace, algorithms.a2c.losses.categorical.outputGradient)).toThrow(
    "for acting, not for learning",
  );
});

describe.each(builds)("the gradient, %s", (build) => {
  test("is the chain rule's in plain float64 arithmetic to 1e-5 of its norm; so are the parts of the loss", () => {
    fc.assert(
      fc.property(anyUpdate, (drawn) => {
        const of = learnerGround(drawn, { build });
        of.differentiate();
        const expected = gradientOf(drawn.sizes, of.parameters, of.batch, drawn);
        expect(distance(of.gradient, expected, LEAST_NORM)).toBeLessThan(1e-5);
        const { loss, policyLoss, valueLoss, entropy } = lossOf(drawn.sizes, of.parameters, of.batch, drawn);
        [loss, policyLoss, valueLoss, entropy].forEach((part, i) => {
          close(of.stats[i], part, `part ${i} of the loss`);
        });
        expect(of.untouched(), "only the gradient and the workspace are written").toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test.each(Object.keys(algorithms) as AlgorithmId[])(
    "is that of %s's loss as it is written in TensorFlow.js, to 1e-5 of its norm",
    (algo) => {
      fc.assert(
        fc.property(anyUpdate, (drawn) => {
          const of = learnerGround(drawn, { build, algo });
          of.differentiate();
          const { losses, params } = algorithms[algo];
          const engine = tfjsEngine(tf, "cpu", of.spec, losses.categorical);
          const gradient = new Float32Array(of.spec.size);
          const stats = new Float32Array(4);
          engine.differentiate(of.parameters, of.batch, { ...defaultsOf(params), ...of.hp }, gradient, stats);
          engine.dispose();
          expect(distance(of.gradient, gradient, LEAST_NORM)).toBeLessThan(1e-5);
          stats.forEach((part, i) => {
            close(of.stats[i], part, `part ${i} of the loss`);
          });
        }),
        { numRuns: 40 },
      );
    },
  );

  test("padding stays zero, whatever was differentiated before", () => {
    fc.assert(
      fc.property(anyUpdate, (drawn) => {
        const of = learnerGround(drawn, { build });
        of.differentiate();
        of.differentiate();
        const { sizes } = drawn;
        const trunk = [sizes.inputs, ...sizes.widths];
        let at = 0;
        let seen = 0;
        [...sizes.widths, sizes.actions + 1].forEach((outputs, l) => {
          const n = padded(outputs);
          for (let i = 0; i < (trunk[l] + 1) * n; i++)
            if (i % n >= outputs) {
              seen += Math.abs(of.workspace.packed[at + i]) + Math.abs(of.workspace.gradient[at + i]);
            }
          at += (trunk[l] + 1) * n;
        });
        expect(at).toBe(of.workspace.packed.length);
        expect(seen).toBe(0);
        expect(of.workspace.zeros.every((x) => x === 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("a gradient that became not a number leaves nothing behind", () => {
    const drawn: Drawn = {
      sizes: { inputs: 3, widths: [5, 6], actions: 2, activation: "tanh" },
      rows: 9,
      seed: 3,
      scale: 0.5,
      valueCost: 0.5,
      entropyCost: 0.01,
    };
    const of = learnerGround(drawn, { build });
    of.differentiate();
    const expected = [...of.gradient];
    const [parameter] = of.parameters;
    of.parameters[0] = Number.NaN;
    of.differentiate();
    expect(of.stats[0]).toBeNaN();
    of.parameters[0] = parameter;
    of.differentiate();
    expect([...of.gradient]).toEqual(expected);
  });

  test.each([
    [[300, 0, -300]],
    [[5000, -20, -5000]],
    [[-90, 90, 0]],
    [[86.9, 0, -0.2]],
    [[88, 0, 175]],
    [[5000, 5000, 5000.5]],
    [[-3000, -3000.25, -3001]],
  ])("logits of %o give finite numbers, and the right ones", (logits) => {
    const sizes: Sizes = { inputs: 1, widths: [], actions: 3, activation: "tanh" };
    const drawn = { sizes, rows: 3, seed: 1, scale: 0, valueCost: 0.5, entropyCost: 0.5 };
    const of = learnerGround(drawn, { build });
    of.parameters.set(logits);
    of.batch.observation.fill(1);
    of.batch.action.set([2, 0, 1]);
    of.batch.advantage.set([1, -1, 0.5]);
    of.differentiate();
    expect([...of.gradient, ...of.stats].every(Number.isFinite)).toBe(true);
    expect(distance(of.gradient, gradientOf(sizes, of.parameters, of.batch, drawn), LEAST_NORM)).toBeLessThan(1e-5);
    const { loss, policyLoss, entropy } = lossOf(sizes, of.parameters, of.batch, drawn);
    close(of.stats[0], loss, "loss");
    close(of.stats[1], policyLoss, "policy loss");
    close(of.stats[3], entropy, "entropy");
  });

  test("the same bits again, in another memory and at another address", () => {
    fc.assert(
      fc.property(anyUpdate, fc.integer({ min: 0, max: 9 }), (drawn, lines) => {
        const one = learnerGround(drawn, { build });
        const other = learnerGround(drawn, { build, offset: 64 * lines });
        other.parameters.fill(0.3);
        other.differentiate(); // something else went before
        other.parameters.set(one.parameters);
        for (const of of [one, other]) of.differentiate();
        expect([...other.gradient]).toEqual([...one.gradient]);
        expect([...other.stats]).toEqual([...one.stats]);
      }),
      { numRuns: 30 },
    );
  });
});

test("the bits of a gradient are those of its rows in order: blocks leave no trace", () => {
  // The head's bias gradient is the sum over the rows; in float32, the order of the sum shows.
  const drawn: Drawn = {
    sizes: { inputs: 2, widths: [], actions: 2, activation: "tanh" },
    rows: 130,
    seed: 8,
    scale: 0.5,
    valueCost: 1,
    entropyCost: 0,
  };
  const of = learnerGround(drawn);
  of.parameters.fill(0);
  of.differentiate();
  let sum = 0;
  const inverse = Math.fround(1 / drawn.rows);
  for (const R of of.batch.returns) sum = Math.fround(sum + Math.fround(-R * inverse));
  expect(of.gradient[layerOf(of.spec, "value", "dense").bias]).toBe(sum);
});

test("a gradient allocates a few boxed numbers and nothing else", () => {
  const sizes: Sizes = { inputs: 4, widths: [16], actions: 2, activation: "tanh" };
  const of = learnerGround({ sizes, rows: 20, seed: 1, scale: 0.5, valueCost: 0.5, entropyCost: 0.01 });
  const litter: number[] = [];
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 1000; i++) of.differentiate(); // until it is optimised
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 1000; i++) of.differentiate();
    litter.push((process.memoryUsage().heapUsed - before) / 1000);
  }
  // Compilers allocate too: the best round is the engine's own.
  expect(Math.min(...litter)).toBeLessThan(200); // bytes
});

test.each(["parameters", "gradient", "observation", "action", "advantage", "returns"] as const)(
  "%s outside of the memory are refused",
  (name) => {
    const sizes: Sizes = { inputs: 2, widths: [4], actions: 2, activation: "relu" };
    const of = learnerGround({ sizes, rows: 3, seed: 1, scale: 1, valueCost: 1, entropyCost: 0 });
    const { parameters, gradient, ...batch } = { ...of.batch, parameters: of.parameters, gradient: of.gradient };
    const moved = { parameters, gradient, ...batch, [name]: { ...batch, parameters, gradient }[name].slice() };
    expect(() => of.engine.differentiate(moved.parameters, moved, of.hp, moved.gradient, of.stats)).toThrow(
      "outside of the run's memory",
    );
  },
);
