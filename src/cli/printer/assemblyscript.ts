/** Prints a row function as an AssemblyScript kernel that computes four rows side by side, one in each lane of a vector. */
import type { OutputGradient } from "../../nn/gradient.ts";
import type { Comparison, Condition, Expr, Index, Row, Statement, Target } from "./subset.ts";

const comparisons: Record<Comparison, string> = {
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "==": "eq",
  "!=": "ne",
};
const arithmetic = { "+": "add", "-": "sub", "*": "mul", "/": "div" } as const;
/** Of the kernels, or one instruction. pmin and pmax are min and max where nothing is NaN, and quicker. */
const calls = {
  exp: "exp4",
  log: "log4",
  tanh: "tanh4",
  sqrt: "f32x4.sqrt",
  abs: "f32x4.abs",
  min: "f32x4.pmin",
  max: "f32x4.pmax",
} as const;

/** Local names cannot meet those of the kernel. */
const local = (name: string) => `v_${name}`;
const loop = (name: string) => `i_${name}`;
const width = (output: string) => `n_${output}`;

const index = (of: Index): string => {
  switch (of.kind) {
    case "integer":
      return String(of.value);
    case "loop":
      return loop(of.name);
    case "length":
      return width(of.output);
    case "arithmetic":
      return `(${index(of.left)} ${of.op} ${index(of.right)})`;
  }
};

const splat = (value: string) => `f32x4.splat(${value})`;
const number = (value: number) => `<f32>${Number.isInteger(value) ? value.toFixed(1) : value}`;
const array = (of: "z" | "d" | "x" | "scratch", name: string) => `${of === "scratch" ? "s" : of}_${name}`;
const address = ({ of, name, at }: Extract<Expr, { kind: "element" }>) =>
  `${array(of, name)} + ((<usize>${index(at)}) << 4)`;

function expr(of: Expr): string {
  switch (of.kind) {
    case "number":
      return splat(number(of.value));
    case "index":
      return splat(`<f32>${index(of.index)}`);
    case "local":
      return local(of.name);
    case "element":
      return `v128.load(${address(of)})`;
    case "field":
      return `x_${of.name}`;
    case "hp":
      return `hp_${of.name}`;
    case "stat":
      return `stat_${of.name}`;
    case "negate":
      return `f32x4.neg(${expr(of.value)})`;
    case "arithmetic":
      return `f32x4.${arithmetic[of.op]}(${expr(of.left)}, ${expr(of.right)})`;
    case "call":
      return `${calls[of.name]}(${of.args.map(expr).join(", ")})`;
    case "select":
      return `v128.bitselect(${expr(of.yes)}, ${expr(of.no)}, ${mask(of.condition)})`;
  }
}

const mask = ({ op, left, right }: Condition) => `f32x4.${comparisons[op]}(${expr(left)}, ${expr(right)})`;

/** The same number for every row. */
function scalar(of: Expr): string {
  switch (of.kind) {
    case "number":
      return number(of.value);
    case "index":
      return `<f32>${index(of.index)}`;
    case "negate":
      return `-(${scalar(of.value)})`;
    default:
      return `f32x4.extract_lane(${expr(of)}, 0)`;
  }
}

function assign(to: Target, value: string): string {
  if (to.kind === "element") return `v128.store(${address(to)}, ${value});`;
  return `${to.kind === "local" ? local(to.name) : `stat_${to.name}`} = ${value};`;
}

function statement(of: Statement): string[] {
  const indented = (body: Statement[]) => body.flatMap(statement).map((line) => `  ${line}`);
  switch (of.kind) {
    case "declare":
      return [`${of.constant ? "const" : "let"} ${local(of.name)}: v128 = ${expr(of.value)};`];
    case "scratch":
      return [];
    case "assign":
      return [assign(of.to, expr(of.value))];
    case "loop": {
      const name = loop(of.name);
      const head = `for (let ${name}: i32 = ${index(of.from)}; ${name} < ${index(of.to)}; ${name}++) {`;
      return [head, ...indented(of.body), "}"];
    }
    case "if": {
      const { op, left, right } = of.condition;
      const rest = of.no.length > 0 ? ["} else {", ...indented(of.no)] : [];
      return [`if (${scalar(left)} ${op} ${scalar(right)}) {`, ...indented(of.yes), ...rest, "}"];
    }
  }
}

/** The kernel's text; nn/simd/gradient.ts has its arguments. */
export function printAssemblyScript({ body, scratch, file }: Row, gradient: OutputGradient): string {
  const { id, outputs, hp, stats } = gradient;
  const fields = Object.entries(gradient.fields);
  const wide = fields.filter(([, of]) => of !== 1).map(([name, of]) => ({ name, of: of as string }));
  // Behind outputs and derivatives: wide fields, a vector a number, then the row function's own arrays.
  const arrays = [
    ...wide.map(({ name, of }) => ({ array: array("x", name), length: width(of) })),
    ...scratch.map(({ name, length }) => ({ array: array("scratch", name), length: index(length) })),
  ];
  const lines = [
    `/** Printed from ${file}. */`,
    `export function ${id}(`,
    "  out: usize, dout: usize, rows: i32, stride: i32, inverseN: f32, call: usize, hp: usize, scratch: usize, stats: usize,",
    "): void {",
    ...outputs.map((name, i) => `  const ${width(name)} = load<i32>(call, ${4 * i});`),
    ...fields.map(([name], i) => `  let p_${name} = <usize>load<i32>(call, ${4 * (outputs.length + i)});`),
    ...hp.map((name, i) => `  const hp_${name} = v128.load32_splat(hp, ${4 * i});`),
    "  const step = (<usize>stride) << 2;",
    ...outputs.map((name, i) => `  const z_${name} = ${i === 0 ? "scratch" : after("z", outputs[i - 1])};`),
    ...outputs.map(
      (name, i) => `  const d_${name} = ${i === 0 ? "scratch + (step << 2)" : after("d", outputs[i - 1])};`,
    ),
    ...arrays.map(({ array }, i) => {
      const from = i === 0 ? "scratch + (step << 3)" : behind(arrays[i - 1].array, arrays[i - 1].length);
      return `  const ${array} = ${from};`;
    }),
    "  // The padding's derivatives.",
    `  for (let at = ${after("d", outputs[outputs.length - 1])}; at < scratch + (step << 3); at += 16) v128.store(at, f32x4.splat(0));`,
    "  const scale = f32x4.splat(inverseN);",
    ...stats.map((name) => `  let low_${name} = f64x2.splat(0), high_${name} = f64x2.splat(0);`),
    "  for (let r: i32 = 0; r < rows; r += 4) {",
    "    const left = rows - r;",
    "    const valid = i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3));",
    "    columnsOf(out, step, left, scratch);",
    ...fields.map(([name, of]) =>
      of === 1
        ? `    const x_${name} = v128.load(p_${name});`
        : `    fieldColumnsOf(p_${name}, ${width(of)}, left, x_${name});`,
    ),
    ...stats.map((name) => `    let stat_${name} = f32x4.splat(0);`),
    ...body.flatMap(statement).map((line) => `    ${line}`),
    "    rowsOf(scratch + (step << 2), step, left, scale, dout);",
    ...stats.flatMap((name) => [
      `    stat_${name} = v128.and(stat_${name}, valid);`,
      `    low_${name} = f64x2.add(low_${name}, f64x2.promote_low_f32x4(stat_${name}));`,
      `    high_${name} = f64x2.add(high_${name}, f64x2.promote_low_f32x4(v128.shuffle<f32>(stat_${name}, stat_${name}, 2, 3, 0, 1)));`,
    ]),
    ...fields.map(([name, of]) => `    p_${name} += ${of === 1 ? "16" : `(<usize>${width(of)}) << 4`};`),
    "    out += step << 2;",
    "    dout += step << 2;",
    "  }",
    ...stats.map((name, i) => `  addLanes(stats + ${8 * i}, f64x2.add(low_${name}, high_${name}));`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** Address behind an array of so many vectors. */
const behind = (array: string, length: string) => `${array} + ((<usize>${length}) << 4)`;
const after = (of: "z" | "d", name: string) => behind(array(of, name), width(name));
