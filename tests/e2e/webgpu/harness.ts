/** Runs in the browser's page: the fused engine against TensorFlow.js and plain float64 arithmetic, on one device. */
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import { defaultsOf } from "../../../src/core/params.ts";
import { Rng } from "../../../src/core/rng.ts";
import type { Batch, UpdateRequest } from "../../../src/nn/engine.ts";
import { type Declared, layerOf, learntOf, type NetworkSpec, networkSpec } from "../../../src/nn/graph.ts";
import { initialise } from "../../../src/nn/initialise.ts";
import type { Learns } from "../../../src/nn/loss.ts";
import { actorCriticNetwork, type Trunk } from "../../../src/nn/networks.ts";
import { type Moments, type OptimizerName, plainOptimizer } from "../../../src/nn/optimizers.ts";
import { type Gpu, loadBackend, loadDevice, tf } from "../../../src/nn/tfjs/backend.ts";
import { countDeviceWork } from "../../../src/nn/tfjs/count.ts";
import { tfjsEngine } from "../../../src/nn/tfjs/engine.ts";
import { type FusedEngine, fusedEngine } from "../../../src/nn/tfjs/fused.ts";
import { type Costs, gradientOf, lossOf, type Sizes } from "../../nn/plain.ts";

const { params } = algorithms.a2c;
const { outputGradient } = algorithms.a2c.losses.categorical;

export interface Case extends Sizes, Costs {
  rows: number;
  seed: number;
  /** Factor on the logits' weights. */
  logits: number;
  algo: AlgorithmId;
  trunk?: Trunk;
  normalise?: boolean;
  /** Logits that no observation changes. */
  free?: boolean;
  /** Of the algorithm's losses; of a Gaussian one `actions` are the numbers of an action. */
  loss?: "categorical" | "gaussian";
}

const learnsOf = ({ algo, loss = "categorical" }: Pick<Case, "algo" | "loss">) => algorithms[algo].losses[loss];

/** The same network with parameters without an input in place of the logits. */
function withFreeLogits({ inputs, layers }: NetworkSpec): NetworkSpec {
  const declared = layers.flatMap((layer): Declared[] => {
    if (layer.name === "logits") return [{ kind: "free", name: "logits", outputs: layer.outputs, initial: 0.5 }];
    return layer.name.startsWith("policyHidden") ? [] : [layer];
  });
  return networkSpec(inputs, declared, ["logits", "value"]);
}

const shared = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));

const normals = (rng: Rng, to: Float32Array, scale: number) => {
  for (let i = 0; i < to.length; i++) to[i] = scale * rng.normal();
  return to;
};

interface Scene {
  hp: Record<string, unknown> & Costs;
  learns: Learns;
  spec: NetworkSpec;
  parameters: Float32Array;
  moments: Moments;
  batch: Batch;
}

/** Drawn parameters and experience, in shared memory as in a run. */
function draw(of: Case): Scene {
  const { inputs, actions, widths, activation, rows, seed, logits, valueCost, entropyCost } = of;
  const { trunk = "shared", normalise = false } = of;
  const shape = actorCriticNetwork({
    inputs,
    hidden: widths,
    activation,
    trunk,
    policy: of.loss === "gaussian" ? { mean: actions, logSigma: "free", initialLogSigma: -0.5 } : { logits: actions },
    normalise,
  });
  const spec = of.free ? withFreeLogits(shape) : shape;
  const rng = new Rng().seed(seed);
  const parameters = shared(spec.size);
  initialise(spec, rng, parameters);
  for (let i = 0; i < parameters.length; i++) parameters[i] += 0.05 * rng.normal();
  if (!of.free && of.loss !== "gaussian") {
    const { weight, bias } = layerOf(spec, "logits", "dense");
    for (let i = weight; i < bias; i++) parameters[i] *= logits;
  }
  const action = of.loss === "gaussian" ? normals(rng, shared(rows * actions), 1) : shared(rows);
  if (of.loss !== "gaussian") for (let n = 0; n < rows; n++) action[n] = rng.next() % actions;
  return {
    hp: { ...defaultsOf(params), valueCost, entropyCost },
    learns: learnsOf(of),
    spec,
    parameters,
    moments: {
      first: shared(spec.learnt.length),
      second: shared(spec.learnt.length),
      steps: new Int32Array(new SharedArrayBuffer(4)),
    },
    batch: {
      rows,
      observation: normals(rng, shared(rows * inputs), 1),
      action,
      advantage: normals(rng, shared(rows), 2),
      returns: normals(rng, shared(rows), 5),
    },
  };
}

let gpu: Gpu;

/** A device for the page; the witness, TensorFlow.js, computes on the processor. */
export async function open() {
  gpu = await loadDevice();
  await loadBackend("tfjs-cpu");
  return { adapter: gpu.adapter, isSoftware: gpu.isSoftware };
}

const length = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((sum, x) => sum + x * x, 0));
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => length(Array.from(a, (x, i) => x - b[i]));

async function witness({ learns, spec, batch, hp }: Scene, parameters: Float32Array) {
  const gradient = new Float32Array(spec.learnt.length);
  const stats = new Float32Array(outputGradient.stats.length);
  await tfjsEngine(tf, "cpu", spec, learns).differentiate(parameters, batch, hp, gradient, stats);
  return { gradient, stats };
}

/** Distances of the fused gradient, in units of the gradient's length, and of the loss's parts, in units of 1 + their size. */
export async function gradientError(of: Case, exact: boolean) {
  const scene = draw(of);
  const { spec, parameters, batch, hp } = scene;
  const engine = fusedEngine(gpu, spec, of.rows, learnsOf(of).outputGradient);
  const gradient = shared(spec.learnt.length).fill(Number.NaN);
  const stats = shared(outputGradient.stats.length).fill(Number.NaN);
  await engine.differentiate(parameters, batch, hp, gradient, stats);
  engine.dispose();
  const theirs = await witness(scene, parameters);
  const statsError = Math.max(
    ...Array.from(stats, (x, i) => Math.abs(x - theirs.stats[i]) / (1 + Math.abs(theirs.stats[i]))),
  );
  const toTfjs = apart(gradient, theirs.gradient) / length(theirs.gradient);
  if (!exact) return { toTfjs, statsError, toExact: null, tfjsToExact: null };
  const truth = gradientOf(of, parameters, batch, hp);
  return {
    toTfjs,
    statsError,
    toExact: apart(gradient, truth) / length(truth),
    tfjsToExact: apart(theirs.gradient, truth) / length(truth),
    lossToExact: Math.abs(stats[0] - lossOf(of, parameters, batch, hp).loss),
  };
}

const rates = { lr: 2e-3, decay: 0.99, beta1: 0.9, beta2: 0.999, epsilon: 1e-5 };

const CLIP = 0.5;

const request = (scene: Scene, rule: OptimizerName, at: Float32Array | null, clip = CLIP): UpdateRequest => ({
  batch: scene.batch,
  at,
  hp: scene.hp,
  clip,
  rule,
  rates,
});

const copyOf = ({ parameters, moments }: Scene) => ({
  parameters: parameters.slice(),
  moments: { first: moments.first.slice(), second: moments.second.slice(), steps: moments.steps.slice() },
});

/** What data change between two updates. */
function moveStatistics({ statistics: { at, length } }: NetworkSpec, update: number, ...vectors: Float32Array[]) {
  for (const vector of vectors) for (let i = at; i < at + length; i++) vector[i] += 0.01 * (update + 1);
}

/**
 * Updates beside TensorFlow.js and the plain optimizer. stale: the gradient is taken at the parameters of the start.
 * Between them, gradients elsewhere are asked for, which must change nothing.
 */
export async function updatesError(of: Case, rule: OptimizerName, updates: number, stale: boolean, clip = CLIP) {
  const scene = draw(of);
  const { spec, parameters, moments } = scene;
  const start = parameters.slice();
  const twin = copyOf(scene);
  const engine = fusedEngine(gpu, spec, of.rows, learnsOf(of).outputGradient);
  const stats = shared(outputGradient.stats.length);
  engine.resident.load(parameters, moments);
  let normError = 0;
  for (let u = 0; u < updates; u++) {
    const at = stale ? start : null;
    const norm = await engine.resident.update(request(scene, rule, at, clip), parameters, moments, stats);
    const { gradient } = await witness(scene, at ?? twin.parameters);
    const theirs = plainOptimizer.clip(gradient, clip);
    plainOptimizer.step(rule, learntOf(spec, twin.parameters), gradient, twin.moments, rates);
    moveStatistics(spec, u, parameters, twin.parameters);
    normError = Math.max(normError, Math.abs(norm - theirs) / theirs);
    if (u % 7 === 3)
      await engine.differentiate(start, scene.batch, scene.hp, new Float32Array(spec.learnt.length), stats);
  }
  engine.dispose();
  const ratio = (a: Float32Array, b: Float32Array) => (length(b) === 0 ? length(a) : apart(a, b) / length(b));
  return {
    parameters: apart(parameters, twin.parameters) / apart(start, twin.parameters),
    second: ratio(moments.second, twin.moments.second),
    first: ratio(moments.first, twin.moments.first),
    steps: moments.steps[0],
    norm: normError,
  };
}

/** Calls of warm updates, and what the engine says an update costs. */
export async function callsOf(of: Case, rule: OptimizerName, updates: number, stale: boolean) {
  const scene = draw(of);
  const { spec, parameters, moments } = scene;
  const engine = fusedEngine(gpu, spec, of.rows, outputGradient);
  const stats = shared(outputGradient.stats.length);
  engine.resident.load(parameters, moments);
  const update = () =>
    engine.resident.update(request(scene, rule, stale ? scene.parameters : null), parameters, moments, stats);
  await update();
  const counts = await countDeviceWork(async () => {
    for (let u = 0; u < updates; u++) await update();
  });
  engine.dispose();
  return { counts, cost: engine.cost(of.rows, rule, stale), steps: moments.steps[0], parameters: spec.size };
}

const message = (promise: Promise<unknown>) =>
  promise.then(
    () => "",
    (error: Error) => error.message,
  );

/** A bad number somewhere must leave parameters and moments as they were, here and on the device. */
export async function poisoned(
  of: Case,
  rule: OptimizerName,
  where: "observation" | "advantage" | "returns",
  bad: number,
) {
  const scene = draw(of);
  const { parameters, moments, batch } = scene;
  const engine = fusedEngine(gpu, scene.spec, of.rows, outputGradient);
  const stats = shared(outputGradient.stats.length);
  engine.resident.load(parameters, moments);
  await engine.resident.update(request(scene, rule, null), parameters, moments, stats);
  const before = copyOf(scene);
  const good = batch[where][1];
  batch[where][1] = bad;
  const norm = await engine.resident.update(request(scene, rule, null), parameters, moments, stats);
  const here = [parameters, moments.first, moments.second, moments.steps];
  const there = [before.parameters, before.moments.first, before.moments.second, before.moments.steps];
  const unchanged = here.every((array, i) => array.every((x, at) => x === there[i][at]));
  const isSeen = !(Number.isFinite(norm) && Number.isFinite(stats[0]));
  // The next good update goes on from where it was.
  batch[where][1] = good;
  await engine.resident.update(request(scene, rule, null), parameters, moments, stats);
  const { gradient } = await witness(scene, before.parameters);
  plainOptimizer.clip(gradient, CLIP);
  const from = before.parameters.slice();
  plainOptimizer.step(rule, before.parameters, gradient, before.moments, rates);
  engine.dispose();
  return { unchanged, isSeen, next: apart(parameters, before.parameters) / apart(from, before.parameters) };
}

/** What is said of a network that the device's limits do not allow, of a kernel that does not compile, and of misuse. */
export async function refusals(of: Case) {
  const scene = draw(of);
  const { spec, parameters, moments, batch, hp } = scene;
  const stats = shared(outputGradient.stats.length);
  let tooLarge = "";
  try {
    fusedEngine(gpu, spec, 1e9, outputGradient);
  } catch (error) {
    tooLarge = (error as Error).message;
  }
  const broken = fusedEngine(gpu, spec, of.rows, outputGradient, "fn outputGradient() -> Nothing {}");
  broken.resident.load(parameters, moments);
  const before = parameters.slice();
  const notCompiled = await message(broken.resident.update(request(scene, "adam", null), parameters, moments, stats));
  const engine = fusedEngine(gpu, spec, of.rows, outputGradient);
  const notLoaded = await message(engine.resident.update(request(scene, "adam", null), parameters, moments, stats));
  const tooMany = await message(
    engine.differentiate(
      parameters,
      { ...batch, rows: of.rows + 1 },
      hp,
      new Float32Array(spec.size),
      stats,
    ) as Promise<void>,
  );
  const noCosts = await message(
    engine.differentiate(parameters, batch, {}, new Float32Array(spec.size), stats) as Promise<void>,
  );
  return { tooLarge, notCompiled, notLoaded, tooMany, noCosts, unchanged: before.every((x, i) => x === parameters[i]) };
}

/** Loses the device between updates and during one; afterwards the page needs a new one. */
export async function loseDevice(of: Case, rule: OptimizerName) {
  const scene = draw(of);
  const { parameters, moments } = scene;
  const engine = fusedEngine(gpu, scene.spec, of.rows, outputGradient);
  const stats = shared(outputGradient.stats.length);
  engine.resident.load(parameters, moments);
  const update = () => engine.resident.update(request(scene, rule, null), parameters, moments, stats);
  for (let u = 0; u < 3; u++) await update();
  const last = copyOf(scene);
  const during = message(update());
  gpu.device.destroy();
  const messages = [await during, await message(update())];
  const differentiate = await message(
    engine.differentiate(
      parameters,
      scene.batch,
      scene.hp,
      new Float32Array(parameters.length),
      stats,
    ) as Promise<void>,
  );
  const kept =
    parameters.every((x, i) => x === last.parameters[i]) &&
    moments.second.every((x, i) => x === last.moments.second[i]) &&
    moments.steps[0] === 3;
  return { messages, differentiate, kept };
}

/** Listeners that a device gets while its backend is left and taken again. */
export async function listenersAdded(rounds: number): Promise<number> {
  const { addEventListener } = EventTarget.prototype;
  let added = 0;
  EventTarget.prototype.addEventListener = function (this: EventTarget, ...of: Parameters<typeof addEventListener>) {
    if (this instanceof GPUDevice) added++;
    return addEventListener.apply(this, of);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      await loadBackend("tfjs-webgpu");
      await loadBackend("tfjs-cpu");
    }
  } finally {
    EventTarget.prototype.addEventListener = addEventListener;
  }
  return added;
}

/** The fault that a buffer over the device's limit leaves behind, and what is left of it for who loads the device next. */
export async function faultOfBuffer() {
  const { device, health } = gpu;
  device.createBuffer({ size: 2 * device.limits.maxBufferSize, usage: GPUBufferUsage.STORAGE });
  for (let wait = 0; wait < 100 && !health.fault; wait++) await new Promise((done) => setTimeout(done, 20));
  await open();
  return { fault: health.fault, next: gpu.health.fault };
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

/** Milliseconds an update, and of them until everything is submitted. updates: after one warm-up */
export async function timeFused(of: Case, updates: number) {
  const scene = draw(of);
  const { spec, parameters, moments } = scene;
  const engine: FusedEngine = fusedEngine(gpu, spec, of.rows, outputGradient);
  const stats = shared(outputGradient.stats.length);
  engine.resident.load(parameters, moments);
  const whole: number[] = [];
  const encode: number[] = [];
  for (let u = -5; u < updates; u++) {
    const start = performance.now();
    engine.submit(request(scene, "adam", null), moments.steps[0]);
    const submitted = performance.now();
    await engine.read(parameters, moments, stats);
    if (u < 0) continue;
    encode.push(submitted - start);
    whole.push(performance.now() - start);
  }
  engine.dispose();
  return { whole: median(whole), encode: median(encode) };
}

/** As timeFused, with TensorFlow.js op by op on the device and the plain optimizer. */
export async function timeOpByOp(of: Case, updates: number) {
  const scene = draw(of);
  const { spec, parameters, moments, batch, hp } = scene;
  await loadBackend("tfjs-webgpu");
  const engine = tfjsEngine(tf, "webgpu", spec, learnsOf(of));
  const gradient = new Float32Array(spec.size);
  const stats = shared(outputGradient.stats.length);
  const whole: number[] = [];
  const encode: number[] = [];
  for (let u = -3; u < updates; u++) {
    const start = performance.now();
    const answer = engine.differentiate(parameters, batch, hp, gradient, stats);
    const submitted = performance.now();
    await answer;
    plainOptimizer.clip(gradient, CLIP);
    plainOptimizer.step("adam", parameters, gradient, moments, rates);
    if (u < 0) continue;
    encode.push(submitted - start);
    whole.push(performance.now() - start);
  }
  await loadBackend("tfjs-cpu");
  return { whole: median(whole), encode: median(encode) };
}
