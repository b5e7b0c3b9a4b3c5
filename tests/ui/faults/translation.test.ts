/**
 * A browser's translator wraps every text of a page in elements of its own. React then finds a text no more where it put it,
 * and cannot take it away or put something before it. So what comes and goes never stands beside a text in one element.
 */
import { readdirSync, readFileSync } from "node:fs";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value;

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesIn(one);
  else if (isNode(value)) {
    yield value;
    for (const [key, inner] of Object.entries(value)) if (key !== "parent") yield* nodesIn(inner);
  }
}

const isElement = ({ type }: Node) => type === "JSXElement" || type === "JSXFragment";

/** An expression that can be nothing: React draws neither "" nor null, undefined, true and false. */
function canBeNothing(of: Node): boolean {
  if (of.type === "Literal") return of.value === "" || typeof of.value === "boolean" || of.raw === "null";
  if (of.type === "Identifier") return of.name === "undefined";
  if (of.type === "LogicalExpression") return of.operator === "&&" || canBeNothing(of.right as Node);
  if (of.type === "ConditionalExpression")
    return [of.consequent, of.alternate].some((one) => canBeNothing(one as Node));
  return false;
}

/** An expression that is now this element and now another, or a text. */
const canBeElement = (of: Node): boolean => [...nodesIn(of)].some(isElement);

interface Child {
  readonly isText: boolean;
  readonly comesAndGoes: boolean;
}

/** How a child of an element is drawn; null where it is not. */
function childOf(node: Node): Child | null {
  if (node.type === "JSXText") {
    const text = node.value as string;
    return text.trim() === "" && text.includes("\n") ? null : { isText: true, comesAndGoes: false };
  }
  if (node.type !== "JSXExpressionContainer") return { isText: false, comesAndGoes: false };
  const expression = node.expression as Node;
  if (expression.type === "JSXEmptyExpression") return null;
  const element = canBeElement(expression);
  return { isText: !element, comesAndGoes: element || canBeNothing(expression) };
}

/** The elements of a file in which something comes and goes beside a text. */
function mixtures(name: string, code: string): string[] {
  const { program, errors } = parseSync(name, code);
  expect(errors).toEqual([]);
  const found: string[] = [];
  for (const node of nodesIn(program)) {
    if (!isElement(node)) continue;
    const children = (node.children as Node[]).map(childOf).filter((child) => child !== null);
    const texts = children.filter(({ isText }) => isText).length;
    // A fragment has no element of its own: its texts stand among whatever is around it.
    const mixed =
      node.type === "JSXFragment"
        ? texts > 0
        : children.length > 1 && texts > 0 && children.some(({ comesAndGoes }) => comesAndGoes);
    if (mixed) found.push(`${name}:${code.slice(0, node.start).split("\n").length}`);
  }
  return found;
}

describe("mixtures of texts with what comes and goes", () => {
  it.each([
    "<p>{a && `one `}two</p>",
    "<p>{a ? 'one ' : ''}two</p>",
    "<p>one{a && <b>two</b>}</p>",
    "<p>one{a ? null : 'two'}</p>",
    "<p>{a} {b ?? null}</p>",
    "<p>{a ? <>one</> : <b>two</b>}</p>",
    "<p>{list.map((a) => <b>{a}</b>)} in all</p>",
  ])("%s is one", (element) => {
    expect(mixtures("a.tsx", `export const A = () => ${element};`)).toHaveLength(1);
  });

  it.each([
    "<p>{a && `one `}</p>",
    "<p>{a ? 'one ' : 'two '}three</p>",
    "<p>one <b>{a && 'two'}</b></p>",
    "<p>{a ? 'one ' : b} <b>three</b></p>",
    "<p>{a && <b>one</b>}<b>two</b></p>",
    "<p>one {a}</p>",
  ])("%s is none", (element) => {
    expect(mixtures("a.tsx", `export const A = () => ${element};`)).toEqual([]);
  });

  it("are nowhere on the page", () => {
    const names = readdirSync("src/ui", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx"));
    const files = names.map((name) => `src/ui/${name}`);
    expect(files.length).toBeGreaterThan(40);
    expect(files.flatMap((file) => mixtures(file, readFileSync(file, "utf8")))).toEqual([]);
  });
});
