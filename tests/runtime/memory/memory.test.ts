import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import { type EnvId, envs } from "../../../src/envs/index.ts";
import { formatMemory, memoryLayout, openMemory, sharedMemory } from "../../../src/runtime/memory/memory.ts";
import { defaultConfig, type RunConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";

const anyConfig: fc.Arbitrary<RunConfig> = fc
  .record({
    algo: fc.constantFrom(...(Object.keys(algorithms) as AlgorithmId[])),
    env: fc.constantFrom(...(Object.keys(envs) as EnvId[])),
    actors: fc.oneof(fc.integer({ min: 1, max: 32 }), fc.constantFrom(1, 32)),
    envs: fc.integer({ min: 1, max: 20 }),
    unroll: fc.integer({ min: 1, max: 20 }),
    hidden: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
  })
  .map(({ algo, env, ...values }) => withValues(defaultConfig(algo, env), values));

/** Every typed view of a memory with its path. */
function leavesOf(views: unknown, path = ""): { path: string; leaf: ArrayBufferView<ArrayBufferLike> }[] {
  if (ArrayBuffer.isView(views)) return [{ path, leaf: views }];
  return Object.entries(views as object).flatMap(([name, inner]) => leavesOf(inner, `${path}/${name}`));
}

const fresh = (config: RunConfig) => {
  const plan = planRun(config);
  const buffer = new ArrayBuffer(memoryLayout(plan).bytes);
  return { plan, buffer, memory: formatMemory(plan, buffer) };
};

describe("the memory of any legal run", () => {
  test("has regions that lie apart, inside it, each in its place", () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const { buffer, memory } = fresh(config);
        const leaves = leavesOf(memory).sort((a, b) => a.leaf.byteOffset - b.leaf.byteOffset);
        let end = 0;
        for (const { path, leaf } of leaves) {
          if (leaf.byteLength === 0) continue;
          expect(leaf.byteOffset, path).toBeGreaterThanOrEqual(end);
          end = leaf.byteOffset + leaf.byteLength;
        }
        expect(end).toBeLessThanOrEqual(buffer.byteLength);
      }),
      { numRuns: 40 },
    );
  });

  test("has room for what the plan says", () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const { plan, memory } = fresh(config);
        const {
          actors,
          envs: B,
          unroll: T,
          hidden,
        } = config.values as Record<"actors" | "envs" | "unroll", number> & {
          hidden: number[];
        };
        const { actions, observations, state } = plan.environment;
        const [obs, D] = [observations.length, actions.kind === "discrete" ? 1 : actions.components.length];
        const widths = [obs, ...hidden];
        const trunk = widths.slice(1).reduce((sum, width, i) => sum + widths[i] * width + width, 0);
        const last = widths[widths.length - 1];
        // Logits and value; or mean, value, and a deviation of every weight of the noise.
        const P =
          trunk +
          (actions.kind === "discrete" ? (last + 1) * (actions.names.length + 1) : (last + 1) * (D + 1) + last * D);
        expect(memory.learner.first).toHaveLength(P);
        expect(memory.learner.second).toHaveLength(P);
        for (const bank of memory.parameters.banks) expect(bank.parameters).toHaveLength(P);
        expect(memory.parameters.pins).toHaveLength(plan.room + 1);
        expect(memory.control.requested).toHaveLength(plan.live.length);
        expect(plan.room).toBeGreaterThanOrEqual(actors);
        expect(memory.actors).toHaveLength(plan.room);
        for (const actor of memory.actors) {
          expect(actor.snapshot.parameters).toHaveLength(P);
          expect(actor.copies.state).toHaveLength(B * state.length);
          expect(actor.copies.exploration).toHaveLength(actions.kind === "discrete" ? 0 : B * last * D);
          expect(actor.copies.streams).toHaveLength(B * 2 * 4);
          for (const unroll of actor.unrolls) {
            expect(unroll.observation).toHaveLength((T + 1) * B * obs);
            expect(unroll.action).toHaveLength(T * B * D);
            expect(unroll.value).toHaveLength((T + 1) * B);
            for (const name of [
              "reward",
              "discount",
              "truncated",
              "finalValue",
              "episodeReturn",
              "episodeLength",
            ] as const)
              expect(unroll[name], name).toHaveLength(T * B);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("opens for the same configuration, through which canaries survive", () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const { buffer, memory } = fresh(config);
        const canaries = [
          Number.NaN,
          Number.POSITIVE_INFINITY,
          Number.NEGATIVE_INFINITY,
          -0,
          2 ** -149,
          3.4028234663852886e38,
        ];
        const floats = leavesOf(memory).flatMap(({ leaf }) => (leaf instanceof Float32Array ? [leaf] : []));
        floats.forEach((leaf, k) => {
          for (let i = 0; i < leaf.length; i += 97) leaf[i] = canaries[(k + i) % canaries.length];
        });
        const opened = leavesOf(openMemory(planRun(structuredClone(config)), buffer));
        opened
          .flatMap(({ leaf }) => (leaf instanceof Float32Array ? [leaf] : []))
          .forEach((leaf, k) => {
            for (let i = 0; i < leaf.length; i += 97)
              if (!Object.is(leaf[i], canaries[(k + i) % canaries.length]))
                expect(leaf[i]).toBe(canaries[(k + i) % canaries.length]);
          });
      }),
      { numRuns: 20 },
    );
  });

  test("starts with nothing published, nobody acting, and the live values of its configuration", () => {
    const config = withValues(defaultConfig("a3c"), { gamma: 0.9, estimator: "n-step", gravity: 1.6 });
    const { plan, memory } = fresh(config);
    expect(memory.parameters.published[0]).toBe(0);
    for (const { version, queue } of memory.actors)
      expect([version[0], queue.committed[0], queue.released[0]]).toEqual([-1, 0, 0]);
    const requested = Object.fromEntries(
      plan.live.map((key, slot) => [key, plan.params[key].fromSlot(memory.control.requested[slot])]),
    );
    for (const key of plan.live) expect(requested[key]).toBe(config.values[key]);
    expect(requested).toMatchObject({ gamma: 0.9, estimator: "n-step", gravity: 1.6 });
    expect(plan.live).not.toContain("pace"); // immediate: a control word
    expect([...memory.control.requests].every((count) => count === 0)).toBe(true);
  });
});

describe("memory is refused in plain words", () => {
  const config = withValues(defaultConfig(), { actors: 2, envs: 3, unroll: 4, hidden: [5] });

  test.each([
    [{ actors: 3 }],
    [{ envs: 4 }],
    [{ unroll: 3 }],
    [{ envs: 4, unroll: 3 }], // the same number of steps
    [{ hidden: [6] }],
    [{ hidden: [5, 1] }],
    [{ hidden: [] }],
  ])("laid out for another run: %j", (values) => {
    const { buffer } = fresh(config);
    expect(() => openMemory(planRun(withValues(config, values)), buffer)).toThrow(/laid out for another configuration/);
  });

  test("that is not a run's at all", () => {
    const { plan, buffer } = fresh(config);
    expect(() => openMemory(plan, new ArrayBuffer(buffer.byteLength))).toThrow(/not the memory of a Cartpool run/);
    const words = new Int32Array(buffer);
    words[0] ^= 1;
    expect(() => openMemory(plan, buffer)).toThrow(/begins otherwise/);
  });

  test("of another format", () => {
    const { plan, buffer, memory } = fresh(config);
    memory.header.format[0]++;
    expect(() => openMemory(plan, buffer)).toThrow(/format 2.*format 1.*reload/);
  });

  test("that is too small, by far or by little", () => {
    const { plan, buffer } = fresh(config);
    expect(() => openMemory(plan, new ArrayBuffer(8))).toThrow(/too small/);
    expect(() => openMemory(plan, buffer.slice(0, -64))).toThrow(/needs \d+ bytes; the buffer has \d+/);
    expect(() => formatMemory(plan, new ArrayBuffer(buffer.byteLength - 64))).toThrow(/needs/);
  });

  test("and an illegal configuration is refused with every problem", () => {
    expect(() => planRun(withValues(config, { actors: 33, gamma: -1 }))).toThrow(
      /actors must be .*33; gamma must be|gamma.*actors/,
    );
  });
});

test("shared memory is shared, in whole pages, and zeroed", () => {
  const { buffer } = sharedMemory(65_537);
  expect(buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(buffer.byteLength).toBe(131_072);
  expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
});

test("the greatest run that can be asked for fits into a WebAssembly memory", () => {
  const greatest = withValues(defaultConfig(), { actors: 32, envs: 256, unroll: 256, hidden: [512, 512, 512, 512] });
  expect(memoryLayout(planRun(greatest)).bytes).toBeLessThan(2 ** 32);
});
