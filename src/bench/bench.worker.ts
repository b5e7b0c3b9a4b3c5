/** Measures a case on a thread of its own, as actors and learner have. */
import { expose } from "comlink";
import { hasFastest, loadKernels } from "../nn/simd/kernels.ts";
import { sharedMemory } from "../runtime/memory/memory.ts";
import { acting } from "./acting.ts";
import type { BenchApi, Case } from "./cases.ts";
import { exchanging } from "./exchange.ts";
import { learning } from "./learning.ts";
import { buildOf, measured, type Work } from "./work.ts";

/** Multiply-adds from registers: 8 vectors of four a round. */
function peak(of: Case): Work {
  const { peak } = loadKernels(sharedMemory(65_536), buildOf(of));
  const rounds = 100_000;
  return {
    run() {
      peak(rounds);
      return rounds * 8 * 4;
    },
  };
}

async function workOf(of: Case): Promise<Work> {
  switch (of.name) {
    case "act":
      return acting(of);
    case "learn":
      return learning(of);
    case "exchange":
      return exchanging(of);
    case "peak":
      return peak(of);
    case "encode":
      throw new Error("encoding is measured with learning");
    default:
      return of.name satisfies never;
  }
}

let work: Work | null = null;

const api: BenchApi = {
  async prepare(of, warmMilliseconds) {
    if (of.engine === "simd-fma" && !hasFastest()) return "this browser has no relaxed SIMD";
    try {
      work = await workOf(of);
      await measured(work, warmMilliseconds);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  async measure(milliseconds) {
    if (!work) throw new Error("nothing is prepared");
    return measured(work, milliseconds);
  },
};

expose(api);
