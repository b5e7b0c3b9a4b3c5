import { expect, test } from "vitest";
import { endingText } from "../../../src/ui/parts/ending.ts";

const solvedAt = { envSteps: 102_560, updates: 1282, seconds: 0.93 };

test("the end of a run in words: solved, or by its limit, solved on the way or not", () => {
  expect(endingText("solved", solvedAt)).toEqual({
    head: "Solved",
    rest: "after 103\u202fk env-steps, in 0.9\u202fs.",
  });
  expect(endingText("120000 env-steps", null)).toEqual({ head: "The run has ended:", rest: "120,000 env-steps." });
  expect(endingText("2.5 seconds", solvedAt).rest).toBe(
    "2.5 seconds. Solved after 103\u202fk env-steps, in 0.9\u202fs.",
  );
});
