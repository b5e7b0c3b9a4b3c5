/** Reads a row function (nn/gradient.ts) into a small tree; whatever is outside of the subset is refused with its place. */
import type { ESTree } from "vite";
import { parseSync } from "vite";

/** Whole numbers that are the same for every row: lengths, loop variables. */
export type Index =
  | { kind: "integer"; value: number }
  | { kind: "loop"; name: string }
  | { kind: "length"; output: string }
  | { kind: "arithmetic"; op: "+" | "-" | "*"; left: Index; right: Index };

/** A number of the row. */
export type Expr =
  | { kind: "number"; value: number }
  | { kind: "index"; index: Index }
  | { kind: "local"; name: string }
  | { kind: "element"; of: "z" | "d" | "x" | "scratch"; name: string; at: Index }
  | { kind: "field"; name: string }
  | { kind: "hp"; name: string }
  | { kind: "stat"; name: string }
  | { kind: "negate"; value: Expr }
  | { kind: "arithmetic"; op: Arithmetic; left: Expr; right: Expr }
  | { kind: "call"; name: CallName; args: Expr[] }
  | { kind: "select"; condition: Condition; yes: Expr; no: Expr };

export type Arithmetic = "+" | "-" | "*" | "/";
export type Comparison = "<" | "<=" | ">" | ">=" | "==" | "!=";

export interface Condition {
  readonly op: Comparison;
  readonly left: Expr;
  readonly right: Expr;
}

export type Target = Extract<Expr, { kind: "local" | "element" | "stat" }>;

export type Statement =
  | { kind: "declare"; name: string; constant: boolean; value: Expr }
  | { kind: "scratch"; name: string; length: Index }
  | { kind: "assign"; to: Target; value: Expr }
  | { kind: "loop"; name: string; from: Index; to: Index; body: Statement[] }
  | { kind: "if"; condition: Condition; yes: Statement[]; no: Statement[] };

export const callNames = { exp: 1, log: 1, sqrt: 1, abs: 1, tanh: 1, min: 2, max: 2 } as const;
export type CallName = keyof typeof callNames;

/** A row function as it stands in a file, with the numbers of each scratch array. */
export interface Row {
  readonly id: string;
  /** File of the declaration, for messages and headers. */
  readonly file: string;
  readonly body: Statement[];
  readonly scratch: readonly { readonly name: string; readonly length: Index }[];
}

type Node = ESTree.Node;
type Scope = Map<string, "constant" | "variable" | "loop" | "scratch">;

function parsed(file: string, text: string): ESTree.Program {
  const { program, errors } = parseSync(file, text, { lang: "ts" });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return program;
}

/** Numbers by name. */
type Numbers = ReadonlyMap<string, number>;

/** What a file declares as `const NAME = 1.5` at its top, or as the negative of a number. */
function numbersOf(program: ESTree.Program): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const node of program.body) {
    const declaration = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue;
    for (const { id, init } of declaration.declarations) {
      const isNegative = init?.type === "UnaryExpression" && init.operator === "-";
      const literal = isNegative ? init.argument : init;
      if (id.type === "Identifier" && literal?.type === "Literal" && typeof literal.value === "number")
        numbers.set(id.name, isNegative ? -literal.value : literal.value);
    }
  }
  return numbers;
}

/** The same, with what it imports from files of its own. read: the text of a path relative to the file */
function knownNumbers(program: ESTree.Program, read: (path: string) => string): Numbers {
  const numbers = numbersOf(program);
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration" || !node.source.value.startsWith(".")) continue;
    const theirs = numbersOf(parsed(node.source.value, read(node.source.value)));
    for (const one of node.specifiers)
      if (one.type === "ImportSpecifier" && one.imported.type === "Identifier" && theirs.has(one.imported.name))
        numbers.set(one.local.name, theirs.get(one.imported.name) as number);
  }
  return numbers;
}

/**
 * Every row function declared in the text of a file, in order. Throws "file:line:column: …" at the first thing outside of the subset.
 *
 * @param read the text of a file that it imports, by its path as it stands there
 */
export function rowsOf(file: string, text: string, read: (path: string) => string): Row[] {
  const program = parsed(file, text);
  const numbers = knownNumbers(program, read);
  const rows: Row[] = [];
  visit(program as Node, (node) => {
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "outputGradient")
      return;
    rows.push(new Reader(file, text, numbers).declaration(node));
  });
  return rows;
}

function visit(node: unknown, see: (node: Node) => void): void {
  if (Array.isArray(node)) for (const each of node) visit(each, see);
  else if (typeof node === "object" && node !== null && "type" in node) {
    see(node as Node);
    for (const value of Object.values(node)) visit(value, see);
  }
}

class Reader {
  private readonly scratch: { name: string; length: Index }[] = [];

  constructor(
    private readonly file: string,
    private readonly text: string,
    private readonly numbers: Numbers,
  ) {}

  declaration(call: ESTree.CallExpression): Row {
    const of = call.arguments[0];
    if (of?.type !== "ObjectExpression") this.refuse(call, "outputGradient takes one object literal");
    const property = (name: string) =>
      of.properties.find((p) => p.type === "Property" && p.key.type === "Identifier" && p.key.name === name);
    const id = property("id");
    const row = property("row");
    if (id?.type !== "Property" || id.value.type !== "Literal" || typeof id.value.value !== "string")
      this.refuse(of, "the id must be a string literal");
    if (!/^[A-Za-z]\w*$/.test(id.value.value)) this.refuse(id, "the id must be an identifier");
    if (row?.type !== "Property" || row.value.type !== "FunctionExpression" || row.value.body === null)
      this.refuse(of, "row must be a method");
    const names = row.value.params.map((p) => (p.type === "Identifier" ? p.name : "…")).join(", ");
    if (!["z, d, x, hp, stat", "z, d, x, hp", "z, d, x", "z, d"].includes(names))
      this.refuse(row, "the parameters of row are (z, d, x, hp, stat)");
    const body = this.block(row.value.body.body, new Map());
    return { id: id.value.value, file: this.file, body, scratch: this.scratch };
  }

  private refuse(node: { start: number; end: number }, why: string): never {
    const before = this.text.slice(0, node.start).split("\n");
    const source = this.text.slice(node.start, node.end).split("\n")[0];
    const place = `${this.file}:${before.length}:${before[before.length - 1].length + 1}`;
    throw new Error(`${place}: ${why}: ${source}`);
  }

  private block(statements: readonly Node[], outer: Scope): Statement[] {
    const scope: Scope = new Map(outer);
    return statements.flatMap((node) => this.statement(node, scope));
  }

  private statement(node: Node, scope: Scope): Statement[] {
    switch (node.type) {
      case "VariableDeclaration":
        if (node.kind === "var") this.refuse(node, "let or const, not var");
        return node.declarations.map((one) => this.declare(one, node.kind === "const", scope));
      case "ExpressionStatement":
        if (node.expression.type !== "AssignmentExpression") this.refuse(node, "a statement must assign");
        return [this.assign(node.expression, scope)];
      case "ForStatement":
        return [this.loop(node, scope)];
      case "IfStatement": {
        const condition = this.condition(node.test, scope);
        const uniform = (e: Expr): boolean =>
          e.kind === "hp" || e.kind === "number" || e.kind === "index" || (e.kind === "negate" && uniform(e.value));
        if (!uniform(condition.left) || !uniform(condition.right))
          this.refuse(node.test, "if may compare hyperparameters and numbers only: use select for what differs by row");
        return [
          {
            kind: "if",
            condition,
            yes: this.branch(node.consequent, scope),
            no: node.alternate ? this.branch(node.alternate, scope) : [],
          },
        ];
      }
      default:
        return this.refuse(node, `${node.type} is outside of the subset`);
    }
  }

  private branch(node: Node, scope: Scope): Statement[] {
    return node.type === "BlockStatement" ? this.block(node.body, scope) : this.block([node], scope);
  }

  private declare(one: ESTree.VariableDeclarator, constant: boolean, scope: Scope): Statement {
    if (one.id.type !== "Identifier") this.refuse(one, "one name at a time");
    const { name } = one.id;
    if (["z", "d", "x", "hp", "stat"].includes(name) || scope.has(name)) this.refuse(one, `${name} is taken`);
    if (!one.init) this.refuse(one, "a number to begin with is missing");
    const { init } = one;
    if (init.type === "CallExpression" && init.callee.type === "Identifier" && init.callee.name === "scratch") {
      if (this.scratch.some((each) => each.name === name)) this.refuse(one, `${name} is the name of another array`);
      const [size] = init.arguments;
      const length = size && this.index(size, new Map());
      if (!length || (length.kind !== "integer" && length.kind !== "length"))
        this.refuse(init, "scratch takes a whole number or the length of an output");
      scope.set(name, "scratch");
      this.scratch.push({ name, length });
      return { kind: "scratch", name, length };
    }
    const value = this.expr(init, scope);
    scope.set(name, constant ? "constant" : "variable");
    return { kind: "declare", name, constant, value };
  }

  private assign(node: ESTree.AssignmentExpression, scope: Scope): Statement {
    const left = node.left as Node;
    const to = this.expr(left, scope);
    const may =
      (to.kind === "local" && scope.get(to.name) === "variable") ||
      to.kind === "stat" ||
      (to.kind === "element" && to.of !== "z" && to.of !== "x");
    if (!may) this.refuse(left, "only let, d, stat and scratch arrays may be written");
    const value = this.expr(node.right, scope);
    if (node.operator === "=") return { kind: "assign", to: to as Target, value };
    const op = node.operator.slice(0, -1);
    if (!["+", "-", "*", "/"].includes(op)) this.refuse(node, `${node.operator} is outside of the subset`);
    return {
      kind: "assign",
      to: to as Target,
      value: { kind: "arithmetic", op: op as Arithmetic, left: to, right: value },
    };
  }

  private loop(node: ESTree.ForStatement, scope: Scope): Statement {
    const { init, test, update } = node;
    const first = init?.type === "VariableDeclaration" && init.declarations.length === 1 ? init.declarations[0] : null;
    const name = first?.id.type === "Identifier" ? first.id.name : null;
    const counts =
      name !== null &&
      first?.init &&
      test?.type === "BinaryExpression" &&
      test.operator === "<" &&
      test.left.type === "Identifier" &&
      test.left.name === name &&
      update?.type === "UpdateExpression" &&
      update.operator === "++";
    if (!counts) this.refuse(node, "a loop must read: for (let k = a; k < b; k++)");
    const from = this.index(first.init as Node, scope);
    const to = this.index(test.right, scope);
    if (!from || !to) this.refuse(node, "the bounds of a loop must be whole numbers or lengths");
    const inner: Scope = new Map(scope).set(name, "loop");
    return { kind: "loop", name, from, to, body: this.branch(node.body, inner) };
  }

  /** z.NAME, x.NAME …: the names of both; null where it is none. */
  private member(node: Node): { of: string; name: string } | null {
    if (node.type !== "MemberExpression" || node.computed || node.object.type !== "Identifier") return null;
    return node.property.type === "Identifier" ? { of: node.object.name, name: node.property.name } : null;
  }

  private index(node: Node, scope: Scope): Index | null {
    if (node.type === "Literal" && typeof node.value === "number")
      return Number.isInteger(node.value) ? { kind: "integer", value: node.value } : null;
    if (node.type === "Identifier") return scope.get(node.name) === "loop" ? { kind: "loop", name: node.name } : null;
    if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
      const output = node.property.name === "length" ? this.member(node.object as Node) : null;
      return output?.of === "z" ? { kind: "length", output: output.name } : null;
    }
    if (node.type === "BinaryExpression" && ["+", "-", "*"].includes(node.operator)) {
      const left = this.index(node.left as Node, scope);
      const right = this.index(node.right, scope);
      return left && right ? { kind: "arithmetic", op: node.operator as "+", left, right } : null;
    }
    return null;
  }

  private condition(node: Node, scope: Scope): Condition {
    const ops: Record<string, Comparison> = { "===": "==", "!==": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=" };
    if (node.type !== "BinaryExpression" || !Object.hasOwn(ops, node.operator))
      this.refuse(node, "a condition must compare two numbers");
    return {
      op: ops[node.operator],
      left: this.expr(node.left as Node, scope),
      right: this.expr(node.right, scope),
    };
  }

  private expr(node: Node, scope: Scope): Expr {
    if (node.type === "Literal" && typeof node.value === "number") return { kind: "number", value: node.value };
    const whole = this.index(node, scope);
    if (whole) return { kind: "index", index: whole };
    switch (node.type) {
      case "Identifier": {
        const known = scope.get(node.name);
        const value = known === undefined ? this.numbers.get(node.name) : undefined;
        if (value !== undefined) return { kind: "number", value };
        if (known !== "constant" && known !== "variable")
          this.refuse(node, `${node.name} is no number that is known here`);
        return { kind: "local", name: node.name };
      }
      case "UnaryExpression":
        if (node.operator !== "-") this.refuse(node, `${node.operator} is outside of the subset`);
        return { kind: "negate", value: this.expr(node.argument, scope) };
      case "BinaryExpression":
        if (!["+", "-", "*", "/"].includes(node.operator))
          this.refuse(node, `${node.operator} is outside of the subset`);
        return {
          kind: "arithmetic",
          op: node.operator as Arithmetic,
          left: this.expr(node.left as Node, scope),
          right: this.expr(node.right, scope),
        };
      case "CallExpression":
        return this.call(node, scope);
      case "MemberExpression":
        return this.access(node, scope);
      case "ParenthesizedExpression":
        return this.expr(node.expression, scope);
      default:
        return this.refuse(node, `${node.type} is outside of the subset`);
    }
  }

  private call(node: ESTree.CallExpression, scope: Scope): Expr {
    const name = node.callee.type === "Identifier" ? node.callee.name : "";
    const args = node.arguments as Node[];
    if (name === "select") {
      if (args.length !== 3) this.refuse(node, "select takes a condition and two numbers");
      const [test, yes, no] = args;
      return {
        kind: "select",
        condition: this.condition(test, scope),
        yes: this.expr(yes, scope),
        no: this.expr(no, scope),
      };
    }
    if (!Object.hasOwn(callNames, name))
      this.refuse(node, `a row function may call ${Object.keys(callNames).join(", ")} and select only`);
    if (args.length !== callNames[name as CallName])
      this.refuse(node, `${name} takes ${callNames[name as CallName]} numbers`);
    return { kind: "call", name: name as CallName, args: args.map((each) => this.expr(each, scope)) };
  }

  private access(node: ESTree.MemberExpression, scope: Scope): Expr {
    if (node.computed) {
      const at = this.index(node.property as Node, scope);
      if (!at) this.refuse(node, "an index must be made of whole numbers, lengths and loop variables");
      if (node.object.type === "Identifier" && scope.get(node.object.name) === "scratch")
        return { kind: "element", of: "scratch", name: node.object.name, at };
      const array = this.member(node.object as Node);
      if (array?.of === "z" || array?.of === "d" || array?.of === "x")
        return { kind: "element", of: array.of, name: array.name, at };
    }
    const named = this.member(node as Node);
    if (named?.of === "x") return { kind: "field", name: named.name };
    if (named?.of === "hp") return { kind: "hp", name: named.name };
    if (named?.of === "stat") return { kind: "stat", name: named.name };
    return this.refuse(
      node,
      "only z.NAME[k], d.NAME[k], x.NAME, x.NAME[k], hp.NAME, stat.NAME and scratch arrays are known",
    );
  }
}

/** A name of the declaration that a row function uses. */
export interface Use {
  readonly of: "z" | "d" | "length" | "x" | "x[]" | "hp" | "stat";
  readonly name: string;
  readonly written: boolean;
}

/** What a row function reads and writes of its declaration. */
export function usesOf(body: readonly Statement[]): Use[] {
  const uses: Use[] = [];
  const use = (of: Use["of"], name: string, written = false) => uses.push({ of, name, written });
  const index = (of: Index): void => {
    if (of.kind === "length") use("length", of.output);
    else if (of.kind === "arithmetic") for (const side of [of.left, of.right]) index(side);
  };
  const expr = (of: Expr, written = false): void => {
    if (of.kind === "element") {
      if (of.of !== "scratch") use(of.of === "x" ? "x[]" : of.of, of.name, written);
      index(of.at);
    } else if (of.kind === "field") use("x", of.name);
    else if (of.kind === "hp") use("hp", of.name);
    else if (of.kind === "stat") use("stat", of.name, written);
    else if (of.kind === "index") index(of.index);
    else if (of.kind === "negate") expr(of.value);
    else if (of.kind === "arithmetic") for (const side of [of.left, of.right]) expr(side);
    else if (of.kind === "call") for (const each of of.args) expr(each);
    else if (of.kind === "select")
      for (const each of [of.condition.left, of.condition.right, of.yes, of.no]) expr(each);
  };
  const statement = (of: Statement): void => {
    if (of.kind === "declare") expr(of.value);
    else if (of.kind === "scratch") index(of.length);
    else if (of.kind === "assign") {
      expr(of.to, true);
      expr(of.value);
    } else if (of.kind === "loop") {
      index(of.from);
      index(of.to);
      of.body.forEach(statement);
    } else {
      expr(of.condition.left);
      expr(of.condition.right);
      for (const each of [...of.yes, ...of.no]) statement(each);
    }
  };
  body.forEach(statement);
  return uses;
}
