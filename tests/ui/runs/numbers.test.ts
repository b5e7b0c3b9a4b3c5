import { expect, test } from "vitest";
import { ratesOf } from "../../../src/ui/parts/rates.ts";
import { numbersOf } from "../../../src/ui/runs/numbers.ts";
import type { Recording } from "../../../src/ui/runs/recording.ts";

test("a kept run has its own numbers: rates of the whole run, staleness over all of its updates", () => {
  const point = (updates: number, staleness: number, maxStaleness: number) => ({ updates, staleness, maxStaleness });
  const run = {
    ...{ seconds: 2, envSteps: 6000, updates: 300, episodes: 120, mean100: 160.5 },
    updateSeries: [point(100, 1, 3), point(300, 4, 9)], // 100 updates, then 200
  } as unknown as Recording;
  const numbers = numbersOf(run);
  expect(numbers).toMatchObject({ seconds: 2, envSteps: 6000, updates: 300, episodes: 120, meanReturn100: 160.5 });
  expect(numbers.staleness).toEqual({ mean: 3, max: 9 });
  expect(ratesOf(numbers)).toEqual({ steps: 3000, updates: 150 });
  expect(numbersOf({ ...run, updateSeries: [] }).staleness).toEqual({ mean: 0, max: 0 });
});
