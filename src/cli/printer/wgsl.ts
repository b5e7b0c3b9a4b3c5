/** Prints a row function as WGSL; nn/tfjs/wgsl.ts has the declarations around it. */
import type { Condition, Expr, Index, Row, Statement, Target } from "./subset.ts";

const local = (name: string) => `v_${name}`;
const width = (output: string) => `N_${output}`;

const index = (of: Index): string => {
  switch (of.kind) {
    case "integer":
      return `${of.value}u`;
    case "loop":
      return `i_${of.name}`;
    case "length":
      return width(of.output);
    case "arithmetic":
      return `(${index(of.left)} ${of.op} ${index(of.right)})`;
  }
};

const number = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
function element({ of, name, at }: Extract<Expr, { kind: "element" }>): string {
  if (of === "scratch") return `s_${name}[${index(at)}]`;
  if (of === "x") return `x.${name}[${index(at)}]`;
  return `${of === "z" ? "z" : "row.d"}[O_${name} + ${index(at)}]`;
}

function expr(of: Expr): string {
  switch (of.kind) {
    case "number":
      return number(of.value);
    case "index":
      return `f32(${index(of.index)})`;
    case "local":
      return local(of.name);
    case "element":
      return element(of);
    case "field":
      return `x.${of.name}`;
    case "hp":
      return `hp.${of.name}`;
    case "stat":
      return `stat_${of.name}`;
    case "negate":
      return `-(${expr(of.value)})`;
    case "arithmetic":
      return `(${expr(of.left)} ${of.op} ${expr(of.right)})`;
    case "call":
      return `${of.name}(${of.args.map(expr).join(", ")})`;
    case "select":
      return `select(${expr(of.no)}, ${expr(of.yes)}, ${condition(of.condition)})`;
  }
}

const condition = ({ op, left, right }: Condition) => `${expr(left)} ${op} ${expr(right)}`;

const target = (to: Target) =>
  to.kind === "element" ? element(to) : to.kind === "local" ? local(to.name) : `stat_${to.name}`;

function statement(of: Statement): string[] {
  const indented = (body: Statement[]) => body.flatMap(statement).map((line) => `  ${line}`);
  switch (of.kind) {
    case "declare":
      return [`${of.constant ? "let" : "var"} ${local(of.name)} = ${expr(of.value)};`];
    case "scratch":
      return [`var s_${of.name}: array<f32, ${index(of.length)}>;`];
    case "assign":
      return [`${target(of.to)} = ${expr(of.value)};`];
    case "loop": {
      const name = `i_${of.name}`;
      const head = `for (var ${name} = ${index(of.from)}; ${name} < ${index(of.to)}; ${name}++) {`;
      return [head, ...indented(of.body), "}"];
    }
    case "if": {
      const rest = of.no.length > 0 ? ["} else {", ...indented(of.no)] : [];
      return [`if (${condition(of.condition)}) {`, ...indented(of.yes), ...rest, "}"];
    }
  }
}

/** fn outputGradient(z, x, hp) -> Row, in the declared order of the statistics. */
export function printWgsl({ body }: Row, stats: readonly string[]): string {
  return [
    "fn outputGradient(z: array<f32, OUTPUTS>, x: Sample, hp: Hp) -> Row {",
    "  var row: Row;",
    ...stats.map((name) => `  var stat_${name} = 0.0;`),
    ...body.flatMap(statement).map((line) => `  ${line}`),
    ...stats.map((name, i) => `  row.stats[${i}] = stat_${name};`),
    "  return row;",
    "}",
  ].join("\n");
}
