/**
 * The gradient of a wide network as matrix products, one dispatch each: every layer forward, the loss, and every layer
 * back. A workgroup computes a square of 32 × 32; an invocation, 4 × 4 of it.
 */
import type { Activation } from "../graph.ts";
import { type Chain, chainsOf } from "./chains.ts";
import {
  activated,
  type Dispatch,
  descended,
  type GradientKernels,
  HEADER,
  headAddress,
  type Learnt,
  observed,
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

/** A layer, or the outputs of a chain. */
interface Matrix {
  readonly chain: Chain;
  /** The matrix below; −1: the observation, or nothing. */
  readonly below: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation | null;
  /** Address of W[i, j]; row i = inputs is the bias. */
  readonly at: (i: string, j: string) => string;
}

function matricesOf(chains: readonly Chain[]): Matrix[] {
  const matrices: Matrix[] = [];
  chains.forEach((chain, c) => {
    let below = -1;
    for (const { inputs, outputs, weight, activation } of chain.hidden)
      below =
        matrices.push({
          ...{ chain, below, inputs, outputs, activation },
          at: (i, j) => `${weight}u + ${i} * ${outputs}u + ${j}`,
        }) - 1;
    const { inputs, outputs } = chain;
    matrices.push({ chain, below, inputs, outputs, activation: null, at: (i, j) => `headAt${c}(${i}, ${j})` });
  });
  return matrices;
}

/** @param rowsMax most rows of a batch  @param most shares that the rows are divided into, each with a partial sum of its own */
export function productKernels(of: Learnt, rowsMax: number, most: number): GradientKernels {
  const { spec } = of;
  const results = resultsOf(of.gradient.stats.length);
  const chains = chainsOf(spec);
  const matrices = matricesOf(chains);
  const widths = matrices.map(({ outputs }) => outputs);
  const inputs = matrices.map((matrix) => matrix.inputs);
  const sum = widths.reduce((a, b) => a + b, 0);
  /** Addresses of the outputs of layer l, [rows, n], and of the derivatives in them. */
  const outputAt = (l: number) => rowsMax * widths.slice(0, l).reduce((a, b) => a + b, 0);
  const deltaAt = (l: number) => rowsMax * sum + outputAt(l);

  const weight = (l: number, i: string, j: string) => `weights[u32(upload[BASE]) + ${matrices[l].at(i, j)}]`;
  /** Input i of layer l at a row; input number `inputs` is 1, and belongs to the bias. */
  const input = (l: number, row: string, i: string) => {
    const { chain, below } = matrices[l];
    if (inputs[l] === 0) return "1.0";
    const value =
      below < 0
        ? observed(chain, `upload[${HEADER}u + ${row} * INPUTS + ${i}]`, i, "u32(upload[BASE])")
        : `scratch[${outputAt(below)}u + ${row} * ${inputs[l]}u + ${i}]`;
    return `select(1.0, ${value}, ${i} < ${inputs[l]}u)`;
  };

  /** y = f(x W + b) */
  const forward = (l: number) =>
    product({
      name: `forward${l}`,
      m: "rows",
      n: `${widths[l]}u`,
      k: ["0u", `${inputs[l] + 1}u`],
      a: (i, k) => input(l, i, k),
      b: (k, j) => weight(l, k, j),
      store: `scratch[${outputAt(l)}u + i * ${widths[l]}u + j] = ${activated(matrices[l].activation, "vec4f(v)")}.x;`,
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
      store: `partials[z * ENTRIES + ${results.size}u + ${matrices[l].at("i", "j")}] = v;`,
    });

  /** d = (d′ Wᵀ) ⊙ f′(y), of the layer below l */
  const descend = (l: number) => {
    const { below } = matrices[l];
    const h = `vec4f(scratch[${outputAt(below)}u + at])`;
    return product({
      name: `descend${l}`,
      m: "rows",
      n: `${inputs[l]}u`,
      k: ["0u", `${widths[l]}u`],
      a: (i, k) => `scratch[${deltaAt(l)}u + ${i} * ${widths[l]}u + ${k}]`,
      b: (k, j) => weight(l, j, k),
      store: `
        let at = i * ${inputs[l]}u + j;
        scratch[${deltaAt(below)}u + at] = (${descended(matrices[below].activation, "vec4f(v)", h)}).x;`,
    });
  };
  const descends = (l: number) => matrices[l].below >= 0;

  /** Every column of the outputs, in the scratch of its matrix at row n. */
  const columns = (text: (l: number, place: string, column: string) => string) =>
    chains
      .flatMap((chain) => {
        const l = matrices.findLastIndex((matrix) => matrix.chain === chain);
        return chain.heads.map(({ layer, own, column }) => {
          const one = text(l, `n * ${widths[l]}u + ${own}u + k`, `k + ${column}u`);
          return `
    for (var k = 0u; k < ${layer.outputs}u; k++) { ${one} }`;
        });
      })
      .join("");

  const code = `
${preamble(of, "f32")}
${chains.map(headAddress).join("\n")}
var<workgroup> left: array<vec4f, ${(DEPTH * SIDE) / 4}>; //  [k, i / 4]
var<workgroup> right: array<vec4f, ${(DEPTH * SIDE) / 4}>; // [k, j / 4]
${widths.map((_, l) => forward(l) + gradient(l) + (descends(l) ? descend(l) : "")).join("\n")}

var<workgroup> shares: array<array<f32, STATS>, ${INVOCATIONS}>;
/** Every row's loss, and its derivatives in the outputs. */
@compute @workgroup_size(${INVOCATIONS})
fn loss(@builtin(local_invocation_index) t: u32, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let rows = u32(upload[ROWS]);
  let hp = hyperparameters();
  var sum: array<f32, STATS>;
  for (var n = group.x * ${INVOCATIONS}u + t; n < rows; n += groups.x * ${INVOCATIONS}u) {
    var z: array<f32, OUTPUTS>;${columns((l, place, column) => `z[${column}] = scratch[${outputAt(l)}u + ${place}];`)}
    let found = outputGradient(z, sampleAt(n, rows), hp);${columns((l, place, column) => `scratch[${deltaAt(l)}u + ${place}] = found.d[${column}] * upload[INVERSEN];`)}
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
    entries: [
      "loss",
      ...layers.flatMap((l) => [`forward${l}`, `gradient${l}`, ...(descends(l) ? [`descend${l}`] : [])]),
    ],
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
          ...(descends(l) ? [[`descend${l}`, squares(inputs[l]), squares(rows), 1] as const] : []),
        ]),
    ],
  };
}
