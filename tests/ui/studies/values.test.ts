import { expect, test } from "vitest";
import { type ParamValue, widths } from "../../../src/core/params.ts";
import { paramsOf } from "../../../src/runtime/plan/config.ts";
import { readValues } from "../../../src/ui/studies/values.ts";

const params = paramsOf("a3c", "CartPole-v1");

test.each<[string, string, ParamValue[]]>([
  ["lr", "0.003, 0.03", [0.003, 0.03]],
  ["lr", "0.003,0.03", [0.003, 0.03]],
  ["lr", "0,003; 0,03", [0.003, 0.03]],
  ["lr", "0,003, 0,03", [0.003, 0.03]],
  ["lr", "0,003", [0.003]],
  ["lr", "1e-3，２e−3", [0.001, 0.002]],
  ["lr", "0.01", [0.01]],
  ["gamma", "0,9", [0.9]],
  ["gamma", "0, 1", [0, 1]],
  ["actors", "1,2,4,8", [1, 2, 4, 8]],
  ["evalEvery", "1k; 20 000", [1000, 20_000]],
  ["evalEvery", "100, 200", [100, 200]],
  ["horizon", "20k, 1e6", [20_000, 1_000_000]],
  ["optimizer", "Adam, rmsprop", ["adam", "rmsprop"]],
  ["clip", "0.5, off", [0.5, Number.POSITIVE_INFINITY]],
  ["clip", "0,5, off", [0.5, Number.POSITIVE_INFINITY]],
  ["hidden", "64,64; 128", [[64, 64], [128]]],
])("%s: %s", (key, text, value) => {
  expect(readValues(params[key], text)).toEqual({ ok: true, value });
});

test.each([
  ["gamma", "0,1", '"0,1" is "0; 1" or "0.1": write which'],
  ["evalEvery", "100,200", '"100,200" is "100; 200" or "100200": write which'],
  ["maxStaleness", "1,000, 2", '"1,000, 2" is "1; 0; 2" or "1000; 2": write which'],
  ["horizon", "20,000", '"20,000" is 20 or 20000: write which'],
  ["horizon", "20,000; 30000", '"20,000" is 20 or 20000: write which'],
  ["lr", "7", "must be a number from"],
  ["lr", "0.1,", 'not ""'],
  ["actors", "1,x", 'not "x"'],
  ["hidden", "64,64, 0", "layer widths"],
  ["actors", "1, 2; 4", 'not "1, 2"'],
])("%s: %s is refused in words", (key, text, words) => {
  const parsed = readValues(params[key], text);
  expect(parsed.ok ? "" : parsed.problem).toContain(words);
});

test("a list of widths has semicolons outside", () => {
  const one = widths({ label: "x", help: "", group: "network", default: [1], maxLayers: 2, maxWidth: 9 });
  expect(readValues(one, "1, 2")).toEqual({ ok: true, value: [[1, 2]] });
});
