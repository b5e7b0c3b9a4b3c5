import { expect, test } from "vitest";
import { defaultConfig, withValues } from "../../../src/runtime/plan/config.ts";
import { decodeAddress, runAddress } from "../../../src/ui/address/url.ts";
import { embedCode, embedParts, parseShow } from "../../../src/ui/state/embed.ts";

test("what a frame shows is read with the run, and the run is the same", () => {
  const config = withValues(defaultConfig("a3c"), { seed: 9 });
  const address = runAddress(config, "https://example.org/");
  const code = embedCode(`${address}#run=abc`, ["curve"]);
  const source = /src="([^"]+)"/.exec(code)![1].replaceAll("&amp;", "&");
  const url = new URL(source);
  expect(url.hash).toBe("#run=abc");
  expect(decodeAddress(url.search)).toEqual({ config, lesson: null, embed: ["curve"], problems: [] });
  const whole = /src="([^"]+)"/.exec(embedCode("https://example.org/", embedParts))![1];
  expect(whole).toBe("https://example.org/?embed=1");
  expect(decodeAddress("embed=1").embed).toEqual(embedParts);
  expect(decodeAddress("seed=3").embed).toBeNull();
});

test("a part that does not exist is named, and all is shown", () => {
  expect(parseShow("curve,numbers")).toEqual(["numbers", "curve"]);
  expect(parseShow(" Curve, numbers ")).toEqual(["numbers", "curve"]);
  expect(decodeAddress("embed= １&show=curve%2C%20actors")).toMatchObject({ embed: ["curve", "actors"], problems: [] });
  expect(parseShow("curve,dragons")).toBeNull();
  expect(parseShow("")).toBeNull();
  const { embed, problems } = decodeAddress("embed=1&show=dragons");
  expect(embed).toEqual(embedParts);
  expect(problems[0].message).toMatch(/^show must be one or more of numbers, curve, actors/);
  expect(decodeAddress("embed=yes").problems[0].message).toBe('embed must be 1, not "yes"');
  expect(decodeAddress("show=curve").problems[0].message).toMatch(/no effect without embed=1/);
});
