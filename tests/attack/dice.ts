/** Seeded chance for the attacks: the same seed, the same attack. */
import { Rng } from "../../src/core/rng.ts";

/** Full size by `npm run attack`; the unit tests hold a small part of it. */
export const isFull = process.env.CARTPOOL_ATTACK === "full";
export const size = (small: number, full: number): number => (isFull ? full : small);

export class Dice {
  private readonly rng = new Rng();

  constructor(...seed: readonly number[]) {
    this.rng.seed(...seed);
  }

  /** A whole number from 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.rng.uniform() * n);
  }

  /** Once in n times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)];
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

/** Pieces that have broken parsers, here or elsewhere. */
export const nasty: readonly string[] = [
  "",
  "%",
  "%zz",
  "%00",
  "%E0%A4%A",
  "&",
  "=",
  "&&",
  "#",
  "?",
  "+",
  "-",
  "\0",
  "\ud800",
  "\u202e",
  "\u200b",
  "\ufeff",
  "\r\n",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "prototype",
  "then",
  "null",
  "undefined",
  "NaN",
  "Infinity",
  "-0",
  "1e309",
  "1e-400",
  "9".repeat(400),
  "0x10",
  "١٢٣",
  "１２",
  "0,5",
  "1.000,5",
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "javascript:alert(1)",
  "data:text/html,x",
  "'\"`{{7*7}}",
  "=cmd|' /C calc'!A0",
  "../../etc/passwd",
  "file:///etc/passwd",
  "a".repeat(300),
  "é".repeat(50),
  "🙂".repeat(20),
];

/** Numbers that have broken arithmetic. */
export const nastyNumbers: readonly number[] = [
  0,
  -0,
  -1,
  0.5,
  1e-320,
  255,
  256,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 60,
  1e9,
  1e15,
  1e300,
  -1e300,
  Number.MAX_VALUE,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
