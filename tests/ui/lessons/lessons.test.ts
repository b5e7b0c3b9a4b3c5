import { describe, expect, test } from "vitest";
import { configProblems } from "../../../src/runtime/plan/config.ts";
import { decodeRun, encodeRun, encodeRunIn } from "../../../src/ui/address/url.ts";
import { lessons } from "../../../src/ui/lessons/lessons.ts";
import { type LessonId, lessonTitles } from "../../../src/ui/lessons/titles.ts";

const ids = Object.keys(lessonTitles) as LessonId[];

test("at least eight lessons, each with its own title", () => {
  expect(ids.length).toBeGreaterThanOrEqual(8);
  expect(new Set(Object.values(lessonTitles)).size).toBe(ids.length);
  expect(Object.keys(lessons)).toEqual(ids);
});

describe.each(ids)("%s", (id) => {
  const { question, options, answer, why, text, look, runs } = lessons[id];

  test("asks a question with one right answer, and explains it with numbers", () => {
    expect(question).toMatch(/[?:]$/);
    expect(options.length).toBeGreaterThanOrEqual(2);
    expect(options.length).toBeLessThanOrEqual(3);
    expect(new Set(options).size).toBe(options.length);
    expect(options[answer]).toBeDefined();
    expect(why).toMatch(/\d/);
    for (const prose of [why, text, look]) expect(prose).toMatch(/^[A-Z].*[.?]$/);
  });

  test("its runs are legal, end by themselves, differ, and say nothing that is the default", () => {
    expect(runs.length).toBeGreaterThanOrEqual(2);
    expect(new Set(runs.map((r) => r.label)).size).toBe(runs.length);
    const written = runs.map(({ query }) => {
      const { config, problems } = decodeRun(query);
      expect(problems).toEqual([]);
      expect(configProblems(config)).toEqual([]);
      expect(config.values.until).not.toEqual([]);
      const version = Number(/^v=(\d+)&/.exec(query)?.[1]); // its numbers were measured with those defaults
      expect(encodeRunIn(version, config).split("&").sort()).toEqual(query.split("&").sort());
      return encodeRun(config);
    });
    expect(new Set(written).size).toBe(runs.length);
  });
});
