/** A file of format 1, written by a page of that time: 200 updates of A2C in Chromium, with weights and checkpoint. */
import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { deleteDB, openDB } from "idb";
import { afterAll, describe, expect, test } from "vitest";
import { checkpointProblem, HEAD } from "../../../src/runtime/memory/checkpoint.ts";
import { planRun } from "../../../src/runtime/plan/plan.ts";
import { hashOf } from "../../../src/runtime/seen/moment.ts";
import { configOf } from "../../../src/ui/runs/configOf.ts";
import { closeLibrary, readRuns, wholeRun } from "../../../src/ui/runs/database.ts";
import { fromBytes, fromJson } from "../../../src/ui/runs/reading.ts";
import { FORMAT, networkOf, toCsv, toJson } from "../../../src/ui/runs/recording.ts";
import { updateOf } from "../../../src/ui/runs/whole.ts";
import { fromBase64Url } from "../../../src/ui/share/bytes.ts";

const file = brotliDecompressSync(readFileSync(new URL("./fixtures/format1.json.br", import.meta.url)));
const written = JSON.parse(file.toString());
const { run, weights } = fromBytes(file);
const OUTDATED = "this checkpoint was written by an earlier version of Cartpool, which laid a run out otherwise";

describe("a file of format 1", () => {
  test("is a run of this format, with every curve that it holds", () => {
    expect(written.format).toBe(1);
    expect(run.format).toBe(FORMAT);
    expect([run.updates, run.envSteps, run.episodes]).toEqual([200, 3200, 198]);
    expect(run.updateSeries).toHaveLength(200);
    for (const [i, point] of run.updateSeries.entries()) expect(point).toMatchObject(written.updateSeries[i]);
    expect(run.returns).toHaveLength(written.returns.length);
    expect(run.evaluations).toEqual(written.evaluations);
    expect(toCsv(run).split("\n")).toHaveLength(1 + 200 + run.returns.length + run.evaluations.length);
  });

  test("has its weights, of the update that it says", () => {
    expect(weights!.parameters).toHaveLength(networkOf(run).size);
    expect(hashOf(weights!.parameters!)).toBe(run.parametersHash);
    expect(updateOf(run, weights!)).toBe(200);
  });

  test("keeps of its checkpoint what says why it cannot be gone on with", () => {
    expect(weights!.checkpoint).toHaveLength(HEAD);
    expect(checkpointProblem(planRun(configOf(run)), weights!.checkpoint!)).toBe(OUTDATED);
    expect(checkpointProblem(planRun(configOf(run)), fromBase64Url(written.checkpoint))).toBe(OUTDATED);
  });

  test("is written in this format, and read again", () => {
    expect(fromJson(toJson(run, weights))).toEqual({ run, weights });
  });

  test("is held to what A2C declares as strictly as another", () => {
    const { entropy: _, ...point } = written.updateSeries[3];
    const updateSeries = written.updateSeries.with(3, point);
    expect(() => fromJson(JSON.stringify({ ...written, updateSeries }))).toThrow(
      "updateSeries.3.entropy is not as expected",
    );
  });
});

describe("a record of format 1 in this browser", () => {
  afterAll(async () => {
    await closeLibrary();
    await deleteDB("cartpool");
  });

  test("is listed as a run, and opens with its weights", async () => {
    await readRuns();
    const db = await openDB("cartpool");
    const { parameters, checkpoint, ...record } = written;
    await db.put("runs", record);
    const kept = { parameters: weights!.parameters, checkpoint: fromBase64Url(checkpoint).slice(0, 200), updates: 200 };
    await db.put("weights", kept, run.id);
    db.close();
    expect(await readRuns()).toEqual({ runs: [run], unreadable: 0 });
    expect(await wholeRun(run.id)).toEqual({ run, weights: kept });
  });
});
