import { describe, expect, test } from "vitest";
import { formatMemory, memoryLayout } from "../../src/runtime/memory/memory.ts";
import { scheduleRepetition } from "../../src/runtime/memory/repetition.ts";
import { planRun } from "../../src/runtime/plan/plan.ts";
import { editMarks } from "../../src/ui/charts/marks.ts";
import { bucketWidth, CURVE_BUCKETS, thinReturns } from "../../src/ui/charts/series.ts";
import { packedIn, type SharedRun, unpackRun } from "../../src/ui/share/shared.ts";
import { smallConfig } from "../runtime/stage.ts";
import { Dice, size } from "./dice.ts";
import { hostileHash } from "./hashes.ts";

const hashes = size(200, 2_000);
/** Bytes that a bomb unpacks to. */
const mostOfBomb = size(5_000_000, 600_000_000);

const config = smallConfig("a3c");
const plan = planRun(config);

/** Does with a run what the page does with one that it could read; every number is one that can be drawn. */
function use(run: SharedRun): void {
  const memory = formatMemory(plan, new ArrayBuffer(memoryLayout(plan).bytes));
  scheduleRepetition(plan, memory, { edits: run.edits, checkAt: run.updates });
  for (let row = 0; row < memory.control.scheduled[0]; row++)
    if (!Number.isFinite(memory.control.schedule[3 * row + 2])) throw new Error("a scheduled value that is no number");
  const end = run.curve.at(-1)?.envSteps ?? 0;
  const drawn = thinReturns(run.curve, bucketWidth(end, CURVE_BUCKETS));
  if (drawn.length > CURVE_BUCKETS + 1) throw new Error(`${drawn.length} points to draw`);
  for (const point of [...drawn, run])
    for (const [name, x] of Object.entries(point))
      if (typeof x === "number" && !(Number.isFinite(x) && (name === "mean" || x >= 0)))
        throw new Error(`${name} is ${x}`);
  editMarks(
    run.edits.map((edit) => ({ ...edit, envSteps: 0, seconds: 0 })),
    config,
    "updates",
    end,
  );
}

describe(`${hashes} hostile hashes`, () => {
  test("are refused in a sentence, or are a run that can be drawn and repeated", async () => {
    let read = 0;
    const reasons = new Set<string>();
    for (let i = 0; i < hashes; i++) {
      const hash = await hostileHash(new Dice(11, i), mostOfBomb);
      packedIn(`#run=${hash}`);
      try {
        use(await unpackRun(hash));
        read++;
      } catch (error) {
        const { message } = error as Error;
        if (
          !/^The curve in this link cannot be read: it [^.]{5,100}\. The configuration is not affected\.$/.test(message)
        )
          expect.fail(`hash ${i} (${hash.slice(0, 200)}): ${message}`);
        reasons.add(message);
      }
    }
    expect(read).toBeGreaterThan(hashes / 50);
    expect(reasons.size).toBeGreaterThan(5);
  }, 600_000);
});
