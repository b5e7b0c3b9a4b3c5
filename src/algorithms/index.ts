/** The registry of algorithms: one line an algorithm. */
import { a2c } from "./a2c.ts";
import { a3c } from "./a3c.ts";
import type { Algorithm } from "./algorithm.ts";

export const algorithms = { a2c, a3c } satisfies Record<string, Algorithm>;

export type AlgorithmId = keyof typeof algorithms;
