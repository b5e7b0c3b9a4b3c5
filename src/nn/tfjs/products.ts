/**
 * The gradient of a wide network as matrix products, one dispatch each: every layer forward, the loss, and every layer
 * back. A workgroup computes a square of 32 × 32; an invocation, 4 × 4 of it.
 */
import {
  type Dispatch,
  type GradientKernels,
  HEADER,
  headAddress,
  type Learnt,
  outputsOf,
  preamble,
  resultsOf,
} from "./wgsl.ts";

const SIDE = 32;
const INVOCATIONS = 64;
/** How much of the inner dimension is in workgroup memory at a time. */
const DEPTH = 16;

const four = (text: (r: number) => string) => [0, 1, 2, 3].map(text).join("\n");

interface Product {
  readonly name: string;
  /** Shape of the result and the inner dimension: [m, n], m × k times k × n. */
  readonly m: string;
  readonly n: string;
  /** The part of the inner dimension to add up. */
  readonly k: readonly [from: string, to: string];
  /** Elements as functions of their indices, and what happens to element (i, j) of the result, `v`. */
  readonly a: (i: string, k: string) => string;
  readonly b: (k: string, j: string) => string;
  readonly store: string;
}

/** c_ij = Σ_k a_ik b_kj */
const product = ({ name, m, n, k, a, b, store }: Product) => `
fn ${name}Left(i: u32, k: u32, rows: u32, end: u32) -> f32 {
  if (i >= ${m} || k >= end) { return 0.0; }
  return ${a("i", "k")};
}
fn ${name}Right(k: u32, j: u32, rows: u32, end: u32) -> f32 {
  if (j >= ${n} || k >= end) { return 0.0; }
  return ${b("k", "j")};
}
fn ${name}Store(i: u32, j: u32, v: f32, rows: u32, z: u32) {
  if (i < ${m} && j < ${n}) { ${store} }
}
@compute @workgroup_size(${INVOCATIONS})
fn ${name}(@builtin(local_invocation_index) t: u32, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let rows = u32(upload[ROWS]);
  let share = (rows + groups.z - 1u) / groups.z;
  let begin = ${k[0]};
  let end = ${k[1]};
  let i = group.y * ${SIDE}u + 4u * (t / 8u);
  let j = group.x * ${SIDE}u + 4u * (t % 8u);
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();
  for (var k0 = begin; k0 < end; k0 += ${DEPTH}u) {
    for (var e = t; e < ${(DEPTH * SIDE) / 4}u; e += ${INVOCATIONS}u) {
      let k = k0 + e / 8u;
      let u = group.y * ${SIDE}u + 4u * (e % 8u);
      let v = group.x * ${SIDE}u + 4u * (e % 8u);
      left[e] = vec4f(${[0, 1, 2, 3].map((r) => `${name}Left(u + ${r}u, k, rows, end)`).join(", ")});
      right[e] = vec4f(${[0, 1, 2, 3].map((r) => `${name}Right(k, v + ${r}u, rows, end)`).join(", ")});
    }
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k++) {
      let a = left[k * 8u + t / 8u];
      let b = right[k * 8u + t % 8u];
      ${four((r) => `c${r} += a[${r}] * b;`)}
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    ${four((r) => `${name}Store(i + ${r}u, j + r, c${r}[r], rows, group.z);`)}
  }
}`;

/** @param rowsMax most rows of a batch  @param most shares that the rows are divided into, each with a partial sum of its own */
export function productKernels(of: Learnt, rowsMax: number, most: number): GradientKernels {
  const { spec } = of;
  const results = resultsOf(of.gradient.stats.length);
  const last = spec.hidden.length;
  const outputs = outputsOf(spec);
  const widths = [...spec.hidden.map((layer) => layer.outputs), outputs];
  const inputs = [spec.inputs, ...widths.slice(0, -1)];
  const sum = widths.reduce((a, b) => a + b, 0);
  /** Addresses of the outputs of layer l, [rows, n], and of the derivatives in them. */
  const outputAt = (l: number) => rowsMax * widths.slice(0, l).reduce((a, b) => a + b, 0);
  const deltaAt = (l: number) => rowsMax * sum + outputAt(l);

  /** Address of W[i, j] of layer l in the parameters; row i = inputs is the bias. */
  const weightAt = (l: number, i: string, j: string) =>
    l === last ? `headAt(${i}, ${j})` : `${spec.hidden[l].weight}u + ${i} * ${widths[l]}u + ${j}`;
  const weight = (l: number, i: string, j: string) => `weights[u32(upload[BASE]) + ${weightAt(l, i, j)}]`;
  /** Input i of layer l at a row; input number `inputs` is 1, and belongs to the bias. */
  const input = (l: number, row: string, i: string) =>
    `select(1.0, ${
      l === 0
        ? `upload[${HEADER}u + ${row} * INPUTS + ${i}]`
        : `scratch[${outputAt(l - 1)}u + ${row} * ${inputs[l]}u + ${i}]`
    }, ${i} < ${inputs[l]}u)`;

  /** y = f(x W + b) */
  const forward = (l: number) =>
    product({
      name: `forward${l}`,
      m: "rows",
      n: `${widths[l]}u`,
      k: ["0u", `${inputs[l] + 1}u`],
      a: (i, k) => input(l, i, k),
      b: (k, j) => weight(l, k, j),
      store: `scratch[${outputAt(l)}u + i * ${widths[l]}u + j] = ${l === last ? "v" : "activation(vec4f(v)).x"};`,
    });

  /** ∂W = xᵀ d, ∂b = Σ d, over one share of the rows */
  const gradient = (l: number) =>
    product({
      name: `gradient${l}`,
      m: `${inputs[l] + 1}u`,
      n: `${widths[l]}u`,
      k: ["group.z * share", "min(rows, (group.z + 1u) * share)"],
      a: (i, k) => input(l, k, i),
      b: (k, j) => `scratch[${deltaAt(l)}u + ${k} * ${widths[l]}u + ${j}]`,
      store: `partials[z * ENTRIES + ${results.size}u + ${weightAt(l, "i", "j")}] = v;`,
    });

  /** d = (d′ Wᵀ) ⊙ f′(y), of the layer below l */
  const descend = (l: number) =>
    product({
      name: `descend${l}`,
      m: "rows",
      n: `${inputs[l]}u`,
      k: ["0u", `${widths[l]}u`],
      a: (i, k) => `scratch[${deltaAt(l)}u + ${i} * ${widths[l]}u + ${k}]`,
      b: (k, j) => weight(l, j, k),
      store: `
        let at = i * ${inputs[l]}u + j;
        scratch[${deltaAt(l - 1)}u + at] = v * slope(vec4f(scratch[${outputAt(l - 1)}u + at])).x;`,
    });

  const code = `
${preamble(of, "f32")}
${headAddress(spec)}
var<workgroup> left: array<vec4f, ${(DEPTH * SIDE) / 4}>; //  [k, i / 4]
var<workgroup> right: array<vec4f, ${(DEPTH * SIDE) / 4}>; // [k, j / 4]
${widths.map((_, l) => forward(l) + gradient(l) + (l > 0 ? descend(l) : "")).join("\n")}

var<workgroup> shares: array<array<f32, STATS>, ${INVOCATIONS}>;
/** Every row's loss, and its derivatives in the outputs. */
@compute @workgroup_size(${INVOCATIONS})
fn loss(@builtin(local_invocation_index) t: u32, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let rows = u32(upload[ROWS]);
  let hp = hyperparameters();
  var sum: array<f32, STATS>;
  for (var n = group.x * ${INVOCATIONS}u + t; n < rows; n += groups.x * ${INVOCATIONS}u) {
    let at = ${outputAt(last)}u + n * ${outputs}u;
    let to = ${deltaAt(last)}u + n * ${outputs}u;
    var z: array<f32, OUTPUTS>;
    for (var k = 0u; k < OUTPUTS; k++) { z[k] = scratch[at + k]; }
    let found = outputGradient(z, sampleAt(n, rows), hp);
    for (var k = 0u; k < OUTPUTS; k++) { scratch[to + k] = found.d[k] * upload[INVERSEN]; }
    for (var k = 0u; k < STATS; k++) { sum[k] += found.stats[k] * upload[INVERSEN]; }
  }
  shares[t] = sum;
  workgroupBarrier();
  for (var k = t; k < STATS; k += ${INVOCATIONS}u) {
    var all = 0.0;
    for (var u = 0u; u < ${INVOCATIONS}u; u++) { all += shares[u][k]; }
    partials[group.x * ENTRIES + k] = all;
  }
}`;

  const squares = (n: number) => Math.ceil(n / SIDE);
  const groups = (rows: number) => Math.min(most, Math.ceil(rows / INVOCATIONS));
  const layers = widths.map((_, l) => l);
  return {
    code,
    entries: ["loss", ...layers.flatMap((l) => [`forward${l}`, `gradient${l}`, ...(l > 0 ? [`descend${l}`] : [])])],
    scratch: 2 * rowsMax * sum,
    invocations: INVOCATIONS,
    workgroupBytes: 2 * 4 * DEPTH * SIDE,
    groups,
    dispatches: (rows) => [
      ...layers.map((l): Dispatch => [`forward${l}`, squares(widths[l]), squares(rows), 1]),
      ["loss", groups(rows), 1, 1],
      ...layers
        .toReversed()
        .flatMap((l): Dispatch[] => [
          [`gradient${l}`, squares(widths[l]), squares(inputs[l] + 1), groups(rows)],
          ...(l > 0 ? [[`descend${l}`, squares(inputs[l]), squares(rows), 1] as const] : []),
        ]),
    ],
  };
}
