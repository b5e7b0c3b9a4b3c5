/**
 * The learner as kernels of its own on TensorFlow.js's graphics device. Parameters and moments stay there; an update is
 * one upload, one submission and one read.
 */
import {
  type Batch,
  type BatchGradient,
  fieldsOf,
  type GradientEngine,
  type Resident,
  type UpdateRequest,
} from "../engine.ts";
import { learntOf, type NetworkSpec } from "../graph.ts";
import { type Moments, type OptimizerName, optimizerNames, power } from "../optimizers.ts";
import type { Gpu } from "./backend.ts";
import { checkLimits, passOf } from "./passes.ts";
import { productKernels } from "./products.ts";
import { wgslOf } from "./rows.generated.ts";
import { TILE_WIDTH, tileKernels } from "./tiles.ts";
import {
  afterwards,
  type Dispatch,
  fieldWidthsOf,
  type GradientKernels,
  HEADER,
  header,
  type Learnt,
  resultsOf,
  SPAN,
} from "./wgsl.ts";

/** What one update asks of the device. */
export interface UpdateCost {
  readonly dispatches: number;
  readonly uploadBytes: number;
  readonly readBytes: number;
}

/** An engine whose update can be had in two halves: what the processor does, and the wait for the device. */
export interface FusedEngine extends GradientEngine {
  readonly resident: Resident;
  cost(rows: number, rule: OptimizerName, stale: boolean): UpdateCost;
  /** Uploads and submits an update, after a first one. Once it has returned, `at` and the batch may be written again. */
  submit(request: UpdateRequest, steps: number): void;
  /** Waits for the update that was submitted; as Resident.update. */
  read(parameters: Float32Array, moments: Moments, stats: Float32Array): Promise<number>;
}

/** Into how many partial sums the gradient is divided: as many as the device works on at once. */
const workgroups = ({ isSoftware }: Gpu) => (isSoftware ? { tiles: 4, shares: 2 } : { tiles: 64, shares: 8 });

function kernelsOf(gpu: Gpu, of: Learnt, rowsMax: number): GradientKernels {
  const { spec } = of;
  const { tiles, shares } = workgroups(gpu);
  const widest = Math.max(spec.inputs, spec.width, ...spec.layers.map(({ outputs }) => outputs));
  if (widest > TILE_WIDTH) return productKernels(of, rowsMax, shares);
  return tileKernels(of, Math.min(tiles, Math.ceil(rowsMax / 16)));
}

/** How many moments follow the parameters in a read, the second before the first: those that the rule changes. */
const momentsOf = { sgd: 0, rmsprop: 1, adam: 2 } as const satisfies Record<OptimizerName, number>;

/** The largest float32: no norm that is a number is greater. Kernels may take it for granted that nothing is infinite. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * Throws where the device's limits do not allow it.
 *
 * @param rowsMax most rows of a batch
 * @param row the loss's row function as WGSL
 */
export function fusedEngine(
  gpu: Gpu,
  spec: NetworkSpec,
  rowsMax: number,
  loss: BatchGradient,
  row = wgslOf[loss.id],
): FusedEngine {
  const { device, health } = gpu;
  const P = spec.learnt.length;
  const N = spec.size;
  const learnt: Learnt = { spec, gradient: loss, row };
  const results = resultsOf(loss.stats.length);
  const RESULTS = results.size;
  const entries = RESULTS + P;
  const kernels = kernelsOf(gpu, learnt, rowsMax);
  if (header.length + loss.hp.length > HEADER)
    throw new Error(`${loss.hp.length} hyperparameters of the loss do not fit an upload's header`);

  const fields = fieldsOf(loss);
  const widths = fieldWidthsOf(spec, loss);
  /** Rows of the batch, in floats: observation and fields. */
  const rowFloats = widths.reduce((sum, width) => sum + width, spec.inputs);
  const floats = {
    upload: HEADER + rowsMax * rowFloats + N,
    scratch: Math.max(kernels.scratch, 4),
    partials: kernels.groups(rowsMax) * entries,
    gradient: entries,
    squares: Math.ceil(entries / SPAN),
    state: RESULTS + N + 2 * P,
  };
  checkLimits(device.limits, kernels, floats);
  if (floats.upload > 2 ** 24) throw new Error(`${floats.upload} floats are more than a float can address`);

  for (const filter of ["validation", "out-of-memory", "internal"] as const) device.pushErrorScope(filter);
  const storage = (size: number, usage: number = 0) =>
    device.createBuffer({ size: 4 * size, usage: GPUBufferUsage.STORAGE | usage });
  const buffers = {
    upload: storage(floats.upload, GPUBufferUsage.COPY_DST),
    scratch: storage(floats.scratch),
    partials: storage(floats.partials),
    gradient: storage(floats.gradient, GPUBufferUsage.COPY_SRC),
    squares: storage(floats.squares),
    state: storage(floats.state, GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC), // results | parameters | second | first
    read: device.createBuffer({ size: 4 * floats.state, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ }),
  };
  const pass = (code: string, names: readonly string[], types: readonly GPUBufferBindingType[]) =>
    passOf(device, code, names, types);
  const gradientPass = pass(kernels.code, kernels.entries, [
    "read-only-storage",
    "read-only-storage",
    "storage",
    "storage",
  ]);
  const applyPass = pass(
    afterwards(learnt),
    ["add", ...optimizerNames],
    ["read-only-storage", "read-only-storage", "storage", "storage", "storage"],
  );
  const { upload, scratch, partials, gradient, squares, state } = buffers;
  /** Gradients at the resident parameters, and at uploaded ones. */
  const binds = {
    resident: gradientPass.bind([upload, state, scratch, partials]),
    uploaded: gradientPass.bind([upload, upload, scratch, partials]),
    apply: applyPass.bind([upload, partials, gradient, squares, state]),
  };
  // A lost device has no scopes to tell of: the first read fails.
  const scopes = [0, 1, 2].map(() => device.popErrorScope().catch(() => null));
  const ready = Promise.all(scopes).then((errors) => {
    const error = errors.find((found) => found !== null);
    if (error) throw new Error(`the graphics device refused the learner's kernels: ${error.message}`);
  });
  ready.catch(() => {}); // the first call hears of it

  // Reused: shared memory cannot be handed to writeBuffer, and an update creates no buffer.
  const staging = new Float32Array(floats.upload);
  const moved = new Float32Array(2 * P);
  let isLoaded = false;
  let ticket = 0;
  /** What was submitted and not read. */
  let pending: { bytes: number; steps: number; rule: OptimizerName | null } | null = null;

  const uploadFloats = (rows: number, stale: boolean) => HEADER + rows * rowFloats + (stale ? N : 0);
  const spans = Math.ceil(entries / SPAN);

  /** Writes the staging array and sends it. */
  function send(
    batch: Batch,
    at: Float32Array | null,
    values: Partial<Record<(typeof header)[number], number>>,
    hp: Readonly<Record<string, unknown>>,
  ) {
    const { rows } = batch;
    if (rows > rowsMax) throw new Error(`${rows} rows do not fit an engine for ${rowsMax}`);
    if (pending) throw new Error("the previous update was not read yet");
    if (health.fault) throw new Error(health.fault);
    ticket = (ticket % 1_000_000) + 1;
    const batchEnd = uploadFloats(rows, false);
    const all: typeof values = {
      ...values,
      rows,
      inverseN: 1 / rows,
      groups: kernels.groups(rows),
      base: at ? batchEnd : RESULTS,
      ticket,
    };
    header.forEach((name, i) => {
      staging[i] = all[name] ?? 0;
    });
    loss.hp.forEach((name, i) => {
      const value = hp[name];
      if (typeof value !== "number") throw new Error(`the loss needs ${name}, which is ${value}`);
      staging[header.length + i] = value;
    });
    let to = HEADER;
    const put = (array: Float32Array, size: number) => {
      staging.set(array.length === size ? array : array.subarray(0, size), to);
      to += size;
    };
    put(batch.observation, rows * spec.inputs);
    fields.forEach((name, i) => {
      put(batch[name], rows * widths[i]);
    });
    if (at) staging.set(at, to);
    device.queue.writeBuffer(upload, 0, staging, 0, uploadFloats(rows, at !== null));
  }

  /** Encodes and submits the gradient, then the rule; null: only the gradient. */
  function encode(rows: number, at: Float32Array | null, rule: OptimizerName | null): number {
    gpu.flush();
    const encoder = device.createCommandEncoder();
    const compute = encoder.beginComputePass();
    compute.setBindGroup(0, at ? binds.uploaded : binds.resident);
    for (const [entry, x, y, z] of dispatchesOf(rows)) {
      compute.setPipeline(gradientPass.pipelines[entry]);
      compute.dispatchWorkgroups(x, y, z);
    }
    compute.setBindGroup(0, binds.apply);
    for (const entry of rule ? ["add", rule] : ["add"]) {
      compute.setPipeline(applyPass.pipelines[entry]);
      compute.dispatchWorkgroups(spans);
    }
    compute.end();
    const bytes = 4 * (rule ? RESULTS + N + momentsOf[rule] * P : entries);
    encoder.copyBufferToBuffer(rule ? state : gradient, 0, buffers.read, 0, bytes);
    device.queue.submit([encoder.finish()]);
    return bytes;
  }

  /** Batches of a run have the same number of rows. */
  let latest: { rows: number; list: Dispatch[] } = { rows: -1, list: [] };
  function dispatchesOf(rows: number): Dispatch[] {
    if (latest.rows !== rows) latest = { rows, list: kernels.dispatches(rows) };
    return latest.list;
  }

  /** Hands over what the device answers to the latest submission. */
  async function answer<T>(bytes: number, use: (values: Float32Array) => T): Promise<T> {
    try {
      await buffers.read.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (error) {
      // A lost device is reported just after its reads fail.
      await Promise.race([device.lost, new Promise((done) => setTimeout(done, 200))]);
      throw new Error(health.fault ?? `the graphics device could not be read: ${(error as Error).message}`);
    }
    try {
      if (health.fault) throw new Error(health.fault);
      const values = new Float32Array(buffers.read.getMappedRange(0, bytes));
      if (values[results.ticket] !== ticket)
        throw new Error(`the graphics device answered update ${values[results.ticket]} in place of ${ticket}`);
      return use(values);
    } finally {
      buffers.read.unmap();
    }
  }

  /** Statistics are changed by data, between two updates. */
  function sendStatistics(parameters: Float32Array): void {
    const { at, length } = spec.statistics;
    if (length === 0) return;
    staging.set(parameters); // shared memory cannot be handed to writeBuffer
    device.queue.writeBuffer(state, 4 * (RESULTS + at), staging, at, length);
  }

  function submit(request: UpdateRequest, steps: number): void {
    const { batch, at, hp, clip, rule, rates } = request;
    if (!isLoaded) throw new Error("the engine was given no parameters yet");
    const t = steps + 1;
    const isAdam = rule === "adam";
    send(
      batch,
      at,
      {
        clip: Math.min(clip, LARGEST),
        rate: isAdam ? rates.lr / (1 - power(rates.beta1, t)) : rates.lr,
        less1: 1 - rates.beta1,
        less2: 1 - (isAdam ? rates.beta2 : rates.decay),
        correct2: 1 / (1 - power(rates.beta2, t)),
        epsilon: rates.epsilon,
      },
      hp,
    );
    pending = { bytes: encode(batch.rows, at, rule), steps: t, rule };
  }

  async function read(parameters: Float32Array, moments: Moments, stats: Float32Array): Promise<number> {
    const submitted = pending;
    if (!submitted) throw new Error("no update was submitted");
    try {
      return await answer(submitted.bytes, (values) => {
        stats.set(values.subarray(0, stats.length));
        if (values[results.applied] === 1) {
          learntOf(spec, parameters).set(values.subarray(RESULTS, RESULTS + P));
          const changed = submitted.rule ? momentsOf[submitted.rule] : 0;
          if (changed > 0) moments.second.set(values.subarray(RESULTS + N, RESULTS + N + P));
          if (changed > 1) moments.first.set(values.subarray(RESULTS + N + P));
          moments.steps[0] = submitted.steps;
        }
        return values[results.norm];
      });
    } finally {
      pending = null;
    }
  }

  return {
    id: "webgpu",
    needsEventLoop: true,
    submit,
    read,
    resident: {
      load(parameters, moments) {
        staging.set(parameters); // an upload is longer than the parameters
        device.queue.writeBuffer(state, 4 * RESULTS, staging, 0, N);
        moved.set(moments.second);
        moved.set(moments.first, P);
        device.queue.writeBuffer(state, 4 * (RESULTS + N), moved);
        isLoaded = true;
      },
      async update(request, parameters, moments, stats) {
        await ready;
        sendStatistics(parameters);
        submit(request, moments.steps[0]);
        return read(parameters, moments, stats);
      },
    },
    async differentiate(parameters, batch, hp, to, stats) {
      await ready;
      send(batch, parameters, {}, hp);
      pending = { bytes: encode(batch.rows, parameters, null), steps: 0, rule: null };
      try {
        await answer(pending.bytes, (values) => {
          stats.set(values.subarray(0, stats.length));
          to.set(values.subarray(RESULTS));
        });
      } finally {
        pending = null;
      }
    },
    cost: (rows, rule, stale) => ({
      dispatches: kernels.dispatches(rows).length + 2,
      uploadBytes: 4 * uploadFloats(rows, stale),
      readBytes: 4 * (RESULTS + N + momentsOf[rule] * P),
    }),
    dispose() {
      for (const buffer of Object.values(buffers)) buffer.destroy();
    },
  };
}
