/**
 * What the kernels of the fused learner share: the layout of their buffers, the network's activation, and the kernels
 * after the gradient, which are the same for every network.
 */
import { type BatchField, type BatchGradient, fieldsOf } from "../engine.ts";
import { fieldWidth } from "../gradient.ts";
import { type Activation, type NetworkSpec, NORMALISE_EPSILON, NORMALISE_LIMIT, outputWidths } from "../graph.ts";
import type { OptimizerName } from "../optimizers.ts";
import type { Chain } from "./chains.ts";

/**
 * What leads an upload, as floats. `groups`: how many partial sums of the gradient there are. `base`: where the parameters begin that the gradient is taken at, in floats from the
 * start of their buffer. `ticket`: number of the call, handed back with its results. `rate`: the learning rate, Adam's
 * times its first correction. `less1`, `less2`: 1 − decay of the first and second moment. After them: the loss's own
 * hyperparameters.
 */
export const header = [
  ...["rows", "inverseN", "groups", "base", "ticket"],
  ...["clip", "rate", "less1", "less2", "correct2", "epsilon"],
] as const;
export const HEADER = 32;

/** What leads the state, and every gradient: the statistics of the loss, then these. `size` is their number, a multiple of 4. */
export const resultsOf = (stats: number) => ({
  norm: stats,
  applied: stats + 1,
  ticket: stats + 2,
  size: 4 * Math.ceil((stats + 3) / 4),
});

/** What the kernels are made for: a network, and the loss that is differentiated in its outputs. */
export interface Learnt {
  readonly spec: NetworkSpec;
  readonly gradient: BatchGradient;
  /** Its row function, printed. */
  readonly row: string;
}

/** Invocations in a workgroup of the kernels that pass over all parameters. */
export const SPAN = 256;

/** One dispatch of the gradient: an entry point and its workgroups. */
export type Dispatch = readonly [entry: string, x: number, y: number, z: number];

/** Kernels that compute the gradient of a batch as `groups` partial sums of [results + P], P numbers that learn. */
export interface GradientKernels {
  readonly code: string;
  readonly entries: readonly string[];
  /** Floats between kernels. */
  readonly scratch: number;
  /** Invocations and bytes of memory of the largest workgroup. */
  readonly invocations: number;
  readonly workgroupBytes: number;
  groups(rows: number): number;
  dispatches(rows: number): Dispatch[];
}

/** Numbers of a row of every field, in the order of an upload. */
export function fieldWidthsOf(spec: NetworkSpec, { fields }: BatchGradient): number[] {
  const widths = outputWidths(spec);
  return Object.values(fields).map((width) => fieldWidth(width, widths));
}

/** The upload, and what is read from it. obs: [rows, inputs], then the fields: [rows, width] each */
const uploadText = ({ spec, gradient }: Learnt) => `
@group(0) @binding(0) var<storage, read> upload: array<f32>;
const P = ${spec.learnt.length}u;
const NUMBERS = ${spec.size}u;
const ENTRIES = ${resultsOf(gradient.stats.length).size + spec.learnt.length}u;
${header.map((name, i) => `const ${name.toUpperCase()} = ${i}u;`).join("\n")}
`;

/** tanh as the SIMD kernels compute it: built-in ones overflow on some adapters. NaN stays NaN. */
const activationText = {
  tanh: `
fn tanhOf(v: vec4f) -> vec4f {
  let low = select(v, vec4f(-7.90531110763549805), v < vec4f(-7.90531110763549805));
  let x = select(low, vec4f(7.90531110763549805), low > vec4f(7.90531110763549805));
  let s = x * x;
  var p = s * -2.76076847742355e-16 + 2.00018790482477e-13;
  p = p * s - 8.60467152213735e-11;
  p = p * s + 5.12229709037114e-8;
  p = p * s + 1.48572235717979e-5;
  p = p * s + 6.37261928875436e-4;
  p = p * s + 4.89352455891786e-3;
  var q = s * 1.19825839466702e-6 + 1.18534705686654e-4;
  q = q * s + 2.268434632439e-3;
  q = q * s + 4.89352518554385e-3;
  return x * p / q;
}
fn tanhSlope(h: vec4f) -> vec4f { return 1.0 - h * h; }`,
  relu: `
fn reluOf(v: vec4f) -> vec4f { return select(v, vec4f(), v < vec4f()); }
fn reluSlope(h: vec4f) -> vec4f { return select(vec4f(), vec4f(1.0), h > vec4f()); }`,
};

/** f(v), of a vector. */
export const activated = (f: Activation | null, v: string): string => (f === null ? v : `${f}Of(${v})`);
/** d f′, by the value h of f. */
export const descended = (f: Activation | null, d: string, h: string): string =>
  f === null ? d : `${d} * ${f}Slope(${h})`;

/** What a chain sees of input i of an observation. base: where the parameters begin */
export const observed = ({ normalise }: Chain, value: string, i: string, base: string): string =>
  normalise === null
    ? value
    : `normalised(${value}, weights[${base} + ${normalise.mean}u + ${i}], weights[${base} + ${normalise.variance}u + ${i}])`;

const normalisedText = `
fn normalised(x: f32, mean: f32, variance: f32) -> f32 {
  let v = (x - mean) / sqrt(variance + ${NORMALISE_EPSILON});
  let low = select(v, -${NORMALISE_LIMIT}.0, v < -${NORMALISE_LIMIT}.0);
  return select(low, ${NORMALISE_LIMIT}.0, low > ${NORMALISE_LIMIT}.0);
}`;

/** Members of a struct; one that is empty is not allowed. */
const members = (names: readonly string[], typeOf = (_: string) => "f32") =>
  names.length === 0 ? "none: f32" : names.map((name) => `${name}: ${typeOf(name)}`).join(", ");

/** The fields of a row. */
function sampleText({ spec, gradient: { fields }, gradient }: Learnt): string {
  const names = fieldsOf(gradient);
  const typeOf = (name: string) =>
    fields[name as BatchField] === 1 ? "f32" : `array<f32, N_${fields[name as BatchField]}>`;
  const widths = fieldWidthsOf(spec, gradient);
  let before = 0; // numbers of a row in the fields before
  const read = names.map((name, i) => {
    const at = `at + rows * ${before}u + row * ${widths[i]}u`;
    before += widths[i];
    return fields[name] === 1
      ? `  x.${name} = upload[${at}];`
      : `  for (var k = 0u; k < ${widths[i]}u; k++) { x.${name}[k] = upload[${at} + k]; }`;
  });
  return `
struct Sample { ${members(names, typeOf)} }
fn sampleAt(row: u32, rows: u32) -> Sample {
  let at = ${HEADER}u + rows * INPUTS;
  var x: Sample;
${read.join("\n")}
  return x;
}`;
}

/** Width and first column of every output. */
const columnText = ({ outputs }: NetworkSpec): string =>
  outputs
    .map(({ name, outputs: width, column }) => `const N_${name} = ${width}u; const O_${name} = ${column}u;`)
    .join("\n");

/** What leads every gradient kernel: bindings, activations, and the loss's gradient in the network's outputs. */
export const preamble = ({ spec, gradient, row }: Learnt, scratchOf: "f32" | "vec4f"): string => `
${uploadText({ spec, gradient, row })}
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> scratch: array<${scratchOf}>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;
const INPUTS = ${spec.inputs}u;
const OUTPUTS = ${spec.width}u;
const STATS = ${gradient.stats.length}u;
${columnText(spec)}
${sampleText({ spec, gradient, row })}
struct Hp { ${members(gradient.hp)} }
struct Row { d: array<f32, OUTPUTS>, stats: array<f32, STATS> }
${row}
fn hyperparameters() -> Hp { return Hp(${gradient.hp.map((_, i) => `upload[${header.length + i}u]`).join(", ")}); }
${Object.values(activationText).join("\n")}
${normalisedText}
`;

/** One number or another, by the stretch of a chain's columns that k lies in. */
const byHead = ({ heads }: Chain, text: (head: Chain["heads"][number]) => string): string =>
  heads.reduce((before, head, h) => (h === 0 ? text(head) : `select(${before}, ${text(head)}, k >= ${head.own}u)`), "");

/**
 * Of chain c: address of the weight from unit i to column k of its outputs, i = inputs is the bias; and that column among those of
 * all outputs.
 */
export const headAddress = (chain: Chain, c: number): string => `
fn headAt${c}(i: u32, k: u32) -> u32 {
  return ${byHead(chain, ({ layer, own }) =>
    layer.kind === "free" ? `${layer.bias}u + k - ${own}u` : `${layer.weight}u + i * ${layer.outputs}u + k - ${own}u`,
  )};
}
fn columnAt${c}(k: u32) -> u32 { return ${byHead(chain, ({ own, column }) => `k + ${column - own}u`)}; }`;

/** s ← s + (1 − ρ)(g² − s), the second moment. */
const second = `
    let s = state[i + NUMBERS] + upload[LESS2] * (g * g - state[i + NUMBERS]);
    state[i + NUMBERS] = s;`;
/** θ ← θ − lr g;  θ ← θ − lr g/√(s + ε);  m ← m + (1 − β₁)(g − m), θ ← θ − lr m̂/(√ŝ + ε) */
const rules: Record<OptimizerName, string> = {
  sgd: `
    state[i] -= upload[RATE] * g;`,
  rmsprop: `${second}
    state[i] -= upload[RATE] * g / sqrt(s + upload[EPSILON]);`,
  adam: `${second}
    let m = state[i + NUMBERS + P] + upload[LESS1] * (g - state[i + NUMBERS + P]);
    state[i + NUMBERS + P] = m;
    state[i] -= upload[RATE] * m / (sqrt(s * upload[CORRECT2]) + upload[EPSILON]);`,
};

/** The kernels after the gradient: they add the partial sums, measure, and apply. */
export function afterwards(of: Learnt): string {
  const { spec, gradient } = of;
  const results = resultsOf(gradient.stats.length);
  return `
${uploadText(of)}
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;
@group(0) @binding(4) var<storage, read_write> state: array<f32>; // results | parameters | second | first
const SPAN = ${SPAN}u;
var<workgroup> sums: array<f32, SPAN>;

/** The sum over the workgroup of what every invocation brings. */
fn total(j: u32, term: f32) -> f32 {
  sums[j] = term;
  for (var step = SPAN / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (j < step) { sums[j] += sums[j + step]; }
  }
  return workgroupUniformLoad(&sums[0]);
}

/** Neither infinite nor NaN, by the bits: a compiler may take it for granted that nothing else exists. */
fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }

/** g = Σ partial sums, and Σ g² of every workgroup. */
@compute @workgroup_size(SPAN)
fn add(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) j: u32, @builtin(workgroup_id) group: vec3u) {
  let i = id.x;
  var g = 0.0;
  if (i < ENTRIES) {
    for (var k = 0u; k < u32(upload[GROUPS]); k++) { g += partials[k * ENTRIES + i]; }
    gradient[i] = select(g, upload[TICKET], i == ${results.ticket}u);
  }
  let square = total(j, select(g * g, 0.0, i < ${results.size}u));
  if (j == 0u) { squares[group.x] = square; }
}

/** ‖g‖₂, the same for every invocation. */
fn normOf(j: u32) -> f32 {
  var sum = 0.0;
  for (var at = j; at < ${Math.ceil((results.size + spec.learnt.length) / SPAN)}u; at += SPAN) { sum += squares[at]; }
  return sqrt(total(j, sum));
}
${Object.entries(rules)
  .map(
    ([name, rule]) => `
/** Clips g to the global norm and takes a step, unless loss or norm is not a number. */
@compute @workgroup_size(SPAN)
fn ${name}(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) j: u32) {
  let norm = normOf(j);
  let applied = isFinite(norm) && isFinite(gradient[0]);
  let i = id.x;
  if (i < ${results.size}u) {
    var result = gradient[i];
    if (i == ${results.norm}u) { result = norm; }
    if (i == ${results.applied}u) { result = f32(applied); }
    state[i] = result;
  } else if (applied && i < ENTRIES) {
    let g = gradient[i] * select(1.0, upload[CLIP] / norm, norm > upload[CLIP]);${rule}
  }
}`,
  )
  .join("\n")}
`;
}
