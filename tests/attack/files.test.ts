import { describe, expect, test } from "vitest";
import { toSafetensors } from "../../src/nn/export/weights.ts";
import { Actor } from "../../src/runtime/acting/actor.ts";
import { Evaluator } from "../../src/runtime/acting/evaluator.ts";
import { Learner } from "../../src/runtime/learning/learner.ts";
import { checkpointProblem, HEAD, isOutdated, restoreCheckpoint } from "../../src/runtime/memory/checkpoint.ts";
import { formatMemory, memoryLayout } from "../../src/runtime/memory/memory.ts";
import { configProblems } from "../../src/runtime/plan/config.ts";
import { planRun } from "../../src/runtime/plan/plan.ts";
import { RunWatch } from "../../src/runtime/seen/watch.ts";
import { encodeRun } from "../../src/ui/address/url.ts";
import { editMarks } from "../../src/ui/charts/marks.ts";
import {
  axes,
  bucketWidth,
  CURVE_BUCKETS,
  thinEvaluations,
  thinReturns,
  thinUpdates,
} from "../../src/ui/charts/series.ts";
import { configOf } from "../../src/ui/runs/configOf.ts";
import { namesOf } from "../../src/ui/runs/names.ts";
import { numbersOf } from "../../src/ui/runs/numbers.ts";
import { fromBytes, fromJson, type Imported } from "../../src/ui/runs/reading.ts";
import { MOST_BYTES, networkOf, runsIn, toCsv, toJson, weightsIn } from "../../src/ui/runs/recording.ts";
import { plainEngineOf, turn } from "../runtime/stage.ts";
import { Dice, size } from "./dice.ts";
import { honestFile, hostileFile } from "./files.ts";

const files = size(120, 500);
/** Bytes of the largest: at full size, as much as is read at all. */
const large = size(2 ** 20, MOST_BYTES);

/** Goes on with an imported run for some updates, as the threads do. */
async function goOn({ run, weights }: Imported): Promise<void> {
  if (!weights?.checkpoint) return;
  const plan = planRun(configOf(run));
  if (isOutdated(weights.checkpoint)) {
    expect(weights.checkpoint).toHaveLength(HEAD);
    expect(checkpointProblem(plan, weights.checkpoint)).toMatch(/^this checkpoint was written by an earlier version/);
    return;
  }
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  restoreCheckpoint(plan, memory, weights.checkpoint);
  const learner = new Learner(plan, memory, plainEngineOf(plan), () => 0);
  const actors = memory.actors.map((_, index) => new Actor(plan, memory, index));
  const evaluator = new Evaluator(plan, memory);
  const watch = new RunWatch(plan, plan.config, memory, 0, run);
  learner.begin();
  for (let k = 0; k < 3; k++) {
    await turn({ plan, memory, learner, actors, evaluator });
    learner.requestEvaluation();
    evaluator.evaluateNext(() => false);
  }
  learner.publishBoard();
  const { config, returns, updateSeries } = watch.look(1e6, true);
  const illegal = configProblems(config);
  if (illegal.length > 0) throw new Error(illegal.join("; "));
  if (returns.length > 500 || updateSeries.length > 500) throw new Error("more points than there is room for");
}

const bytesOf = (of: Float32Array | Uint8Array | null | undefined): Buffer =>
  of ? Buffer.from(of.buffer, of.byteOffset, of.byteLength) : Buffer.alloc(0);

/** Does with an imported run what the page does. */
async function use(imported: Imported): Promise<void> {
  const { run, weights } = imported;
  const config = configOf(run);
  const again = fromJson(toJson(run, weights));
  expect(again.run).toEqual(run);
  for (const key of ["parameters", "checkpoint"] as const)
    expect(bytesOf(again.weights?.[key]).equals(bytesOf(weights?.[key]))).toBe(true);
  expect(runsIn([run, null]).runs).toEqual([run]);
  expect(weightsIn(weights)?.checkpoint).toBe(weights?.checkpoint);
  toCsv(run);
  namesOf([{ name: run.name, config }]);
  numbersOf(run);
  new Date(run.created).toISOString();
  for (const axis of axes)
    for (const { x } of editMarks(run.edits, config, axis, run[axis])) expect(x).toBeGreaterThanOrEqual(0);
  const width = bucketWidth(run.returns.at(-1)?.envSteps ?? 0, CURVE_BUCKETS);
  for (const point of [...thinReturns(run.returns, width), ...thinEvaluations(run.evaluations, width)])
    expect(Number.isFinite(point.mean)).toBe(true);
  thinUpdates(run.updateSeries, 30, ["loss", "entropy"]);
  if (weights?.parameters) toSafetensors(networkOf(run), weights.parameters, { query: encodeRun(config) });
  await goOn(imported).catch((error) => {
    // What is possible and bad: a run can end so, too.
    if (!/became (NaN|-?Infinity) at update \d+\. Training stopped/.test((error as Error).message)) throw error;
  });
}

describe(`${files} hostile files`, () => {
  test("what the page has written is read, and goes on", async () => {
    const imported = fromJson(honestFile);
    expect(imported.weights?.checkpoint).not.toBeNull();
    await use(imported);
  });

  test("are refused in a sentence, or are a run that can be drawn, kept and gone on with", async () => {
    let read = 0;
    const reasons = new Set<string>();
    for (let i = 0; i < files; i++) {
      const file = hostileFile(new Dice(13, i), large);
      let imported: Imported | null = null;
      try {
        imported = fromBytes(file);
      } catch (error) {
        const { message } = error as Error;
        if (!/^The (file|weights of the file) .*\.$/s.test(message) || message.length > 400)
          expect.fail(`file ${i} is refused with "${message.slice(0, 1000)}"`);
        reasons.add(message.replace(/\d+/g, "N"));
      }
      if (!imported) continue;
      read++;
      await use(imported).catch((error) => expect.fail(`file ${i}, once read: ${(error as Error).stack}`));
    }
    expect(read).toBeGreaterThan(files / 20);
    expect(reasons.size).toBeGreaterThan(12);
  }, 600_000);
});
