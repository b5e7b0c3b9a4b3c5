/** `npm run headless -- --node`: real runs on worker threads of Node, without a browser. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { capture, root } from "../../../src/cli/process.ts";
import { decodeRun } from "../../../src/ui/address/url.ts";
import { fingerprint } from "../../../src/ui/share/ghost.ts";
import { packRun } from "../../../src/ui/share/shared.ts";
import { lockstepPins, outcomeOf } from "../../runtime/pins.ts";

const folder = mkdtempSync(join(tmpdir(), "cartpool-node-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "result.json");

const headless = (...args: string[]) =>
  capture(process.execPath, ["--import", "tsx", join(root, "src/cli/headless.ts"), "--node", ...args], 300);
const written = () => JSON.parse(readFileSync(file, "utf8"));
const linesOf = (output: string) =>
  output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test.each([
  ["one after the other on the same threads", []],
  ["two at a time on one thread each", ["--one-thread", "--jobs", "2"]],
])(
  "runs in lockstep have the page's bits: %s",
  (_, options) => {
    const pins = lockstepPins();
    expect(pins.length).toBeGreaterThan(5);
    const { output } = headless(...pins.map(({ query }) => query), "--json", file, ...options);
    const results = written();
    const lines = results.map(({ curve: _, ...line }: { curve: unknown }) => JSON.stringify(line));
    expect(output.trim().split("\n").sort()).toEqual(lines.sort());
    pins.forEach(({ name, promised: { status: _, problem, episodes, ...promised } }, i) => {
      expect(results[i], name).toMatchObject({ backend: "simd", ...promised });
    });
    expect(results[0].parametersHash).toBe("5b90236d");
  },
  300_000,
);

test("auto is the SIMD kernels; a run that reaches its target ends with 0", () => {
  const { code, output } = headless("until=steps:102560", "--json", file);
  expect(output).toContain("Target reached: 102560 env-steps");
  expect(code).toBe(0);
  expect(written()).toMatchObject({ backend: "simd", solved: true, envSteps: 102_560, parametersHash: "5b90236d" });
  expect(written().curve.length).toBeGreaterThan(10);
}, 300_000);

test("several runs at a time print a line each as they end", () => {
  const { code, output } = headless("until=steps:1600", "algo=a3c&until=steps:1600", "--seeds", "11-12", "--jobs", "2");
  const lines = linesOf(output);
  expect(code).toBe(0);
  expect(lines.map(({ query }) => query.replace("gradients=actors&", "")).sort()).toEqual(
    [11, 12]
      .flatMap((seed) => ["", "algo=a3c&"].map((algo) => `v=2&${algo}seed=${seed}&engine=simd&until=steps:1600`))
      .sort(),
  );
  expect(new Set(lines.map(({ parametersHash }) => parametersHash)).size).toBe(4);
}, 300_000);

test("a policy is evaluated once more and written, the same on one thread", () => {
  const weights = join(folder, "policy.safetensors");
  const of = ["seed=3&evalEvery=50&until=steps:16000", "--evaluate", "150", "--weights", weights, "--json", file];
  const made = [[], ["--one-thread"]].map((options) => {
    expect(headless(...of, ...options).code).toBe(0);
    return { result: written(), bytes: readFileSync(weights) };
  });
  const [{ result, bytes }] = made;
  expect(made[1].bytes.equals(bytes)).toBe(true);
  expect(made[1].result.finalEvaluation).toEqual(result.finalEvaluation);

  const { episodes, mean, std } = result.finalEvaluation;
  expect(episodes).toBe(150);
  expect(mean).toBeGreaterThan(9);
  expect(std).toBeGreaterThan(0);
  expect(mean).not.toBe(result.evaluation.mean);
  expect(result.evaluations.map(([envSteps]: number[]) => envSteps)).toEqual([4000, 8000, 12_000, 16_000]);
  expect(result.evaluations.at(-1).slice(1)).toEqual([result.evaluation.mean, result.evaluation.std]);

  const length = Number(bytes.readBigUInt64LE());
  const { __metadata__: about, ...tensors } = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  expect(about).toMatchObject({ algo: "a2c", env: "CartPole-v1", query: result.query, update: "200" });
  expect(about.hash).toBe(result.parametersHash);
  expect(tensors["hidden1.weight"]).toMatchObject({ dtype: "F32", shape: [4, 64] });
}, 300_000);

test("what was changed in a shared run is repeated", async () => {
  const query = "seed=5&gradients=actors&engine=simd&until=updates:60";
  const { config } = decodeRun(query);
  const edits = [{ update: 20, key: "lr", value: "0.003" }];
  const repeated = await outcomeOf(config, edits, "repetition");
  const { parametersHash, returnsHash, envSteps, updates } = repeated.outcome;
  const shared = { configuration: fingerprint(config), envSteps, updates, seconds: 1, parametersHash, returnsHash };
  const hash = await packRun({ ...shared, edits, missing: 0, curve: [] });
  headless(`${query}#run=${hash}`, "--json", file);
  expect(written().parametersHash).toBe(parametersHash);
  headless(query, "--json", file);
  expect(written().parametersHash).not.toBe(parametersHash);
}, 300_000);

test.each(["tfjs-cpu", "tfjs-wasm"])(
  "%s learns",
  (engine) => {
    const { code } = headless(`engine=${engine}&until=updates:20`, "--json", file);
    expect(code).toBe(0);
    expect(written()).toMatchObject({ backend: engine, updates: 20 });
  },
  300_000,
);

test("a run that stops short of its target ends with 1 and says so", () => {
  const { code, output } = headless("until=solved,updates:3");
  expect(output).toMatch(/stopped short of the target \(3 updates\)\n$/);
  expect(code).toBe(1);
  const late = headless("until=never", "--timeout", "1");
  expect(late.output).toMatch(/no end after 1 seconds\n$/);
  expect(late.code).toBe(1);
}, 300_000);

test("what Node cannot run is refused before anything starts", () => {
  const { code, output } = headless("engine=webgpu");
  expect(output).toBe("engine must be auto, simd, tfjs-wasm or tfjs-cpu with --node: webgpu needs a browser\n");
  expect(code).toBe(2);
}, 60_000);
