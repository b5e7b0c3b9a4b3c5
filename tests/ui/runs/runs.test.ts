import { createRequire } from "node:module";
import type * as Tfjs from "@tensorflow/tfjs";
import { describe, expect, test, vi } from "vitest";
import { Rng } from "../../../src/core/rng.ts";
import { toLayersModel, toSafetensors } from "../../../src/nn/export/weights.ts";
import { Forward } from "../../../src/nn/forward.ts";
import { layerOf, networkSpec } from "../../../src/nn/graph.ts";
import { initialise } from "../../../src/nn/initialise.ts";
import { actorCriticNetwork } from "../../../src/nn/networks.ts";
import { checkpointBytes } from "../../../src/runtime/memory/checkpoint.ts";
import { decodeRun } from "../../../src/ui/address/url.ts";
import { namesOf } from "../../../src/ui/runs/names.ts";
import { fromJson } from "../../../src/ui/runs/reading.ts";
import { MOST_BYTES, networkOf, recordingIn, toCsv, toJson } from "../../../src/ui/runs/recording.ts";
import { normals, specOf } from "../../nn/specs.ts";
import { stage } from "../../runtime/stage.ts";
import { recording } from "./recordings.ts";

describe("a file", () => {
  test("holds the whole run", () => {
    expect(fromJson(toJson(recording()))).toEqual({ run: recording(), weights: null });
    expect(fromJson(toJson({ ...recording(), query: "" })).run.query).toBe("v=1"); // kept before v=2, with every default
  });
  test("with a name of several lines gives a name of one", () => {
    const named = (name: string) => fromJson(JSON.stringify({ ...recording(), name })).run.name;
    expect(named("one\u000btwo\r\nthree\u2028\u0000")).toBe("one two three");
    expect(named("\ud800a\u202eb")).toBe("a b");
    expect(named("学習 一 👩‍🔬")).toBe("学習 一 👩‍🔬");
  });
  describe("with weights", () => {
    const query = "v=1&seed=7&engine=simd&gradients=learner";
    const run = recording({ query });
    const parameters = Float32Array.from({ length: networkOf(run).size }, (_, i) => Math.fround(Math.sin(i)));
    const checkpoint = checkpointOf(query);
    /** As it is before the first update. */
    function checkpointOf(of: string) {
      const { plan, memory, learner } = stage(decodeRun(of).config);
      learner.save();
      return checkpointBytes(plan, memory.header.hash.buffer);
    }
    test("holds them and the checkpoint, bit for bit", () => {
      expect(fromJson(toJson(run, { parameters, checkpoint }))).toEqual({ run, weights: { parameters, checkpoint } });
      expect(fromJson(toJson(run, { parameters, checkpoint: null })).weights).toEqual({ parameters, checkpoint: null });
    });
    test.each([
      ["too few numbers", { parameters: parameters.subarray(1), checkpoint: null }, "are not the"],
      [
        "a number that is none",
        { parameters: parameters.map((x, i) => (i === 9 ? Number.NaN : x)), checkpoint },
        "are not",
      ],
      ["a checkpoint cut short", { parameters, checkpoint: checkpoint.subarray(0, 400) }, "another configuration"],
      ["a checkpoint that is none", { parameters, checkpoint: checkpoint.map(() => 7) }, "not a checkpoint"],
      [
        "a checkpoint that says the impossible",
        { parameters, checkpoint: checkpoint.map((x, i) => (i === 16 + 7 ? 0xff : x)) },
        "this checkpoint is damaged (its running time: -",
      ],
      ["a checkpoint of another network", { parameters: null, checkpoint: wider() }, "another configuration"],
    ])("with %s is refused in plain words", (_, weights, words) => {
      expect(() => fromJson(toJson(run, weights))).toThrow(words);
    });
    test("with a checkpoint that was never written is refused in plain words", () => {
      const { plan, memory } = stage(decodeRun(query).config);
      const text = toJson(run, { parameters, checkpoint: checkpointBytes(plan, memory.header.hash.buffer) });
      expect(() => fromJson(text)).toThrow("this checkpoint is empty: the run ended before its first one was written");
    });
    test("that are no base64 is refused", () => {
      const text = JSON.stringify({ ...run, parameters: "§" });
      expect(() => fromJson(text)).toThrow("The weights of the file cannot be read");
    });
    function wider() {
      return checkpointOf(`${query}&hidden=8`);
    }
  });
  test.each([
    ["nothing", "", "not JSON"],
    ["another thing", "{}", "no run of Cartpool: format"],
    ["a newer format", JSON.stringify({ ...recording(), format: 9 }), "newer version of Cartpool (format 9"],
    ["a number that is none", JSON.stringify({ ...recording(), envSteps: "many" }), "envSteps is not as expected"],
    [
      "too many points",
      JSON.stringify({ ...recording(), returns: Array(601).fill(recording().returns[0]) }),
      "returns is not as expected",
    ],
    ["an illegal configuration", JSON.stringify({ ...recording(), query: "lr=700" }), "lr must be a number"],
    ["too much", `"${"x".repeat(MOST_BYTES)}"`, "larger than 40 MB"],
  ])("with %s is refused in plain words", (_, text, words) => {
    expect(() => fromJson(text)).toThrow(words);
  });
  describe("that is too large is refused before", () => {
    test("a list of it is walked", () => {
      let looks = 0;
      const list = new Proxy(Array(10_000).fill(null), {
        get(of, key, self) {
          if (typeof key === "string" && /^\d/.test(key)) looks++;
          return Reflect.get(of, key, self);
        },
      });
      for (const key of ["edits", "returns", "evaluations", "updateSeries"]) {
        const problem = `is no run of Cartpool: ${key} is not as expected`;
        expect(recordingIn({ ...recording(), [key]: list })).toEqual({ problem });
      }
      expect(looks).toBe(0);
    });
    test("it is taken apart, where it has more values than any run", () => {
      const parse = vi.spyOn(JSON, "parse");
      const many = JSON.stringify({ ...recording(), more: '"'.repeat(9), rest: Array(150_001).fill([]) });
      expect(() => fromJson(many)).toThrow(/^The file is no run of Cartpool: it holds more than 150000 values\.$/);
      expect(parse).not.toHaveBeenCalled();
      parse.mockRestore();
    });
    test("its weights are decoded", () => {
      const decode = vi.spyOn(globalThis, "atob");
      const words = /^The weights of the file cannot be read: its (weights|checkpoint) [^.]{10,100}\.$/;
      for (const key of ["parameters", "checkpoint"])
        expect(() => fromJson(JSON.stringify({ ...recording(), [key]: "A".repeat(4e6) }))).toThrow(words);
      for (const [text] of decode.mock.calls) expect(text.length).toBeLessThanOrEqual(24); // the head of a checkpoint
      decode.mockRestore();
    });
    test.each([Array(5000).fill("x"), { a: "x".repeat(1e5) }, 7])(
      "and in few words, whatever stands for its weights",
      (what) => {
        const words = "The weights of the file cannot be read: parameters is no text.";
        expect(() => fromJson(JSON.stringify({ ...recording(), parameters: what }))).toThrow(new Error(words));
      },
    );
  });

  test("keeps the letters of a name, and none that breaks a line", () => {
    const { run } = fromJson(toJson(recording({ name: "学習\u000b一\n\0" })));
    expect(run.name).toBe("学習 一");
    expect(() => fromJson(toJson(recording({ edits: [{ ...recording().edits[0], value: "1\n2" }] })))).toThrow("edits");
  });

  test("as CSV has a row a point under one header, and nothing where there is no number", () => {
    const [head, ...rows] = toCsv(recording()).split("\n");
    expect(head).toMatch(/^what,envSteps \(env-steps\),/);
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.split(",")).toHaveLength(head.split(",").length);
    expect(rows[0]).toBe("training,80,1,0.01,3,20,9,31,,,,,,,,,,,");
  });
});

describe("weights", () => {
  const spec = specOf({ inputs: 4, actions: 2, widths: [6, 5], activation: "tanh" });
  const weights = new Float32Array(spec.size);
  initialise(spec, new Rng().seed(4), weights);
  for (let i = 0; i < weights.length; i += 3) weights[i] += 0.01 * i;

  test("are safetensors as its format says, read by a parser of its own", () => {
    const file = toSafetensors(spec, weights, { algo: "a2c", name: "学習 αβ" });
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.slice(8, 8 + length)));
    const { graph, ...metadata } = header.__metadata__;
    expect(metadata).toEqual({ algo: "a2c", name: "学習 αβ" });
    expect(JSON.parse(graph)).toEqual({
      inputs: 4,
      layers: [
        { name: "hidden1", kind: "dense", from: ["observation"], outputs: 6, activation: "tanh" },
        { name: "hidden2", kind: "dense", from: ["hidden1"], outputs: 5, activation: "tanh" },
        { name: "logits", kind: "dense", from: ["hidden2"], outputs: 2, activation: null },
        { name: "value", kind: "dense", from: ["hidden2"], outputs: 1, activation: null },
      ],
      outputs: ["logits", "value"],
    });
    const data = new Float32Array(file.slice(8 + length).buffer);
    let covered = 0;
    for (const [name, of] of Object.entries(header) as [
      string,
      { dtype: string; shape: number[]; data_offsets: number[] },
    ][]) {
      if (name === "__metadata__") continue;
      expect(of.dtype).toBe("F32");
      const [from, to] = of.data_offsets;
      expect(from).toBe(covered); // no holes
      covered = to;
      expect(to - from).toBe(4 * of.shape.reduce((a, b) => a * b, 1));
    }
    expect(covered).toBe(4 * data.length);
    const { data_offsets } = header["hidden2.weight"];
    expect([...data.subarray(data_offsets[0] / 4, data_offsets[1] / 4)]).toEqual([
      ...weights.subarray(layerOf(spec, "hidden2", "dense").weight, layerOf(spec, "hidden2", "dense").bias),
    ]);
  });

  test("are a TensorFlow.js model with the same outputs", async () => {
    const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof Tfjs;
    await tf.setBackend("cpu");
    const { model: file, weights: weightData } = toLayersModel(spec, weights, "mine.weights.bin");
    const { modelTopology, weightsManifest } = file;
    expect(weightsManifest.map(({ paths }) => paths)).toEqual([["mine.weights.bin"]]);
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest[0].weights as never,
        weightData: weightData.buffer,
      }),
    );
    const rows = 7;
    const observation = Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i));
    const [logits, value] = model.predict(tf.tensor2d(observation, [rows, 4])) as Tfjs.Tensor[];
    const forward = new Forward(spec, rows);
    forward.run(weights, observation, rows);
    const theirs = tf.concat([logits, value], 1).dataSync();
    for (const [i, z] of theirs.entries()) expect(z).toBeCloseTo(forward.outputs[i], 5);
  });

  test("of other graphs are safetensors without holes, and models with the same outputs or a reason", async () => {
    const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof Tfjs;
    await tf.setBackend("cpu");
    const joins = networkSpec(
      3,
      [
        { kind: "dense", name: "a", from: ["observation"], outputs: 4, gain: 1, activation: "relu" },
        { kind: "dense", name: "b", from: ["a", "observation"], outputs: 2, gain: 1, activation: null },
      ],
      ["b"],
    );
    const shape = { inputs: 3, hidden: [5], activation: "tanh", normalise: true } as const;
    const free = { mean: 2, logSigma: "free", initialLogSigma: -1 } as const;
    for (const of of [
      joins,
      actorCriticNetwork({ ...shape, trunk: "separate", policy: { logits: 3 } }),
      actorCriticNetwork({ ...shape, trunk: "shared", policy: free }),
    ]) {
      const numbers = normals(7, of.size, 0.5).map((x, i) => (i >= of.statistics.at ? Math.abs(x) : x));
      const file = toSafetensors(of, numbers, {});
      const length = Number(new DataView(file.buffer).getBigUint64(0, true));
      const statistics = of.statistics.length > 0 ? [...numbers.subarray(of.statistics.at)] : [];
      expect([...new Float32Array(file.slice(8 + length).buffer)]).toEqual([
        ...statistics, // the normalising layer is the first
        ...numbers.subarray(0, of.learnt.length),
      ]);
      const { model: json, weights: data } = toLayersModel(of, numbers, "w.bin");
      const model = await tf.loadLayersModel(
        tf.io.fromMemory({
          modelTopology: json.modelTopology,
          weightSpecs: json.weightsManifest[0].weights as never,
          weightData: data.buffer,
        }),
      );
      const rows = 6;
      const observation = normals(8, rows * 3, 4); // beyond ten standard deviations too
      const said = [model.predict(tf.tensor2d(observation, [rows, 3])) as Tfjs.Tensor[]].flat();
      const forward = new Forward(of, rows);
      forward.run(numbers, observation, rows);
      const theirs = said.length === 1 ? said[0].dataSync() : tf.concat(said, 1).dataSync();
      expect(theirs.length).toBe(rows * of.width);
      for (const [i, z] of theirs.entries()) expect(Math.abs(z - forward.outputs[i])).toBeLessThan(1e-5);
    }
    const sde = actorCriticNetwork({
      ...shape,
      trunk: "shared",
      policy: { mean: 2, logSigma: "sde", initialLogSigma: -1 },
    });
    expect(() => toLayersModel(sde, new Float32Array(sde.size), "w.bin")).toThrow("no layer for state-dependent");
  });

  test("fit the network of their run", () => {
    expect(networkOf({ query: "hidden=6,5" }).size).toBe(spec.size);
  });
});

test("runs are called by what differs, or as a person called them", () => {
  const called = (...queries: string[]) =>
    namesOf(
      queries.map((query) => ({
        name: query === "best" ? query : "",
        config: decodeRun(query === "best" ? "v=1&engine=simd" : query).config,
      })),
    );
  expect(called("v=1&seed=7&engine=simd", "v=1&seed=8&engine=simd&pace=watchable&until=solved", "best")).toEqual([
    "seed 7",
    "seed 8",
    "best",
  ]);
  const straggler = "straggler=1&slowdown=20";
  expect(called(`v=1&${straggler}`, `v=1&algo=a3c&${straggler}`, "v=1")).toEqual([
    "A2C · straggler 1 · slowdown 20",
    "A3C · straggler 1 · slowdown 20",
    "A2C · no straggler",
  ]);
  expect(called(`v=1&${straggler}`, "v=1")).toEqual(["straggler 1 · slowdown 20", "no straggler"]);
});
