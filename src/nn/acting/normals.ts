/** Standard normal numbers as the kernel of this name draws them: from the same words of a stream, in their order. */
import { cos, log, sin, TAU } from "../../core/math.ts";
import type { Rng } from "../../core/rng.ts";

/**
 * Box & Muller 1958: pairs r cos 2πv, r sin 2πv with r = √(−2 ln u), from two words of the stream. Of each word the upper 24 bits
 * count: no number is beyond 5.8.
 *
 * @param at of the first in `to`
 */
export function normals(rng: Rng, to: Float32Array | Float64Array, at: number, count: number): void {
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * log(((rng.next() >>> 8) + 1) * 2 ** -24));
    const angle = TAU * (rng.next() >>> 8) * 2 ** -24;
    to[at + i] = radius * cos(angle);
    if (i + 1 < count) to[at + i + 1] = radius * sin(angle);
  }
}
