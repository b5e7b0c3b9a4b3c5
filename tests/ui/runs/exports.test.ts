/** Files of a run that is being written while the list still shows what was written before. */
import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import type { SavedFile } from "../../../src/ui/runs/save.ts";
import { recording } from "./recordings.ts";

const saved: SavedFile[] = [];
vi.mock("../../../src/ui/runs/save.ts", () => ({
  handOver: async (_: string, make: () => Promise<readonly SavedFile[]>) =>
    Promise.resolve()
      .then(make)
      .then(
        (files) => void saved.push(...files),
        (error: Error) => error.message,
      ),
}));

const { mergeRun, forgetRun } = await import("../../../src/ui/runs/database.ts");
const { exportRun } = await import("../../../src/ui/runs/exports.ts");
const { networkOf } = await import("../../../src/ui/runs/recording.ts");

test("data and weights of a file are of one moment, and a run that is gone is said to be", async () => {
  const listed = recording({ updates: 1, parametersHash: "00000001" });
  const later = recording({ updates: 2, parametersHash: "00000002" });
  const parameters = new Float32Array(networkOf(listed).size);
  await mergeRun(later, { parameters, checkpoint: null, updates: 2 }, false);
  expect(await exportRun(listed, "whole")).toBeFalsy();
  expect(JSON.parse(String(saved[0].content))).toMatchObject({ updates: 2, parametersHash: "00000002" });
  await forgetRun("one");
  for (const as of ["whole", "safetensors", "model"] as const)
    expect(await exportRun(listed, as)).toBe("this run has been deleted in another tab");
  expect(saved).toHaveLength(1);
});
