/**
 * The gradient of a narrow network in one dispatch. A workgroup takes tiles of 16 samples; an invocation is one unit of
 * the layer at hand and holds its 16 samples in four vectors, so that a weight is read once a tile. Workgroup memory holds
 * the inputs of the layer, x [units, 16], and the derivatives of its outputs, d [units, 16]; chains side by side have the
 * network's outputs and their derivatives in o [outputs, 16].
 */
import type { DenseLayer } from "../graph.ts";
import { type Chain, chainsOf } from "./chains.ts";
import {
  activated,
  descended,
  type GradientKernels,
  HEADER,
  headAddress,
  type Learnt,
  observed,
  preamble,
  resultsOf,
} from "./wgsl.ts";

/** The widest layer that fits workgroup memory. */
export const TILE_WIDTH = 128;
const SAMPLES = 16;
const BYTES = 4 * SAMPLES;

const four = (text: (q: number) => string) => [0, 1, 2, 3].map(text).join("\n");

/** @param most workgroups: as many as the device runs at once; every one costs a partial sum */
export function tileKernels(of: Learnt, most: number): GradientKernels {
  const { spec, gradient: loss } = of;
  const chains = chainsOf(spec);
  const o = chains.length === 1 ? "d" : "o";
  const widths = chains.flatMap(({ hidden }) => hidden.map((layer) => layer.outputs));
  const outputs = spec.width;
  const results = resultsOf(loss.stats.length);
  /** Vectors that hold a row's statistics. */
  const statVectors = Math.ceil(loss.stats.length / 4);
  const invocations = Math.max(SAMPLES, 4 * Math.ceil(Math.max(...widths, 0) / 4));
  const widestX = Math.max(spec.inputs, ...widths);
  const widestD = Math.max(outputs, statVectors, ...widths);
  const units = widths.reduce((a, b) => a + b, 0);
  /** Units before hidden layer l of a chain, of all chains. */
  const kept = (chain: Chain, l: number) => {
    const layers = chains.slice(0, chains.indexOf(chain)).flatMap(({ hidden }) => hidden);
    return [...layers, ...chain.hidden.slice(0, l)].reduce((sum, layer) => sum + layer.outputs, 0);
  };

  /** x ← observations, 0 beyond the last row */
  const observe = (chain: Chain) => `
    for (var e = j; e < INPUTS * 4u; e += ${invocations}u) {
      let i = e / 4u;
      var v = vec4f();
      for (var c = 0u; c < 4u; c++) {
        let n = row + (e % 4u) * 4u + c;
        if (n < rows) { v[c] = ${observed(chain, `upload[${HEADER}u + n * INPUTS + i]`, "i", "base")}; }
      }
      x[e] = v;
    }
    workgroupBarrier();`;

  /** h = f(x W + b), kept for the way back; x ← h */
  const forward =
    (chain: Chain) =>
    ({ inputs, outputs: n, weight, bias, activation }: DenseLayer, l: number) =>
      `
    if (j < ${n}u) {
      a0 = vec4f(weights[base + ${bias}u + j]);
      a1 = a0; a2 = a0; a3 = a0;
      var at = base + ${weight}u + j;
      for (var i = 0u; i < ${4 * inputs}u; i += 4u) {
        let w = weights[at];
        ${four((q) => `a${q} += w * x[i + ${q}u];`)}
        at += ${n}u;
      }
      ${four((q) => `a${q} = ${activated(activation, `a${q}`)};`)}
      let keep = (group.x * ${units}u + ${kept(chain, l)}u + j) * 4u;
      ${four((q) => `scratch[keep + ${q}u] = a${q};`)}
    }
    workgroupBarrier();
    if (j < ${n}u) {
      ${four((q) => `x[j * 4u + ${q}u] = a${q};`)}
    }
    workgroupBarrier();`;

  /** o ← outputs of a chain */
  const heads = ({ inputs, outputs: n }: Chain, c: number) => `
    for (var e = j; e < ${4 * n}u; e += ${invocations}u) {
      let k = e / 4u;
      var sum = vec4f(weights[base + headAt${c}(${inputs}u, k)]);
      for (var i = 0u; i < ${inputs}u; i++) { sum += weights[base + headAt${c}(i, k)] * x[i * 4u + e % 4u]; }
      ${o}[columnAt${c}(k) * 4u + e % 4u] = sum;
    }
    workgroupBarrier();`;

  /** o ← ∂loss/∂ outputs: an invocation takes four samples */
  const differentiate = `
    if (j < 4u) {
      var derivative = array<vec4f, ${outputs}>(); // said, because Chromium on SwiftShader keeps the last tile's otherwise
      for (var c = 0u; c < 4u; c++) {
        let n = row + j * 4u + c;
        if (n >= rows) { continue; }
        var z: array<f32, OUTPUTS>;
        for (var k = 0u; k < OUTPUTS; k++) { z[k] = ${o}[k * 4u + j][c]; }
        let found = outputGradient(z, sampleAt(n, rows), hp);
        for (var k = 0u; k < OUTPUTS; k++) { derivative[k][c] = found.d[k] * upload[INVERSEN]; }
        for (var k = 0u; k < STATS; k++) { stats[k / 4u][k % 4u] += found.stats[k] * upload[INVERSEN]; }
      }
      for (var k = 0u; k < ${outputs}u; k++) { ${o}[k * 4u + j] = derivative[k]; }
    }
    workgroupBarrier();`;

  /** ∂W += xᵀ d, ∂b += Σ d  of the heads */
  const headGradient = ({ inputs, outputs: n }: Chain, c: number) => `
    for (var e = j; e < ${(inputs + 1) * n}u; e += ${invocations}u) {
      let i = e / ${n}u;
      let k = e % ${n}u;
      var g = 0.0;
      for (var q = 0u; q < 4u; q++) { g += dot(${
        inputs === 0 ? "vec4f(1.0)" : `select(vec4f(1.0), x[min(i, ${inputs - 1}u) * 4u + q], i < ${inputs}u)`
      }, ${o}[columnAt${c}(k) * 4u + q]); }
      let at = own + headAt${c}(i, k);
      partials[at] = select(partials[at], 0.0, first) + g;
    }`;

  /** ∂W += xᵀ d, ∂b += Σ d */
  const gradient = ({ inputs, outputs: n, weight, bias }: DenseLayer) => `
    if (j < ${n}u) {
      ${four((q) => `a${q} = d[j * 4u + ${q}u];`)}
      var at = own + ${weight}u + j;
      for (var i = 0u; i < ${4 * inputs}u; i += 4u) {
        let g = dot(a0, x[i]) + dot(a1, x[i + 1u]) + dot(a2, x[i + 2u]) + dot(a3, x[i + 3u]);
        partials[at] = select(partials[at], 0.0, first) + g;
        at += ${n}u;
      }
      let s = a0 + a1 + a2 + a3;
      let ofBias = own + ${bias}u + j;
      partials[ofBias] = select(partials[ofBias], 0.0, first) + (s.x + s.y + s.z + s.w);
    }`;

  /** d ← (above Wᵀ) ⊙ f′(x);  x ← the layer below. weight: address of W[i = j, k]; above: the derivative of output k above */
  const descend = (
    { outputs: n, activation }: DenseLayer,
    outputsAbove: number,
    weight: string,
    above: (q: number) => string,
    below: string,
  ) => `
    if (j < ${n}u) {
      a0 = vec4f(); a1 = a0; a2 = a0; a3 = a0;
      for (var k = 0u; k < ${outputsAbove}u; k++) {
        let w = weights[base + ${weight}];
        ${four((q) => `a${q} += w * ${above(q)};`)}
      }
      ${four((q) => `a${q} = ${descended(activation, `a${q}`, `x[j * 4u + ${q}u]`)};`)}
    }
    workgroupBarrier();
    if (j < ${n}u) {
      ${four((q) => `d[j * 4u + ${q}u] = a${q};`)}
    }
    ${below}`;

  /** x ← what layer l was given, or the outputs behind the last */
  const inputsOf = (chain: Chain, l: number) =>
    l === 0
      ? observe(chain)
      : `
    if (j < ${chain.hidden[l - 1].outputs}u) {
      let keep = (group.x * ${units}u + ${kept(chain, l - 1)}u + j) * 4u;
      ${four((q) => `x[j * 4u + ${q}u] = scratch[keep + ${q}u];`)}
    }
    workgroupBarrier();`;

  const hiddenBackward = (chain: Chain, c: number) =>
    chain.hidden.map((layer, l) => {
      const above = chain.hidden[l + 1];
      const below = inputsOf(chain, l);
      const descent = above
        ? descend(
            layer,
            above.outputs,
            `${above.weight}u + j * ${above.outputs}u + k`,
            (q) => `d[k * 4u + ${q}u]`,
            below,
          )
        : descend(layer, chain.outputs, `headAt${c}(j, k)`, (q) => `${o}[columnAt${c}(k) * 4u + ${q}u]`, below);
      return descent + gradient(layer);
    });

  /** The last chain's inputs of the outputs are still in x. */
  const chainForward = (chain: Chain, c: number) =>
    (chain.inputs === 0 ? "" : observe(chain)) + chain.hidden.map(forward(chain)).join("\n") + heads(chain, c);
  const chainBackward = (chain: Chain, c: number) =>
    (chains.length === 1 || chain.inputs === 0 ? "" : `workgroupBarrier();${inputsOf(chain, chain.hidden.length)}`) +
    headGradient(chain, c) +
    hiddenBackward(chain, c).reverse().join("\n");

  const code = `
${preamble(of, "vec4f")}
${chains.map(headAddress).join("\n")}
var<workgroup> x: array<vec4f, ${4 * widestX}>;
var<workgroup> d: array<vec4f, ${4 * widestD}>;
${o === "o" ? `var<workgroup> o: array<vec4f, ${4 * outputs}>;` : ""}

@compute @workgroup_size(${invocations})
fn tiles(@builtin(local_invocation_index) j: u32, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let rows = u32(upload[ROWS]);
  let base = u32(upload[BASE]);
  let hp = hyperparameters();
  let own = group.x * ENTRIES + ${results.size}u;
  var first = true;
  var stats: array<vec4f, ${statVectors}>;
  var a0: vec4f; var a1: vec4f; var a2: vec4f; var a3: vec4f;
  for (var row = group.x * ${SAMPLES}u; row < rows; row += groups.x * ${SAMPLES}u) {
    ${chains.map(chainForward).join("\n")}
    ${differentiate}
    ${chains.map(chainBackward).reverse().join("\n")}
    first = false;
    workgroupBarrier();
  }
  if (j < 4u) {
    for (var q = 0u; q < ${statVectors}u; q++) { d[q * 4u + j] = stats[q]; }
  }
  workgroupBarrier();
  for (var k = j; k < STATS; k += ${invocations}u) {
    let q = (k / 4u) * 4u;
    partials[group.x * ENTRIES + k] = d[q][k % 4u] + d[q + 1u][k % 4u] + d[q + 2u][k % 4u] + d[q + 3u][k % 4u];
  }
}`;

  const groups = (rows: number) => Math.min(most, Math.ceil(rows / SAMPLES));
  return {
    code,
    entries: ["tiles"],
    scratch: groups(Number.MAX_SAFE_INTEGER) * units * SAMPLES,
    invocations,
    workgroupBytes: BYTES * (widestX + widestD + (o === "o" ? outputs : 0)),
    groups,
    dispatches: (rows) => [["tiles", groups(rows), 1, 1]],
  };
}
