import { expect, test } from "vitest";
import type { Contender, Measurement } from "../../src/bench/crossover.ts";
import { printed } from "../../src/cli/crossover.ts";

const measured = (engine: Contender, network: "64,64" | "128,128", batch: number, rate: number): Measurement => ({
  ...{ name: "learn", engine, network, batch, unit: "samples", perSecond: rate * batch },
  ...{ spread: 0, rounds: 5, gradientError: engine === "simd" ? 0 : 3e-7 },
});

const text = printed(
  {
    results: [
      measured("simd", "64,64", 80, 5000),
      measured("webgpu", "64,64", 80, 2000),
      measured("tfjs-webgpu", "64,64", 80, 100),
      measured("simd", "64,64", 2048, 200),
      measured("webgpu", "64,64", 2048, 1500),
      measured("simd", "128,128", 80, 1234.5),
    ],
    missing: [
      {
        case: { name: "learn", engine: "tfjs-webgpu", network: "64,64", batch: 2048, unit: "samples" },
        why: "out of memory",
      },
    ],
    adapter: "google, swiftshader",
    host: "Dawn in Node v20",
    processor: "a processor, 2 threads",
  },
  { widths: [64, 128, 256], batches: [80, 2048] },
);

test("the console shows what was measured and nothing else", () => {
  const rows = text.split("\n").map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(["64", "80", "5K", "2K", "100", "0.4 ×", "20 ×"]);
  expect(rows).toContainEqual(["64", "2,048", "200", "1.5K", "–", "7.5 ×", "–"]);
  expect(rows).toContainEqual(["128", "80", "1.23K", "–", "–", "–", "–"]);
  expect(rows).toContainEqual(["128", "2,048", "–", "–", "–", "–", "–"]);
  expect(text).toContain("tfjs op by op, 64,64, batch 2,048 was not measured: out of memory");
});

test("and where the fused step begins to win, on which machine", () => {
  expect(text).toContain("width 64: from a batch of 2,048 on (compared: 80 to 2,048)");
  expect(text).toContain("width 128: not measured");
  expect(text).toContain("width 256: not measured");
  expect(text).toContain("google, swiftshader (emulated");
  expect(text).toContain("Dawn in Node v20");
  expect(text).toContain("a processor, 2 threads");
  expect(text).toContain("gradients: within 3.0e-7");
});
