import { describe, expect, test } from "vitest";
import { checkNames } from "../../../src/cli/printer/print.ts";
import { rowsOf } from "../../../src/cli/printer/subset.ts";
import { outputGradient } from "../../../src/nn/gradient.ts";

const around = (
  body: string,
) => `import { LEAST, MOST as GREATEST, own } from "./numbers.ts"; const HALF = 0.5; let two = 2;
export const mine = outputGradient({
  id: "mine",
  outputs: ["q"],
  row(z, d, x, hp, stat) {
    ${body}
  },
});
`;
const nothing = (path: string): never => {
  throw new Error(`${path} is read`);
};
const numbers = (path: string) =>
  path === "./numbers.ts" ? "export const LEAST = -10, MOST = 5;\nconst own = 1;" : nothing(path);
const read = (body: string) => rowsOf("mine.ts", around(body), numbers)[0];

describe("what is outside of the subset is refused with its place and its text", () => {
  test.each([
    ["while (true) {}", /^mine\.ts:6:5: WhileStatement is outside of the subset: while/],
    ["d.q[0] = Math.exp(z.q[0]);", /^mine\.ts:6:14: a row function may call exp, .* and select only: Math\.exp/],
    ["d.q[0] = x.action ** 2;", /^mine\.ts:6:14: \*\* is outside of the subset/],
    ["if (x.action > 0) d.q[0] = 1;", /^mine\.ts:6:9: if may compare hyperparameters and numbers only/],
    ["if (hp.double) d.q[0] = 1;", /a condition must compare two numbers: hp\.double/],
    ["z.q[0] = 1;", /only let, d, stat and scratch arrays may be written: z\.q\[0\]/],
    ["hp.lr = 1;", /only let, d, stat and scratch arrays may be written/],
    ["const a = 1; a = 2;", /^mine\.ts:6:18: only let, d, stat and scratch arrays may be written: a/],
    ["d.q[x.action] = 1;", /an index must be made of whole numbers, lengths and loop variables/],
    ["let k = 1; d.q[k] = 1;", /an index must be made of whole numbers, lengths and loop variables/],
    ["for (let k = 0; k < x.action; k++) d.q[k] = 1;", /the bounds of a loop must be whole numbers or lengths/],
    ["for (let k = 3; k > 0; k--) d.q[k] = 1;", /a loop must read: for \(let k = a; k < b; k\+\+\)/],
    ["for (let k = 0; k < 2; k++) k += 1;", /only let, d, stat and scratch arrays may be written: k/],
    ["const p = scratch(z.q.length + 1);", /scratch takes a whole number or the length of an output/],
    ["const p = scratch(2); const r = scratch(2); { const p = 1; }", /BlockStatement is outside of the subset/],
    ["d.q[0] = own * two;", /^mine\.ts:6:20: two is no number that is known here/],
    ["x.action[0] = 1;", /only let, d, stat and scratch arrays may be written: x\.action\[0\]/],
    ["d.q[0] = y;", /y is no number that is known here/],
    ["var a = 1;", /let or const, not var/],
    ["const z = 1;", /z is taken/],
    ["d.q[0] = max(1);", /max takes 2 numbers/],
    ["d.q[0] = +x.action;", /\+ is outside of the subset/],
    ["return;", /ReturnStatement is outside of the subset/],
    ["d.q[0] = x.a > 1 ? 1 : 2;", /ConditionalExpression is outside of the subset/],
  ])("%s", (body, message) => {
    expect(() => read(body)).toThrow(message);
  });

  test("the declaration itself", () => {
    expect(() => rowsOf("a.ts", "outputGradient({ id: name, row(z, d) {} })", nothing)).toThrow(
      "the id must be a string literal",
    );
    expect(() => rowsOf("a.ts", 'outputGradient({ id: "a b", row(z, d) {} })', nothing)).toThrow(
      "the id must be an identifier",
    );
    expect(() => rowsOf("a.ts", 'outputGradient({ id: "a", row: (z, d) => {} })', nothing)).toThrow(
      "row must be a method",
    );
    expect(() => rowsOf("a.ts", 'outputGradient({ id: "a", row(d, z) {} })', nothing)).toThrow("(z, d, x, hp, stat)");
    expect(() => rowsOf("a.ts", "const = 1", nothing)).toThrow(/^a\.ts: /);
  });
});

test("what a row function names must be declared, and what is declared to be written must be", () => {
  const declared = outputGradient({
    id: "mine",
    outputs: ["q"],
    fields: { action: 1, target: "q" },
    hp: ["delta"],
    stats: ["loss"],
    row() {},
  });
  const check = (body: string) => () => checkNames(read(body), declared);
  expect(check("d.q[0] = hp.delta * x.action; stat.loss = z.q[0] - x.target[0];")).not.toThrow();
  expect(check("d.q[0] = x.target; stat.loss = 1;")).toThrow("mine names x.target, which it does not declare");
  expect(check("d.q[0] = x.action[0]; stat.loss = 1;")).toThrow("mine names x[].action, which it does not declare");
  const wide = { ...declared, fields: { target: "atoms" }, row() {} };
  expect(() => checkNames(read("d.q[0] = 1; stat.loss = 1;"), wide)).toThrow("target as wide as atoms");
  expect(check("d.q[0] = hp.kappa; stat.loss = 1;")).toThrow("mine names hp.kappa, which it does not declare");
  expect(check("d.q[0] = x.reward; stat.loss = 1;")).toThrow("mine names x.reward, which it does not declare");
  expect(check("d.q[0] = 1; stat.loss = 1; for (let k = 0; k < z.v.length; k++) d.q[k] = 1;")).toThrow("length.v");
  expect(check("d.q[0] = 1;")).toThrow("mine never writes stat.loss");
  expect(check("stat.loss = d.q[0];")).toThrow("mine never writes d.q");
});

test("numbers at the top of the file, and of files it imports, are known", () => {
  const { body } = read("d.q[0] = HALF * (GREATEST - LEAST);");
  expect(body).toMatchObject([
    { value: { left: { value: 0.5 }, right: { left: { value: 5 }, right: { value: -10 } } } },
  ]);
});
