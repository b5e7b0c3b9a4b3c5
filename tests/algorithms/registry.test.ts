import { describe, expect, test } from "vitest";
import { type AlgorithmId, algorithms } from "../../src/algorithms/index.ts";
import { defaultsOf, problemsOf } from "../../src/core/params.ts";

const all = Object.entries(algorithms);

test("the registry's keys are the algorithms' ids, which are legal in a URL as they are", () => {
  for (const [key, { id }] of all) {
    expect(id).toBe(key);
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
  }
});

test("titles differ", () => {
  expect(new Set(all.map(([, { title }]) => title)).size).toBe(all.length);
});

describe.each(Object.keys(algorithms) as AlgorithmId[])("%s", (id) => {
  const { about, citation, synchrony, params } = algorithms[id];

  test("says what it is and cites its paper", () => {
    expect(about.length).toBeGreaterThan(40);
    expect(citation.text).toMatch(/\b(19|20)\d\d\b/);
    expect(citation.url).toMatch(/^https:\/\/(arxiv\.org\/abs\/\d{4}\.\d{4,5}|doi\.org\/10\..+)$/);
    expect(["lockstep", "asynchronous"]).toContain(synchrony);
  });

  test("its defaults are legal", () => {
    expect(problemsOf(params, defaultsOf(params))).toEqual([]);
  });

  test("every hyperparameter is explained", () => {
    for (const [key, { help, label }] of Object.entries(params)) {
      expect(help.length, key).toBeGreaterThan(15);
      expect(label.length, key).toBeGreaterThan(0);
    }
  });

  test("has what the learner reads by name", () => {
    const read = [
      "lr",
      "schedule",
      "horizon",
      "optimizer",
      "decay",
      "beta1",
      "beta2",
      "epsilon",
      "clip",
      "estimator",
      "gamma",
      "lambda",
    ];
    for (const key of read) expect(Object.keys(params)).toContain(key);
  });
});

test("A2C waits, A3C does not, and the loss is the same", () => {
  expect(algorithms.a2c.synchrony).toBe("lockstep");
  expect(algorithms.a3c.synchrony).toBe("asynchronous");
  expect(algorithms.a2c.losses).toBe(algorithms.a3c.losses);
});
