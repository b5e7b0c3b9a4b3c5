/** What every measurement on a thread of its own has in common. */

import { median } from "../core/quantile.ts";
import type { Build } from "../nn/simd/kernels.ts";
import type { Case, Rates } from "./cases.ts";

export interface Work {
  /** Does some of it and says how many units that was. */
  run(): number | Promise<number>;
  /** Where a graphics device does the work: the milliseconds that each update took the processor, emptied by `measured`. */
  readonly encoded?: number[];
}

/** One update of a learner, over and over. */
export interface Learning extends Work {
  /** ∂loss/∂parameters at the parameters and the experience that every engine begins with. Before the first run. */
  gradient(): Promise<Float32Array>;
  dispose(): void;
}

export const buildOf = ({ engine }: Case): Build => (engine === "simd-fma" ? "fastest" : "reproducible");

/** Updates of a graphics device that a round has at least: single ones are delayed by whatever else the processor does. */
const LEAST_UPDATES = 3;

/** At least once, and for about so many milliseconds. */
export async function measured(work: Work, milliseconds: number): Promise<Rates> {
  const { encoded } = work;
  if (encoded) encoded.length = 0;
  const start = performance.now();
  let units = 0;
  let now = start;
  do {
    const done = work.run();
    units += typeof done === "number" ? done : await done;
    now = performance.now();
  } while (now - start < milliseconds || (encoded && encoded.length < LEAST_UPDATES));
  return {
    perSecond: (units / (now - start)) * 1000,
    encodedPerSecond: encoded ? 1000 / median(encoded) : null,
  };
}
