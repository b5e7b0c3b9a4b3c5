import { describe, expect, test } from "vitest";
import { configProblems, defaultConfig } from "../../src/runtime/plan/config.ts";
import { decodeAddress, decodeRun, encodeAddress } from "../../src/ui/address/url.ts";
import { lessonIds } from "../../src/ui/lessons/titles.ts";
import { embedParts } from "../../src/ui/state/embed.ts";
import { Dice, size } from "./dice.ts";
import { hostileLink } from "./links.ts";

const links = size(2_000, 100_000);

/** What is wrong with how a link was read; null: nothing. */
function complaint(link: string): string | null {
  const { config, lesson, embed, problems } = decodeAddress(link);
  const illegal = configProblems(config);
  if (illegal.length > 0) return illegal.join("; ");
  if (Object.getPrototypeOf(config.values) !== Object.prototype) return "the values have another prototype";
  const fallback = defaultConfig(config.algo, config.env).values;
  if (Object.keys(config.values).join() !== Object.keys(fallback).join()) return "the values have other keys";
  if (lesson !== null && !lessonIds.includes(lesson)) return `lesson ${lesson}`;
  if (embed?.some((part) => !embedParts.includes(part))) return `embed ${embed}`;
  if (problems.length > 52) return `${problems.length} problems`;
  for (const { key, message } of problems) {
    if (!message.startsWith(key) || key === "") return `"${message}" does not begin with "${key}"`;
    if (message.length > 400) return `a message of ${message.length} characters`;
    if (!message.isWellFormed()) return "a message that is not well-formed text";
  }
  const again = encodeAddress(config, lesson);
  const { problems: left, config: same } = decodeAddress(again);
  return left.length > 0 || encodeAddress(same, lesson) !== again ? "not stable" : null;
}

describe(`${links} hostile links`, () => {
  test("are read without an error, as a legal configuration; what was not understood is named in short sentences", () => {
    for (let i = 0; i < links; i++) {
      const link = hostileLink(new Dice(7, i));
      let wrong: string | null;
      try {
        wrong = complaint(link);
      } catch (error) {
        wrong = `throws ${error}`;
      }
      if (wrong !== null) expect.fail(`link ${i} (${JSON.stringify(link.slice(0, 300))}): ${wrong}`);
    }
  }, 600_000);

  test("are hostile: most of them have something to be named, and most kinds of sentences are among them", () => {
    const said = Array.from({ length: 2_000 }, (_, i) => decodeRun(hostileLink(new Dice(7, i))).problems);
    expect(said.filter((problems) => problems.length > 0).length).toBeGreaterThan(1000);
    const all = said.flat().map(({ message }) => message);
    for (const words of [
      "Did you mean",
      "is no hyperparameter",
      "broken percent-encoding",
      "more problems",
      "no value",
    ])
      expect(all.some((message) => message.includes(words))).toBe(true);
  });
});
