import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate, generatedFile } from "../../src/cli/kernels.ts";
import { f32, i32, layout, u32, viewsOf } from "../../src/core/layout.ts";
import { Rng } from "../../src/core/rng.ts";
import { type OptimizerName, plainOptimizer } from "../../src/nn/optimizers.ts";
import { LEARNER_ROWS, simdEngine } from "../../src/nn/simd/engine.ts";
import { fastest, reproducible } from "../../src/nn/simd/kernels.generated.ts";
import { loadKernels } from "../../src/nn/simd/kernels.ts";
import { workspaceLayout } from "../../src/nn/simd/network.ts";
import { simdOptimizer } from "../../src/nn/simd/optimizer.ts";
import { simdPolicy } from "../../src/nn/simd/policy.ts";
import { sharedMemory } from "../../src/runtime/memory.ts";
import { forward, gradientOf, logSoftmax, lossOf, type Sizes } from "./plain.ts";
import { anySizes, normals, specOf } from "./specs.ts";

const bytesOf = (base64: string) => Buffer.from(base64, "base64");

describe("the compiled kernels", () => {
  test("are those of their source (npm run kernels writes them)", () => {
    expect(readFileSync(generatedFile, "utf8")).toBe(generate());
  }, 60_000);

  test("import the memory and nothing else, hold no data, and are small", () => {
    const module = new WebAssembly.Module(bytesOf(reproducible));
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    const memory = sharedMemory(65_536);
    loadKernels(memory);
    expect(new Set(new Uint8Array(memory.buffer))).toEqual(new Set([0])); // nothing was written at the start
    expect(gzipSync(bytesOf(reproducible)).length + gzipSync(bytesOf(fastest)).length).toBeLessThan(15_000);
  });
});

/** Everything a learner needs, in one memory. */
function ground(sizes: Sizes, rows: number) {
  const spec = specOf(sizes);
  const of = layout({
    parameters: f32(spec.size),
    gradient: f32(spec.size),
    observation: f32(rows, spec.inputs),
    action: i32(rows),
    advantage: f32(rows),
    returns: f32(rows),
    workspace: workspaceLayout(spec, LEARNER_ROWS, true),
    canary: f32(64),
  });
  const memory = sharedMemory(of.bytes);
  const views = viewsOf(of, memory.buffer);
  views.canary.fill(Number.NaN);
  return { spec, memory, views, engine: simdEngine(loadKernels(memory), memory, spec, views.workspace) };
}

interface Drawn {
  sizes: Sizes;
  rows: number;
  seed: number;
  scale: number;
  valueCost: number;
  entropyCost: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  sizes: anySizes,
  rows: fc.constantFrom(1, 2, 3, 4, 5, 7, 13, 64, 65, 130),
  seed: fc.nat(),
  scale: fc.constantFrom(0.1, 0.7, 1.5),
  valueCost: fc.constantFrom(0, 0.25, 0.5, 3),
  entropyCost: fc.constantFrom(0, 0.01, 0.5),
});

function fill({ sizes, rows, seed, scale }: Drawn) {
  const of = ground(sizes, rows);
  const { views, spec } = of;
  views.parameters.set(normals(seed, spec.size, scale));
  views.observation.set(normals(seed + 1, rows * sizes.inputs));
  const noise = normals(seed + 2, rows);
  for (let n = 0; n < rows; n++) views.action[n] = Math.floor(Math.abs(noise[n]) * 1000) % sizes.actions;
  views.advantage.set(normals(seed + 3, rows, 2));
  views.returns.set(normals(seed + 4, rows, 5));
  return of;
}

describe("the SIMD engine", () => {
  test("its gradient and its loss are those of plain float64 arithmetic, to 1e-5", () => {
    fc.assert(
      fc.property(drawn, (of) => {
        const { views, engine } = fill(of);
        const batch = { rows: of.rows, ...views };
        const stats = new Float32Array(4);
        engine.differentiate(views.parameters, batch, { ...of }, views.gradient, stats);
        const expected = gradientOf(of.sizes, views.parameters, batch, of);
        const scale = 1 + Math.max(...expected.map(Math.abs));
        expected.forEach((g, i) => {
          expect(Math.abs(views.gradient[i] - g), `parameter ${i}`).toBeLessThan(1e-5 * scale);
        });
        const parts = lossOf(of.sizes, views.parameters, batch, of);
        [parts.loss, parts.policyLoss, parts.valueLoss, parts.entropy].forEach((part, i) => {
          expect(Math.abs(stats[i] - part), `part ${i}`).toBeLessThan(2e-5 * (1 + Math.abs(part)));
        });
        expect([...views.canary].every(Number.isNaN)).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  test("the same bits twice, in two memories", () => {
    const of: Drawn = {
      sizes: { inputs: 4, widths: [13, 6], actions: 3, activation: "tanh" },
      rows: 130,
      seed: 5,
      scale: 0.7,
      valueCost: 0.5,
      entropyCost: 0.01,
    };
    const run = () => {
      const { views, engine } = fill(of);
      for (let i = 0; i < 3; i++)
        engine.differentiate(
          views.parameters,
          { rows: of.rows, ...views },
          { ...of },
          views.gradient,
          new Float32Array(4),
        );
      return [...views.gradient];
    };
    expect(run()).toEqual(run());
  });

  test("logits hundreds apart stay finite and right", () => {
    const sizes: Sizes = { inputs: 1, widths: [], actions: 3, activation: "tanh" };
    for (const logits of [
      [300, 0, -300],
      [5000, -20, -5000],
      [-90, 90, 0],
    ]) {
      const { views, engine } = ground(sizes, 2);
      views.parameters.set(logits);
      views.observation.fill(1);
      views.action.set([2, 0]);
      views.advantage.set([1, -1]);
      const stats = new Float32Array(4);
      const costs = { valueCost: 0.5, entropyCost: 0.5 };
      engine.differentiate(views.parameters, { rows: 2, ...views }, costs, views.gradient, stats);
      const expected = gradientOf(sizes, views.parameters, { rows: 2, ...views }, costs);
      expected.forEach((g, i) => {
        expect(views.gradient[i]).toBeCloseTo(g, 5);
      });
      const { loss } = lossOf(sizes, views.parameters, { rows: 2, ...views }, costs);
      expect(Math.abs(stats[0] - loss)).toBeLessThan(1e-5 * (1 + Math.abs(loss)));
    }
  });

  test("arrays outside of its memory are refused", () => {
    const { views, engine } = ground({ inputs: 2, widths: [4], actions: 2, activation: "relu" }, 3);
    const elsewhere = { rows: 3, ...views, returns: new Float32Array(3) };
    const costs = { valueCost: 1, entropyCost: 0 };
    expect(() => engine.differentiate(views.parameters, elsewhere, costs, views.gradient, new Float32Array(4))).toThrow(
      /outside/,
    );
  });

  test("a thousand gradients allocate almost nothing", () => {
    const of: Drawn = {
      sizes: { inputs: 4, widths: [16], actions: 2, activation: "tanh" },
      rows: 20,
      seed: 1,
      scale: 0.7,
      valueCost: 0.5,
      entropyCost: 0.01,
    };
    const { views, engine } = fill(of);
    const batch = { rows: of.rows, ...views };
    const stats = new Float32Array(4);
    const many = (n: number) => {
      for (let i = 0; i < n; i++) engine.differentiate(views.parameters, batch, of as never, views.gradient, stats);
    };
    many(3000); // optimised
    const before = process.memoryUsage().heapUsed;
    many(1000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000); // 200 bytes each: boxed numbers at the border
  });
});

describe("the SIMD policy", () => {
  /** A policy in a memory of its own, with a stream a row. */
  function acting(sizes: Sizes, rows: number, seed: number) {
    const spec = specOf(sizes);
    const of = layout({
      parameters: f32(spec.size),
      streams: u32(rows, 4),
      workspace: workspaceLayout(spec, rows, false),
    });
    const memory = sharedMemory(of.bytes);
    const views = viewsOf(of, memory.buffer);
    for (let r = 0; r < rows; r++) new Rng(views.streams.subarray(4 * r, 4 * r + 4)).seed(seed, r);
    const policy = simdPolicy(loadKernels(memory), spec, views.workspace, rows, {
      words: views.streams,
      first: 0,
      apart: 4,
    });
    return { spec, views, policy };
  }

  test("logits and values are those of plain float64 arithmetic, and of a row alone bit for bit", () => {
    fc.assert(
      fc.property(anySizes, fc.integer({ min: 1, max: 9 }), fc.nat(), (sizes, rows, seed) => {
        const { spec, views, policy } = acting(sizes, rows, seed);
        const alone = acting(sizes, 1, seed);
        const observation = normals(seed + 1, rows * sizes.inputs);
        for (const { views: of } of [{ views }, alone]) of.parameters.set(normals(seed, spec.size, 0.7));
        policy.load(views.parameters);
        alone.policy.load(alone.views.parameters);
        policy.observation.set(observation);
        policy.run(rows);
        for (let r = 0; r < rows; r++) {
          const row = observation.subarray(r * sizes.inputs, (r + 1) * sizes.inputs);
          const { logits, value } = forward(sizes, views.parameters, [...row]);
          [...logits, value].forEach((z, a) => {
            expect(Math.abs(policy.outputs[r * policy.stride + a] - z)).toBeLessThan(1e-5 * (1 + Math.abs(z)));
          });
          alone.policy.observation.set(row);
          alone.policy.run(1);
          expect([...policy.outputs.subarray(r * policy.stride, r * policy.stride + sizes.actions + 1)]).toEqual([
            ...alone.policy.outputs.subarray(0, sizes.actions + 1),
          ]);
        }
      }),
      { numRuns: 80 },
    );
  });

  test.each([[[0, 1.5]], [[2, 0, -1, 0.5, 1]], [[0, -80]]])(
    "draws actions as often as the softmax of %o says",
    (logits) => {
      const sizes: Sizes = { inputs: 1, widths: [], actions: logits.length, activation: "tanh" };
      const rows = 50;
      const draws = 400;
      const { spec, views, policy } = acting(sizes, rows, 9);
      views.parameters.set(logits, spec.logits.bias);
      policy.load(views.parameters);
      policy.run(rows);
      const twin = views.streams.slice();
      const counts = logits.map(() => 0);
      for (let d = 0; d < draws; d++) {
        policy.sample(rows);
        for (const action of policy.actions) counts[action]++;
      }
      const n = rows * draws;
      logSoftmax(logits).forEach((logP, a) => {
        const p = Math.exp(logP);
        expect(Math.abs(counts[a] - n * p)).toBeLessThan(4.5 * Math.sqrt(n * p * (1 - p)) + 1e-9);
      });
      // Every row has drawn once a call from its own stream.
      for (let r = 0; r < rows; r++) {
        const rng = new Rng(twin.subarray(4 * r, 4 * r + 4));
        for (let d = 0; d < draws; d++) rng.next();
      }
      expect([...views.streams]).toEqual([...twin]);
    },
  );
});

describe("the SIMD optimizer", () => {
  test.each(["rmsprop", "adam"] as OptimizerName[])("%s, clipping and sums agree with plain TypeScript", (rule) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.nat(), fc.constantFrom(0.01, 0.5, 100), (size, seed, limit) => {
        const vectors = {
          theta: f32(size),
          gradient: f32(size),
          other: f32(size),
          first: f32(size),
          second: f32(size),
          steps: i32(1),
        };
        const of = layout(vectors);
        const memory = sharedMemory(of.bytes);
        const mine = viewsOf(of, memory.buffer);
        const theirs = viewsOf(of, new ArrayBuffer(of.bytes));
        const simd = simdOptimizer(loadKernels(memory));
        const hp = { lr: 0.01, decay: 0.99, beta1: 0.9, beta2: 0.999, epsilon: 1e-5 };
        mine.theta.set(normals(seed, size));
        theirs.theta.set(mine.theta);
        for (let step = 1; step <= 5; step++) {
          for (const [views, optimizer] of [
            [mine, simd],
            [theirs, plainOptimizer],
          ] as const) {
            views.gradient.set(normals(seed + step, size));
            views.other.set(normals(seed - step, size));
            optimizer.addScaled(views.gradient, views.other, 0.25);
          }
          const norms = [simd.clip(mine.gradient, limit), plainOptimizer.clip(theirs.gradient, limit)];
          expect(norms[0]).toBeCloseTo(norms[1], 4);
          simd.step(rule, mine.theta, mine.gradient, mine, hp);
          plainOptimizer.step(rule, theirs.theta, theirs.gradient, theirs, hp);
          mine.theta.forEach((x, i) => {
            expect(Math.abs(x - theirs.theta[i])).toBeLessThan(1e-5 * (1 + Math.abs(theirs.theta[i])));
          });
        }
        expect(mine.steps[0]).toBe(5);
      }),
      { numRuns: 40 },
    );
  });
});
