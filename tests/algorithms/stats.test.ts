/** Laws of declared statistics, for every algorithm. */
import { describe, expect, test } from "vitest";
import { actorCriticGradient, actorCriticStats } from "../../src/algorithms/actor-critic.ts";
import { algorithms } from "../../src/algorithms/index.ts";
import { statsOf, updateStats } from "../../src/algorithms/stats.ts";
import { type Stats, stat } from "../../src/core/stats.ts";
import type { StatNames } from "../../src/nn/gradient.ts";
import { evaluationColumns, returnColumns, updateHead } from "../../src/runtime/plan/columns.ts";

/** Names that points and tables have already. */
const taken = [...Object.keys({ ...updateHead, ...returnColumns }), ...evaluationColumns, "what", "constructor"];

describe.each(Object.values(algorithms))("$title", (algorithm) => {
  const all = Object.entries(statsOf(algorithm));

  test("declares every statistic of its loss, and hides none that all have", () => {
    for (const { outputGradient } of Object.values(algorithm.losses))
      expect(Object.keys(algorithm.stats)).toEqual(expect.arrayContaining([...outputGradient.stats]));
    for (const name of Object.keys(updateStats)) expect(algorithm.stats).not.toHaveProperty(name);
  });

  test("calls each by a name that nothing else has", () => {
    for (const [name] of all) {
      expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
      expect(taken).not.toContain(name);
    }
  });

  test("explains each, and draws those of a group on one axis, in one unit", () => {
    const groups = new Set(all.flatMap(([, { group }]) => group ?? []));
    expect(new Set([...groups].map(({ title }) => title)).size).toBe(groups.size);
    for (const [, { label, help }] of all) {
      expect(label.length).toBeGreaterThan(0);
      expect(help).toMatch(/^.{15,}\.$/);
    }
    for (const group of groups) {
      const own = all.map(([, of]) => of).filter((of) => of.group === group);
      expect(new Set(own.map(({ unit }) => unit)).size).toBe(1);
      expect(new Set(own.map(({ label }) => label)).size).toBe(own.length);
      if (group.scale === "log") for (const x of group.include) expect(x).toBeGreaterThan(0);
      if (group.range) expect(group.range[0]).toBeLessThan(group.range[1]);
    }
  });
});

test("names are held to those of the row function by their type", () => {
  const one = stat({ label: "one", help: "A statistic." });
  // @ts-expect-error: the value loss is missing
  const lacking = { loss: one, policyLoss: one, entropy: one } satisfies Stats<StatNames<typeof actorCriticGradient>>;
  const misspelt = {
    ...{ loss: one, policyLoss: one, valueLoss: one },
    // @ts-expect-error: the row function says "entropy"
    entrop: one,
  } satisfies Stats<StatNames<typeof actorCriticGradient>>;
  expect(Object.keys(lacking)).not.toEqual(Object.keys(misspelt));
  expect(Object.keys(actorCriticStats).slice(0, -1)).toEqual(actorCriticGradient.stats);
});
