/**
 * Seeded, splittable random numbers: xoshiro128++ (Blackman & Vigna 2021, doi:10.1145/3460772), 32-bit integer
 * arithmetic only, so the same bits in every browser. A stream belongs to an environment copy, not to a thread: its
 * four words can live in shared memory, and who runs it does not change what it draws.
 */
import { cos, log, TAU } from "./math.ts";

const rotl = (x: number, k: number) => (x << k) | (x >>> (32 - k));

/** A 32-bit mixing function with full avalanche (the finaliser of MurmurHash3). */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export class Rng {
  /** @param state the four words of the stream; the caller owns them. */
  constructor(readonly state: Uint32Array = new Uint32Array(4)) {}

  /** Starts the stream that a path names, e.g. seed(runSeed, PURPOSE, actor, copy). Different paths: unrelated streams. */
  seed(...path: readonly number[]): this {
    for (let word = 0; word < 4; word++) {
      let h = mix(0x9e3779b9 * (word + 1) + path.length);
      for (const part of path) {
        h = mix(h ^ (part >>> 0));
        h = mix(h + 0x9e3779b9 + (Math.floor(part / 2 ** 32) >>> 0)); // high word of large integers
      }
      this.state[word] = h;
    }
    if ((this.state[0] | this.state[1] | this.state[2] | this.state[3]) === 0) this.state[0] = 1;
    return this;
  }

  /** A uniform integer in [0, 2³²). */
  next(): number {
    const s = this.state;
    const result = (rotl((s[0] + s[3]) | 0, 7) + s[0]) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
    return result;
  }

  /** A uniform number in [0, 1). */
  uniform(): number {
    return this.next() * 2 ** -32;
  }

  /** A uniform number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A standard normal number (Box & Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * log((this.next() + 1) * 2 ** -32));
    return radius * cos(TAU * this.uniform());
  }
}
