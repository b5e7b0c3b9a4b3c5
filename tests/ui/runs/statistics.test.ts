/** An algorithm with statistics of its own, from its file to every place that shows or keeps them. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { AlgorithmId } from "../../../src/algorithms/index.ts";
import { bucketOf } from "../../../src/core/series.ts";
import { tfjsEngine } from "../../../src/nn/tfjs/engine.ts";
import { checkpointBytes, checkpointProblem, restoreCheckpoint } from "../../../src/runtime/memory/checkpoint.ts";
import { checkpointFault } from "../../../src/runtime/memory/checkpointCheck.ts";
import { columnsOf } from "../../../src/runtime/plan/columns.ts";
import { planRun, type RunPlan } from "../../../src/runtime/plan/plan.ts";
import { momentIn } from "../../../src/runtime/seen/moment.ts";
import type { Snapshot, UpdatePoint } from "../../../src/runtime/seen/view.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { thinUpdates } from "../../../src/ui/charts/series.ts";
import { axisOf, chartsOfAlgorithm, drawnAt, helpOf, unitOf } from "../../../src/ui/charts/statCharts.ts";
import { diagnose } from "../../../src/ui/doctor/diagnose.ts";
import { fromJson } from "../../../src/ui/runs/reading.ts";
import { type Recording, recordingOf, runIn, toCsv, toJson } from "../../../src/ui/runs/recording.ts";
import { reportOf } from "../../../src/ui/state/report.ts";
import { toy, toyGradient } from "../../algorithms/toy.ts";
import { forward } from "../../nn/plain.ts";
import { tf } from "../../nn/tf.ts";
import { runUntil } from "../../runtime/simd.ts";
import { type Call, type Stage, sizesOf, smallConfig, spy, stage } from "../../runtime/stage.ts";

vi.mock("../../../src/algorithms/index.ts", async (original) => {
  const { algorithms } = await original<typeof import("../../../src/algorithms/index.ts")>();
  const { toy } = await import("../../algorithms/toy.ts");
  return { algorithms: { ...algorithms, toy } };
});
// As npm run kernels prints it: its row function has no array of its own.
vi.mock("../../../src/nn/simd/rows.generated.ts", async (original) => {
  const { scratchOf } = await original<typeof import("../../../src/nn/simd/rows.generated.ts")>();
  return { scratchOf: { ...scratchOf, toy: [] } };
});

const TOY = "toy" as AlgorithmId;
const config = smallConfig(TOY, { seed: 4, lr: 0.003, evalEvery: 100, gradients: "learner" });
/** More than a curve has points. */
const UPDATES = 700;
const columns = [
  ...["envSteps", "updates", "seconds", "count"],
  ...["loss", "surprise", "confidence"],
  ...["gradientNorm", "lr", "staleness", "maxStaleness"],
];

/** What it declares, of one update, by its row function on a network in plain arithmetic. */
function statisticsOf(plan: RunPlan, { parameters, batch }: Call) {
  const sizes = sizesOf(plan);
  const mean = { loss: 0, surprise: 0, confidence: 0 };
  for (let n = 0; n < batch.rows; n++) {
    const observation = [...batch.observation.subarray(n * sizes.inputs, (n + 1) * sizes.inputs)];
    const { logits, value } = forward(sizes, parameters, observation);
    const row = { loss: 0, surprise: 0, confidence: 0 };
    const { action, advantage, returns } = batch;
    const x = { action: action[n], advantage: advantage[n], returns: returns[n] };
    toyGradient.row({ logits, value: [value] }, { logits: [], value: [] }, x, {}, row);
    for (const name of toyGradient.stats) mean[name] += row[name] / batch.rows;
  }
  return mean;
}

const calls: Call[] = [];
const engineOf = (plan: RunPlan) => {
  const engine = spy(tfjsEngine(tf, "cpu", plan.spec, toy.losses.toy));
  return {
    ...engine,
    differentiate(...of: Parameters<typeof engine.differentiate>) {
      const result = engine.differentiate(...of);
      calls.push(engine.calls.pop()!);
      return result;
    },
  };
};

let of: Stage;
let snapshot: Snapshot;
let run: Recording;

const saved = ({ plan, memory, learner }: Stage) => {
  expect(learner.save()).toBe(true);
  return checkpointBytes(plan, memory.header.hash.buffer);
};

beforeAll(async () => {
  of = stage(config, engineOf);
  await runUntil(of, () => of.learner.record.updates === UPDATES);
  of.learner.publishBoard();
  const seen = new RunWatch(of.plan, config, of.memory, 0).look(1e6, true);
  snapshot = { ...seen, phase: "stopped", trouble: null, engine: null, stopReason: "enough" } as unknown as Snapshot;
  const about = { id: "toy", created: "2026-01-02T03:04:05.000Z", name: "", colour: 0, pinned: false };
  run = recordingOf(snapshot, about)!;
}, 120_000);

const near = (a: number | undefined, b: number) => expect(Math.abs(a! - b)).toBeLessThan(1e-5 * (1 + Math.abs(b)));

describe("an algorithm with statistics of its own", () => {
  test("has their columns, and none of another's", () => {
    expect(columnsOf(of.plan.updateColumns)).toEqual(columns);
    expect(Object.keys(snapshot.updateSeries[0])).toEqual(columns);
  });

  test("records them of every update, joined as it says", () => {
    const { width } = of.memory.board.updates;
    expect(width[0]).toBeGreaterThan(1);
    const rows = of.plan.T * of.plan.B * of.plan.actors;
    const each = calls.map((call, i) => ({ ...statisticsOf(of.plan, call), envSteps: (i + 1) * rows }));
    expect(each).toHaveLength(UPDATES);
    let joined = 0;
    for (const point of snapshot.updateSeries) {
      const own = each.filter((x) => bucketOf(x.envSteps, width[0]) === bucketOf(point.envSteps, width[0]));
      joined = Math.max(joined, own.length);
      const mean = (key: "loss" | "confidence") => own.reduce((sum, x) => sum + x[key], 0) / own.length;
      near(point.loss, mean("loss"));
      near(point.confidence, mean("confidence"));
      near(point.surprise, Math.max(...own.map((x) => x.surprise)));
      expect(point.lr).toBe(0.003);
      expect(point.gradientNorm).toBeGreaterThan(0);
    }
    expect(joined).toBeGreaterThan(1);
  });

  test("has small charts of them, drawn as it says", () => {
    const charts = chartsOfAlgorithm(TOY);
    expect(charts.map(({ group }) => group.title)).toEqual([
      ...["Surprise", "Confidence"],
      ...["Gradient norm", "Learning rate", "Staleness"],
    ]);
    const [surprise, confidence] = charts;
    expect([unitOf(surprise), unitOf(confidence)]).toEqual(["nats", "p, dimensionless"]);
    expect(helpOf(confidence)).toBe("The greatest probability of an action.");
    const values = (key: string) => thinUpdates(snapshot.updateSeries, 90, [key]).map((p) => p[key]);
    const [low, high] = axisOf(surprise.group, values("surprise")).domain;
    expect(low).toBeGreaterThan(0);
    for (const x of values("surprise")) {
      const at = drawnAt(surprise.group, x)!;
      expect(at > low && at < high).toBe(true);
    }
    expect(axisOf(confidence.group, values("confidence")).domain).toEqual([-0.03, 1.03]);
  });

  test("is a table with their units", () => {
    const [head, ...rows] = toCsv(run).split("\n");
    expect(head).toMatch(
      /,std \(return\),loss,surprise \(nats\),confidence,gradientNorm,lr,staleness \(versions\),maxStaleness \(versions\)$/,
    );
    const last = rows.at(-1)!.split(",");
    expect(last).toHaveLength(head.split(",").length);
    const { loss, surprise, confidence, gradientNorm } = run.updateSeries.at(-1)!;
    expect(last.slice(-7, -3).map(Number)).toEqual([loss, surprise, confidence, gradientNorm]);
  });

  test("is a file that holds them, and is held to them", () => {
    expect(fromJson(toJson(run)).run).toEqual(run);
    expect(runIn(structuredClone(run))).toEqual(run);
    const changed = (change: (point: Record<string, unknown>) => void) => {
      const data = JSON.parse(toJson(run));
      change(data.updateSeries[7]);
      return () => fromJson(JSON.stringify(data)).run.updateSeries[7];
    };
    expect(changed((p) => delete p.surprise)).toThrow("updateSeries.7.surprise is not as expected");
    expect(changed((p) => (p.confidence = null))).toThrow("updateSeries.7.confidence is not as expected");
    expect(changed((p) => (p.confidence = 1e101))).toThrow("updateSeries.7.confidence is not as expected");
    expect(changed((p) => (p.entropy = 1))()).toEqual(run.updateSeries[7]); // another's is left out
    // Read as a run of A2C it lacks that one's.
    const other = JSON.stringify({ ...JSON.parse(toJson(run)), query: run.query.replace("algo=toy&", "") });
    expect(() => fromJson(other)).toThrow("updateSeries.0.policyLoss is not as expected");
  });

  test("goes on from a checkpoint that holds them, and from none of another", async () => {
    const bytes = saved(of);
    expect(checkpointFault(of.plan, bytes)).toBeNull();
    expect(momentIn(of.plan, bytes).updateSeries).toEqual(snapshot.updateSeries);
    const next = stage(config, engineOf, { before: ({ plan, memory }) => restoreCheckpoint(plan, memory, bytes) });
    await runUntil(next, () => next.learner.record.updates === UPDATES + 40);
    next.learner.publishBoard();
    const { updateSeries } = new RunWatch(next.plan, config, next.memory, 0).look(1e6, true);
    // The last point of before was in the making.
    expect(updateSeries.slice(0, snapshot.updateSeries.length - 1)).toEqual(snapshot.updateSeries.slice(0, -1));
    expect(updateSeries.length).toBeGreaterThan(snapshot.updateSeries.length);
    const a2c = planRun({ ...config, algo: "a2c" });
    expect(checkpointProblem(a2c, bytes)).toContain("another configuration");
    // The same bytes, which mean something else.
    const renamed = { ...of.plan, updateColumns: { ...of.plan.updateColumns } };
    delete (renamed.updateColumns as Record<string, string>).confidence;
    (renamed.updateColumns as Record<string, string>).certainty = "mean";
    expect(checkpointProblem(renamed, bytes)).toContain("another configuration");
  });

  test("is reported with them", () => {
    const last = snapshot.updateSeries.at(-1)!;
    const { statistics } = reportOf(snapshot, config, 0);
    expect(Object.keys(statistics!)).toEqual(columns.slice(4));
    expect(statistics).toMatchObject({ surprise: last.surprise, confidence: last.confidence, lr: 0.003 });
  });

  test("is spared the findings that need statistics which it has not", () => {
    // By what A2C calls them it is as ill as can be.
    const ill = snapshot.updateSeries.map((p) => ({ ...p, entropy: 0, explainedVariance: -1, valueLoss: 5 }));
    const mean = 20; // as good as chance
    const poor = { envSteps: 1e9, updates: 1e9, seconds: 1, episodes: 100, mean, min: mean, max: mean, mean100: mean };
    const patient = { ...snapshot, phase: "running", solvedAt: null, evaluations: [], returns: [poor] } as Snapshot;
    const ids = (of: Snapshot["config"], updateSeries: readonly UpdatePoint[]) =>
      diagnose({ ...patient, config: of, updateSeries }).map(({ id }) => id);
    expect(ids({ ...config, algo: "a2c" }, ill)).toEqual(["entropy-collapse", "dead-critic"]);
    expect(ids(config, ill)).toEqual([]);
    expect(ids(config, snapshot.updateSeries)).toEqual([]);
  });

  test("says so where it has a statistic that it does not declare", () => {
    const { stats } = toy;
    const { surprise: _, ...others } = stats;
    Object.assign(toy, { stats: others });
    try {
      expect(() => stage(config, engineOf)).toThrow("toy has a statistic surprise that it does not declare");
    } finally {
      Object.assign(toy, { stats });
    }
  });
});
