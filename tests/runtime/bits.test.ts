/** Runs keep their bits, whatever becomes of the code. The pinned values are this program's own (tests/golden/bits.json). */
import { describe, expect, test } from "vitest";
import { paramsOf } from "../../src/runtime/plan/config.ts";
import { planRun } from "../../src/runtime/plan/plan.ts";
import { decodeRun } from "../../src/ui/address/url.ts";
import { type Happening, outcomeOf, type Pin, readPins } from "./pins.ts";

const { runs } = readPins();

/** The order of what happens at one update says nothing. */
const inOrder = (edits: readonly Happening[]) =>
  edits.toSorted((a, b) => a.update - b.update || `${a.key} ${a.value}`.localeCompare(`${b.key} ${b.value}`));

describe.each(runs)("$name", ({ query, edits, outcome }) => {
  const { config, problems } = decodeRun(query);

  test("leans on no default", () => {
    expect(problems).toEqual([]);
    const named = query.split("&").map((pair) => pair.split("=")[0]);
    expect(named).toEqual(["v", "algo", "env", ...Object.keys(paramsOf(config.algo, config.env))]);
    expect(config.values.engine).toBe("simd");
    expect(config.values.gradients).not.toBe("auto");
  });

  /** In the hands of a person; and where another run repeats what they did. */
  test.each(edits ? (["person", "repetition"] as const) : (["person"] as const))(
    "has the pinned bits: %s",
    async (by) => {
      const run = await outcomeOf(config, edits, by);
      expect(run.outcome).toEqual(outcome);
      expect(inOrder(run.edits)).toEqual(inOrder(edits ?? []));
    },
  );
});

test("the pinned runs differ from each other", () => {
  const hashes = runs.flatMap(({ outcome }) => [outcome.parametersHash, outcome.returnsHash]);
  expect(new Set(hashes).size).toBe(2 * runs.length);
});

/** The ways that a run takes through the code. */
function waysOf({ query, edits = [], outcome }: Pin): string[] {
  const { lockstep, apply, gradients, keepsActivations, values, config } = planRun(decodeRun(query).config);
  const { estimator, optimizer, gate } = config.values;
  return [
    `${lockstep ? "lockstep" : `asynchronous, gate ${gate}, ${apply} apply`}`,
    `gradients at the ${gradients}, activations ${keepsActivations ? "kept" : "not kept"}`,
    `${estimator}${outcome.truncated > 0 ? ", truncated" : ""}`,
    `${optimizer}`,
    `${values.activation}`,
    `${values.hidden.length} hidden layers`,
    ...edits.map(({ key }) => `edit: ${key}`),
  ];
}

test("between them they take every way", () => {
  const ways = new Set(runs.flatMap(waysOf));
  for (const way of [
    "lockstep",
    "asynchronous, gate off, learner apply",
    "asynchronous, gate drop, learner apply",
    "asynchronous, gate wait, learner apply",
    "asynchronous, gate off, actors apply",
    "gradients at the learner, activations not kept",
    "gradients at the actors, activations kept",
    "gradients at the actors, activations not kept",
    "gae, truncated",
    "n-step, truncated",
    "adam",
    "rmsprop",
    "tanh",
    "relu",
    "0 hidden layers",
    "3 hidden layers",
    "edit: push",
    "edit: rollback",
    "edit: actors",
    "edit: lr",
  ])
    expect(ways).toContain(way);
});
