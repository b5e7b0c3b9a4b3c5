import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GradientEngine } from "../../../src/nn/engine.ts";
import { layerOf } from "../../../src/nn/graph.ts";
import { NotFinite } from "../../../src/runtime/learning/learner.ts";
import { editLog, totals, updateLog } from "../../../src/runtime/plan/columns.ts";
import type { RunPlan } from "../../../src/runtime/plan/plan.ts";
import { ParameterReader } from "../../../src/runtime/shared/parameters.ts";
import { forward } from "../../nn/plain.ts";
import { copyOf } from "../../returns/trajectories.ts";
import {
  always,
  edit,
  episodesOf,
  plainEngineOf,
  rowsOf,
  type Stage,
  sizesOf,
  smallConfig,
  spy,
  stage,
  turn,
} from "../stage.ts";

/** An engine whose gradient and loss are what the test says. */
const fixedEngine = (gradient: () => number, loss: () => number = () => 0): GradientEngine => ({
  id: "fixed",
  needsEventLoop: false,
  differentiate(_parameters, _batch, _hp, out, stats) {
    out.fill(gradient());
    stats.fill(0);
    stats[0] = loss();
  },
  dispose() {},
});

const edits = ({ memory }: Stage) => rowsOf(memory.logs.edits, editLog.length);
const latest = ({ plan, memory }: Stage) => {
  const parameters = new Float32Array(plan.spec.size);
  const live = new Float64Array(plan.live.length);
  const version = new ParameterReader(memory.parameters, plan.actors).pull(parameters, live);
  return { version, parameters, live };
};

describe("the batch", () => {
  test("lockstep: the unrolls of all actors in their order, each with its own returns", async () => {
    const engine: { of?: ReturnType<typeof spy> } = {};
    const of = stage(smallConfig("a2c", { estimator: "n-step" }), (plan) => (engine.of = spy(plainEngineOf(plan))), {
      environment: { maxSteps: 9 },
    });
    for (let k = 0; k < 5; k++) {
      for (const actor of of.actors) actor.collect(always);
      const unrolls = of.memory.actors.map(({ unrolls }) => ({
        observation: [...unrolls[0].observation],
        action: [...unrolls[0].action],
        trajectory: {
          T: 4,
          B: 2,
          reward: unrolls[0].reward.slice(),
          discount: unrolls[0].discount.slice(),
          truncated: unrolls[0].truncated.slice(),
          value: unrolls[0].value.slice(),
          finalValue: unrolls[0].finalValue.slice(),
        },
      }));
      await of.learner.update(of.learner.ready()!);
      const { batch } = engine.of!.calls[k];
      expect(batch.rows).toBe(3 * 4 * 2);
      unrolls.forEach(({ observation, action, trajectory }, actor) => {
        const from = actor * 8;
        expect([...batch.observation.subarray(from * 4, (from + 8) * 4)]).toEqual(observation.slice(0, 32));
        expect([...batch.action.subarray(from, from + 8)]).toEqual(action);
        for (let b = 0; b < 2; b++) {
          const { reward, discount, truncated, value, finalValue } = copyOf(trajectory, b);
          let R = value[4];
          for (let t = 3; t >= 0; t--) {
            R = reward[t] + discount[t] * (truncated[t] ? finalValue[t] : R);
            expect(batch.returns[from + t * 2 + b]).toBeCloseTo(R, 5);
            expect(batch.advantage[from + t * 2 + b]).toBeCloseTo(R - value[t], 5);
          }
        }
      });
    }
  });

  test("lockstep waits for the last actor", () => {
    const of = stage(smallConfig("a2c"));
    expect(of.learner.ready()).toBeNull();
    of.actors[2].collect(always);
    of.actors[0].collect(always);
    expect(of.learner.ready()).toBeNull();
    of.actors[1].collect(always);
    expect(of.learner.ready()).toEqual([0, 1, 2]);
  });

  test("only an arrival that the learner can go on from wakes it", async () => {
    for (const [algo, rings] of [
      ["a2c", [0, 0, 1]],
      ["a3c", [1, 2, 3]],
    ] as const) {
      const of = stage(smallConfig(algo));
      for (let update = 0; update < 2; update++) {
        const before = of.memory.learner.bell[0];
        const rung = [1, 2, 0].map((actor) => {
          of.actors[actor].collect(always);
          return of.memory.learner.bell[0] - before;
        });
        expect(rung, algo).toEqual(rings);
        for (let group = of.learner.ready(); group !== null; group = of.learner.ready()) await of.learner.update(group);
      }
    }
  });

  test("an actor whose unroll is not yet applied does not run ahead", async () => {
    const of = stage(smallConfig("a2c"));
    expect(of.actors[0].collect(always)).toBe("collected");
    expect(of.actors[0].collect(always)).toBe("not its turn");
    of.actors[1].collect(always);
    of.actors[2].collect(always);
    await of.learner.update([0, 1, 2]);
    expect(of.actors[0].collect(always)).toBe("collected");
  });

  test("asynchronous: the unroll that arrived first, also where the count of arrivals wraps around", async () => {
    for (const before of [0, 2 ** 31 - 2, -2]) {
      const of = stage(smallConfig("a3c"));
      of.memory.learner.tickets[0] = before;
      const order = [2, 0, 1];
      for (const actor of order) of.actors[actor].collect(always);
      const applied: number[] = [];
      for (let group = of.learner.ready(); group !== null; group = of.learner.ready()) {
        applied.push(...group);
        await of.learner.update(group);
      }
      expect(applied).toEqual(order);
    }
  });
});

describe("staleness", () => {
  test("lockstep has none", async () => {
    const of = stage(smallConfig("a2c"));
    for (let k = 0; k < 10; k++) await turn(of);
    expect(of.learner.record.stalenessMax).toBe(0);
    expect(of.learner.record.stalenessSum).toBe(0);
  });

  test("asynchronous: an unroll counts the updates since its parameters were pulled", async () => {
    const of = stage(smallConfig("a3c"));
    for (const actor of of.actors) actor.collect(always); // all act with version 0
    await of.learner.update(of.learner.ready()!); // actor 0: 0
    await of.learner.update(of.learner.ready()!); // actor 1: 1
    of.actors[1].collect(always); // with version 2
    await of.learner.update(of.learner.ready()!); // actor 2: 2
    await of.learner.update(of.learner.ready()!); // actor 1: 3 − 2 = 1
    const rows = rowsOf(of.memory.logs.updates, updateLog.length);
    expect(rows.map((row) => [row[0], row[3], row[4]])).toEqual([
      [1, 0, 0],
      [2, 1, 1],
      [3, 2, 2],
      [4, 1, 1],
    ]);
    expect([of.learner.record.stalenessSum, of.learner.record.stalenessMax]).toEqual([4, 2]);
  });

  test("asynchronous: the gradient is taken where the actor acted, and applied to the latest", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 7 }), { minLength: 20, maxLength: 40 }), async (moves) => {
        const engine: { of?: ReturnType<typeof spy> } = {};
        const of = stage(smallConfig("a3c", { actors: 4, lr: 0.05 }), (plan) => (engine.of = spy(plainEngineOf(plan))));
        const history = [[...of.learner.parameters]];
        const acted = new Map<number, number>();
        for (const move of moves) {
          if (move < 4) {
            if (of.actors[move].collect(always) === "collected") acted.set(move, history.length - 1);
            continue;
          }
          const group = of.learner.ready();
          if (group === null) continue;
          const [actor] = group;
          const value = [...of.memory.actors[actor].unrolls[0].value];
          await of.learner.update(group);
          const { parameters, batch } = engine.of!.calls[engine.of!.calls.length - 1];
          expect(parameters).toEqual(history[acted.get(actor)!]);
          // and these are the parameters that chose the actions
          for (let n = 0; n < batch.rows; n++) {
            const seen = [...batch.observation.subarray(n * 4, n * 4 + 4)];
            expect(value[n]).toBeCloseTo(forward(sizesOf(of.plan), parameters, seen).value, 5);
          }
          history.push([...of.learner.parameters]);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("a gradient that is stale moves the latest parameters, not the old ones", async () => {
    // RMSProp without memory and with ε ≪ g²: every update moves every parameter by lr.
    const of = stage(smallConfig("a3c", { optimizer: "rmsprop", decay: 0, epsilon: 1e-10, lr: 0.01, clip: 100 }), () =>
      fixedEngine(() => 1),
    );
    const before = [...of.learner.parameters];
    for (const actor of of.actors) actor.collect(always);
    for (let k = 0; k < 3; k++) await of.learner.update(of.learner.ready()!);
    of.learner.parameters.forEach((x, i) => {
      expect(x).toBeCloseTo(before[i] - 0.03, 5);
    });
  });
});

describe("a live edit", () => {
  test("is latched at the next update, recorded once and published with its parameters", async () => {
    const engine: { of?: ReturnType<typeof spy> } = {};
    const of = stage(smallConfig("a2c", { entropyCost: 0.01 }), (plan) => (engine.of = spy(plainEngineOf(plan))));
    const slot = of.plan.live.indexOf("entropyCost");
    await turn(of);
    await turn(of);
    edit(of, "entropyCost", 0.3);
    expect(latest(of).live[slot]).toBe(0.01);
    await turn(of);
    await turn(of);
    expect(engine.of!.calls.map(({ hp }) => hp.entropyCost)).toEqual([0.01, 0.01, 0.3, 0.3]);
    expect(latest(of)).toMatchObject({ version: 4 });
    expect(latest(of).live[slot]).toBe(0.3);
    // row: after update 2, at 2 × 24 env-steps
    expect(edits(of)).toEqual([[2, 48, 0, slot, 0.3]]);
    expect(of.memory.actors[0].snapshot.live[slot]).toBe(0.3);
  });

  test("travels as a word too", async () => {
    const engine: { of?: ReturnType<typeof spy> } = {};
    const of = stage(smallConfig("a2c"), (plan) => (engine.of = spy(plainEngineOf(plan))));
    edit(of, "estimator", "n-step");
    await turn(of);
    expect(engine.of!.calls[0].hp.estimator).toBe("n-step");
  });

  test("to the same value, or there and back between two updates, is none", async () => {
    const of = stage(smallConfig("a2c"));
    edit(of, "lr", of.plan.config.values.lr);
    await turn(of);
    edit(of, "lr", 0.1);
    edit(of, "lr", of.plan.config.values.lr);
    await turn(of);
    expect(edits(of)).toEqual([]);
  });

  test("made before the learner's thread has begun is an edit of the first update, not part of the start", async () => {
    const of = stage(smallConfig("a2c", { gamma: 0.9 }), plainEngineOf, {
      before: (fresh) => edit(fresh, "gamma", 0.5),
    });
    const slot = of.plan.live.indexOf("gamma");
    expect(latest(of).live[slot]).toBe(0.9);
    await turn(of);
    expect(edits(of)).toEqual([[0, 0, 0, slot, 0.5]]);
    expect(latest(of).live[slot]).toBe(0.5);
  });
});

describe("the learning rate", () => {
  // A gradient of ones under RMSProp without memory moves every parameter by the learning rate.
  test("falls linearly with env-steps to zero at the horizon, and stays there", async () => {
    const of = stage(
      smallConfig("a2c", {
        schedule: "linear",
        horizon: 1000,
        lr: 0.1,
        optimizer: "rmsprop",
        decay: 0,
        epsilon: 1e-10,
        clip: 100,
        actors: 2,
        envs: 25,
        unroll: 5,
      }),
      () => fixedEngine(() => 1),
    );
    // 250 env-steps an update: 0.1 × (¾, ½, ¼, 0, 0)
    for (const rate of [0.075, 0.05, 0.025, 0, 0]) {
      const before = of.learner.parameters[0];
      await turn(of);
      expect(before - of.learner.parameters[0]).toBeCloseTo(rate, 5);
    }
  });
});

describe("what is not a number", () => {
  test.each([
    [
      "a loss",
      fixedEngine(
        () => 0.1,
        () => Number.NaN,
      ),
      /loss became NaN at update 3/,
    ],
    [
      "an infinite loss",
      fixedEngine(
        () => 0.1,
        () => Number.NEGATIVE_INFINITY,
      ),
      /loss became -Infinity/,
    ],
    ["a gradient", fixedEngine(() => Number.NaN), /gradient's norm became NaN/],
    ["an infinite gradient", fixedEngine(() => Number.POSITIVE_INFINITY), /gradient's norm became Infinity/],
  ])("%s ends training with the last good parameters", async (_, bad, message) => {
    let current: GradientEngine | null = null;
    const of = stage(smallConfig("a2c"), (plan) => {
      const good = plainEngineOf(plan);
      return { ...good, differentiate: (...call) => (current ?? good).differentiate(...call) };
    });
    await turn(of);
    await turn(of);
    const parameters = [...of.learner.parameters];
    const { first, second, optimizerSteps } = of.memory.learner;
    const moments = [...first, ...second, ...optimizerSteps];
    const { envSteps, updates, episodes } = of.learner.record;
    current = bad;
    const failed = turn(of);
    await expect(failed).rejects.toThrow(NotFinite);
    await expect(failed).rejects.toThrow(message);
    expect([...of.learner.parameters]).toEqual(parameters);
    expect([...first, ...second, ...optimizerSteps]).toEqual(moments);
    expect(latest(of).version).toBe(2);
    expect([...latest(of).parameters]).toEqual(parameters);
    expect(of.learner.record).toMatchObject({ envSteps, updates, episodes });
  });
});

describe("an engine that fails", () => {
  test("is replaced, and the update is done by the next one at the same parameters", async () => {
    const broken = (plan: RunPlan): GradientEngine => ({
      ...plainEngineOf(plan),
      differentiate(_parameters, _batch, _hp, gradient) {
        gradient.fill(Number.NaN);
        throw new Error("the device was lost");
      },
    });
    const of = stage(smallConfig("a2c"), broken, { recover: plainEngineOf });
    const undisturbed = stage(smallConfig("a2c"));
    for (let k = 0; k < 3; k++) {
      await turn(of);
      await turn(undisturbed);
    }
    expect(of.learner.parametersHash).toBe(undisturbed.learner.parametersHash);
    expect(of.learner.record.envSteps).toBe(undisturbed.learner.record.envSteps);
    expect(latest(of).version).toBe(3);
  });

  test("and cannot be replaced ends the update with its own words", async () => {
    const of = stage(smallConfig("a2c"), (plan) => ({
      ...plainEngineOf(plan),
      differentiate() {
        throw new Error("the device was lost");
      },
    }));
    await expect(turn(of)).rejects.toThrow("the device was lost");
    expect(latest(of).version).toBe(0);
  });
});

describe("the record", () => {
  test("the board holds the totals of the record", async () => {
    const of = stage(smallConfig("a3c", { unroll: 20 }), undefined, { environment: { maxSteps: 15 } });
    for (let k = 0; k < 12; k++) {
      for (const actor of of.actors) actor.collect(always);
      await of.learner.update(of.learner.ready()!);
    }
    expect(of.learner.publishBoard()).toBe(true);
    const { record } = of.learner;
    const board = Object.fromEntries(totals.map((name, i) => [name, of.memory.board.totals[i]]));
    expect(board).toMatchObject({
      envSteps: 12 * 40,
      updates: 12,
      episodes: record.episodes,
      stalenessMean: record.stalenessSum / 12,
      stalenessMax: record.stalenessMax,
      parametersHash: of.learner.parametersHash,
    });
    expect(record.episodes).toBeGreaterThan(20);
    expect(episodesOf(of.memory)).toHaveLength(record.episodes);
    const { returns, updates } = of.memory.board;
    expect(updates.length[0]).toBe(12);
    // the column of episode counts (3) sums to all episodes
    let counted = 0;
    for (let i = 0; i < returns.length[0]; i++) counted += returns.rows[i * 8 + 3];
    expect(counted).toBe(record.episodes);
    // CartPole pays 1 a step: a return is a length
    for (const [, , total, length] of episodesOf(of.memory)) expect(total).toBe(length);
  });

  test("is solved when the mean of the last 100 episodes reaches the threshold, at that moment and not before", async () => {
    // Episodes of exactly 10 steps: solved on the 100th, with actors × envs = 6 episodes every 10 steps.
    const of = stage(smallConfig("a2c", { unroll: 10 }), undefined, {
      environment: { maxSteps: 10, terminal: () => false, solvedAt: 10 },
    });
    for (let k = 1; k <= 16; k++) await turn(of); // 96 episodes
    expect(of.learner.record.mean100).toBeNaN();
    expect(of.learner.record.solved).toBeNull();
    await turn(of); // 102
    expect(of.learner.record.mean100).toBe(10);
    expect(of.learner.record.solved).toMatchObject({ envSteps: 17 * 60 });
    const { solved } = of.learner.record;
    await turn(of);
    expect(of.learner.record.solved).toEqual(solved);
    const almost = stage(smallConfig("a2c", { unroll: 10 }), undefined, {
      environment: { maxSteps: 10, terminal: () => false, solvedAt: 10.01 },
    });
    for (let k = 1; k <= 20; k++) await turn(almost);
    expect(almost.learner.record.solved).toBeNull();
  });

  test("publishing steps aside for a reader, and nothing is lost", async () => {
    const of = stage(smallConfig("a2c"));
    await turn(of);
    of.memory.board.lock[0] = 2;
    expect(of.learner.publishBoard()).toBe(false);
    expect(of.learner.record.dirty).toBe(true);
    of.memory.board.lock[0] = 0;
    expect(of.learner.publishBoard()).toBe(true);
    expect(of.memory.board.totals[totals.indexOf("updates")]).toBe(1);
    expect(of.learner.record.dirty).toBe(false);
  });
});

describe("evaluation", () => {
  test("is due every K-th update", async () => {
    const of = stage(smallConfig("a2c", { evalEvery: 3 }));
    const due: number[] = [];
    for (let k = 1; k <= 9; k++) {
      await turn(of);
      if (of.learner.evaluationDue) due.push(k);
    }
    expect(due).toEqual([3, 6, 9]);
  });

  test("plays the version that was handed over, greedily, whatever has been learnt since", async () => {
    const outcome = async (after: number) => {
      const of = stage(smallConfig("a2c", { unroll: 8, lr: 0.05 }));
      for (let k = 0; k < 20; k++) await turn(of);
      expect(of.learner.requestEvaluation()).toBe(true);
      for (let k = 0; k < after; k++) await turn(of);
      expect(of.evaluator.evaluateNext(() => false)).toBe(true);
      expect(of.learner.evaluationsWaiting).toBe(0);
      const { board } = of.memory.evaluator;
      return [...board.evaluations.rows.subarray(0, 8)];
    };
    const row = await outcome(0);
    expect(row.slice(0, 4)).toEqual([20 * 48, 20, 0, 10]);
    expect(await outcome(7)).toEqual(row);
    const [mean, std, min, max] = row.slice(4);
    expect(min).toBeLessThanOrEqual(mean);
    expect(max).toBeGreaterThanOrEqual(mean);
    expect(std).toBeLessThanOrEqual((max - min) / 2 + 1e-9);
  });

  test("the greedy policy is the action with the greater logit", () => {
    // A policy that always pushes right: the pole falls to the left within 8 to 10 steps (Gymnasium: 8–10).
    const of = stage(smallConfig("a2c", { hidden: [] }));
    of.learner.parameters.fill(0);
    of.learner.parameters[layerOf(of.plan.spec, "logits", "dense").bias + 1] = 0.001;
    of.learner.requestEvaluation();
    of.evaluator.evaluateNext(() => false);
    const [, , , episodes, mean, , min, max] = of.memory.evaluator.board.evaluations.rows;
    expect(episodes).toBe(10);
    expect(min).toBeGreaterThanOrEqual(8);
    expect(max).toBeLessThanOrEqual(11);
    expect(mean).toBeGreaterThan(8);
    // A policy that pushes towards the side the pole falls to (θ + θ̇ > 0: right) balances it far longer.
    const { weight } = layerOf(of.plan.spec, "logits", "dense");
    of.learner.parameters.fill(0);
    of.learner.parameters[weight + 2 * 2 + 1] = 1; // θ → push right
    of.learner.parameters[weight + 3 * 2 + 1] = 1; // θ̇ → push right
    of.learner.requestEvaluation();
    of.evaluator.evaluateNext(() => false);
    expect(of.memory.evaluator.board.evaluations.rows[8 + 4]).toBeGreaterThan(100);
  });

  test("the learner can hand over no more than fit, and goes on when there is room", async () => {
    const of = stage(smallConfig("a2c"));
    const room = of.memory.evaluator.snapshots.length;
    for (let k = 0; k < room; k++) expect(of.learner.requestEvaluation()).toBe(true);
    expect(of.learner.requestEvaluation()).toBe(false);
    of.evaluator.evaluateNext(() => false);
    expect(of.learner.requestEvaluation()).toBe(true);
  });

  test("a stop in mid-episode reports nothing", () => {
    const of = stage(smallConfig("a2c"));
    of.learner.requestEvaluation();
    let looks = 0;
    expect(of.evaluator.evaluateNext(() => ++looks > 3)).toBe(false);
    expect(of.memory.evaluator.board.revision[0]).toBe(0);
  });
});
