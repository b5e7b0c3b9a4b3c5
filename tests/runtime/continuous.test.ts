/** Runs in environments with continuous actions: they learn on every engine, and keep their bits whatever disturbs them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlgorithmId } from "../../src/algorithms/index.ts";
import type { AnyValues } from "../../src/core/params.ts";
import { Rng } from "../../src/core/rng.ts";
import { clip, type Environment } from "../../src/envs/environment.ts";
import { type EnvId, envs } from "../../src/envs/index.ts";
import { tfjsEngine } from "../../src/nn/tfjs/engine.ts";
import { simdActor } from "../../src/runtime/acting/simdActor.ts";
import { type RunConfig, withValues } from "../../src/runtime/plan/config.ts";
import { Stream } from "../../src/runtime/plan/streams.ts";
import { localRun } from "../../src/runtime/threads/local.ts";
import { SoloRun } from "../../src/runtime/threads/solo.ts";
import { tf } from "../nn/tf.ts";
import { runUntil, simdStage } from "./simd.ts";
import { always, smallConfig } from "./stage.ts";

const environments = (Object.keys(envs) as EnvId[]).filter((id) => envs[id].actions.kind === "continuous");
const explorations = ["white", "ou", "gsde"] as const;
const algorithms = ["a2c", "a3c"] as const;

const config = (algo: AlgorithmId, env: EnvId, values: AnyValues): RunConfig =>
  smallConfig(algo, { sdeEvery: 3, evalEvery: 10, seed: 3, lr: 0.003, ...values }, env);

test("there are environments with continuous actions", () => {
  expect(environments.length).toBeGreaterThanOrEqual(2);
});

describe.each(environments)("%s", (env) => {
  const pairs = algorithms.flatMap((algo) => explorations.map((exploration) => [algo, exploration] as const));

  test.each(pairs)(
    "%s, %s: gradients at the actors and at the learner are the same, and are learnt from",
    async (algo, exploration) => {
      const outcomeOf = async (gradients: "actors" | "learner") => {
        const of = simdStage(config(algo, env, { exploration, gradients }));
        const before = of.learner.parameters.slice();
        await runUntil(of, () => of.learner.record.updates === 40);
        const { length, rows } = of.memory.evaluator.board.evaluations;
        expect(length[0]).toBe(4);
        return { before, parameters: of.learner.parameters.slice(), evaluations: [...rows] };
      };
      const [actors, learner] = [await outcomeOf("actors"), await outcomeOf("learner")];
      expect(actors.parameters.every(Number.isFinite)).toBe(true);
      expect(actors.evaluations.every(Number.isFinite)).toBe(true);
      // Every number of policy, value and noise has moved.
      expect(actors.parameters.every((x, i) => x !== actors.before[i])).toBe(true);
      actors.parameters.forEach((x, i) => {
        expect(Math.abs(x - learner.parameters[i])).toBeLessThan(2e-3);
      });
    },
  );

  test.each(explorations)("%s: TensorFlow.js goes where the kernels go", async (exploration) => {
    const of = config("a2c", env, {
      exploration,
      gradients: "learner",
      engine: "tfjs-cpu",
      until: [{ when: "updates", count: 10 }],
    });
    const theirs = localRun(of, (plan) => tfjsEngine(tf, "cpu", plan.spec, plan));
    await theirs.run();
    const ours = simdStage(withValues(of, { engine: "simd" }));
    await runUntil(ours, () => ours.learner.record.updates === 10);
    ours.learner.parameters.forEach((x, i) => {
      expect(Math.abs(x - theirs.learner.parameters[i])).toBeLessThan(2e-3);
    });
  });

  test.each(explorations)(
    "%s: an unroll is what the clipped actions lead to, and keeps them as they were drawn",
    (exploration) => {
      const of = simdStage(config("a2c", env, { exploration, initialSigma: 3, envs: 3, unroll: 50 }));
      const { plan, memory } = of;
      const { B, T, acting } = plan;
      const environment: Environment = plan.environment;
      if (environment.actions.kind !== "continuous") throw new Error("actions are discrete");
      const { actions } = environment;
      expect(of.actors[1].collect(always)).toBe("collected");
      const unroll = memory.actors[1].unrolls[0];
      const size = environment.state.length;
      const state = new Float64Array(size);
      let beyond = 0;
      for (let b = 0; b < B; b++) {
        const world = new Rng().seed(plan.values.seed, Stream.world, 1, b);
        environment.initial(world, state);
        for (let t = 0; t < T; t++) {
          const i = t * B + b;
          const drawn = unroll.action.subarray(i * acting.size, (i + 1) * acting.size);
          const action = drawn.slice();
          clip(actions, action);
          if (action.some((x, k) => x !== drawn[k])) beyond++;
          const reward = environment.step(state, action, plan.values as never, world);
          expect(unroll.reward[i]).toBe(Math.fround(reward));
          if (environment.terminal(state, plan.values as never)) environment.initial(world, state);
        }
        expect([...memory.actors[1].copies.state.subarray(b * size, (b + 1) * size)]).toEqual([...state]);
      }
      expect(beyond).toBeGreaterThan(10);
      expect(beyond).toBeLessThan(B * T);
    },
  );

  test.each(explorations)("%s: on one thread and disturbed, a lockstep run has the same bits", async (exploration) => {
    const of = config("a2c", env, { exploration, gradients: "actors" });
    const quiet = simdStage(of);
    await runUntil(quiet, () => quiet.learner.record.updates === 30);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { maxLength: 20 }), async (moves) => {
        const noisy = simdStage(of);
        const actors = [...noisy.actors];
        const { plan, wasm, memory, learner } = noisy;
        const next = [...moves];
        while (learner.record.updates < 30) {
          // An actor is stopped in the middle of an unroll, and another takes its place; they go on in any order.
          const [who, after] = next.pop() ?? [0, 0];
          let steps = 0;
          if (actors[who].collect(() => ++steps <= after) === "stopped")
            actors[who] = simdActor(plan, wasm, memory, who);
          for (let k = 0; k < actors.length; k++) actors[(k + who) % actors.length].collect(always);
          await learner.update(learner.ready()!);
        }
        expect([...learner.parameters]).toEqual([...quiet.learner.parameters]);
      }),
      { numRuns: 10 },
    );
  });

  test.each(explorations)(
    "%s: a run that goes on from a checkpoint has the bits of one that was not interrupted",
    async (exploration) => {
      const of = config("a2c", env, { exploration });
      const updates = async (run: SoloRun, count: number) => {
        while (run.learner.record.updates < count) await run.update();
        run.publish();
        return [...run.learner.parameters];
      };
      const whole = await updates(new SoloRun(of), 40);
      const first = new SoloRun(of);
      await updates(first, 17);
      const checkpoint = first.checkpoint();
      if (checkpoint === null) throw new Error("there is no checkpoint");
      const second = new SoloRun(of, { resume: { checkpoint, edits: [] } });
      expect(second.learner.record.updates).toBe(17);
      expect(await updates(second, 40)).toEqual(whole);
      // What it goes on from matters: with other noise it goes elsewhere.
      if (exploration === "white") return;
      const other = new SoloRun(of, { resume: { checkpoint, edits: [] } });
      for (const { copies } of other.memory.actors) copies.exploration.fill(0);
      expect(await updates(other, 40)).not.toEqual(whole);
    },
  );
});
