import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { f32, f64, hash32, i32, type Layout, layout, repeated, u32, viewsOf } from "../../src/core/layout.ts";

/** A layout tree as plain data. */
type Tree = { name: string; node: Plant }[];
type Plant =
  | { kind: "field"; type: "f32" | "f64" | "i32" | "u32"; shape: number[] }
  | { kind: "layout"; tree: Tree }
  | { kind: "repeated"; count: number; tree: Tree };

const fieldPlant = fc.record({
  kind: fc.constant("field" as const),
  type: fc.constantFrom("f32" as const, "f64" as const, "i32" as const, "u32" as const),
  shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
});
const { tree: anyTree } = fc.letrec<{ tree: Tree; plant: Plant }>((tie) => ({
  tree: fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z][A-Za-z]{0,5}$/), node: tie("plant") }), {
    selector: ({ name }) => name,
    maxLength: 4,
    depthIdentifier: "plant",
  }),
  plant: fc.oneof(
    { depthIdentifier: "plant", maxDepth: 3 },
    fieldPlant,
    fc.record({ kind: fc.constant("layout" as const), tree: tie("tree") }),
    fc.record({ kind: fc.constant("repeated" as const), count: fc.integer({ min: 0, max: 4 }), tree: tie("tree") }),
  ),
}));

const fields = { f32, f64, i32, u32 };
const planted = (tree: Tree): Layout =>
  layout(
    Object.fromEntries(
      tree.map(({ name, node }) => [
        name,
        node.kind === "field"
          ? fields[node.type](...node.shape)
          : node.kind === "layout"
            ? planted(node.tree)
            : repeated(node.count, planted(node.tree)),
      ]),
    ),
  );

type Leaf = Float32Array | Float64Array | Int32Array | Uint32Array;
/** Every leaf of the views, and where every branch begins. */
function leavesOf(views: unknown): Leaf[] {
  if (ArrayBuffer.isView(views)) return [views as Leaf];
  return Object.values(views as object).flatMap(leavesOf);
}

/** The leaves that a tree declares: how many elements of which type. */
const declared = (tree: Tree): [string, number][] =>
  tree.flatMap(({ node }): [string, number][] => {
    if (node.kind === "field") return [[node.type, node.shape.reduce((a, b) => a * b, 1)]];
    const inside = declared(node.tree);
    return node.kind === "layout" ? inside : Array.from({ length: node.count }, () => inside).flat();
  });
const typeOf = (leaf: Leaf) =>
  leaf instanceof Float32Array
    ? "f32"
    : leaf instanceof Float64Array
      ? "f64"
      : leaf instanceof Int32Array
        ? "i32"
        : "u32";

describe("any tree of fields, layouts and repetitions", () => {
  test("gives every declared leaf its elements, in order, apart from each other and inside the bytes", () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 0, max: 3 }), (tree, start) => {
        const of = planted(tree);
        const at = start * 64;
        const leaves = leavesOf(viewsOf(of, new ArrayBuffer(at + of.bytes), at));
        expect(leaves.map((leaf) => [typeOf(leaf), leaf.length])).toEqual(declared(tree));
        let end = at;
        for (const leaf of leaves) {
          expect(leaf.byteOffset).toBeGreaterThanOrEqual(end); // declaration order is memory order
          expect(leaf.byteOffset % 16).toBe(0);
          end = leaf.byteOffset + leaf.byteLength;
        }
        expect(end).toBeLessThanOrEqual(at + of.bytes);
        expect(of.bytes % 64).toBe(0);
      }),
    );
  });

  test("begins every branch on a cache line of its own", () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const walk = (of: Layout, at: number) => {
          for (const [name, node] of Object.entries(of.nodes)) {
            const from = at + of.offsets[name];
            if (node.kind === "field") continue;
            expect(from % 64).toBe(0);
            if (node.kind === "layout") walk(node, from);
            else for (let i = 0; i < node.count; i++) walk(node.layout, from + i * node.stride);
            if (node.kind === "repeated") expect(node.stride % 64).toBe(0);
          }
        };
        walk(planted(tree), 0);
      }),
    );
  });

  test("holds what is written through one set of views, for another set over the same buffer", () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const of = planted(tree);
        const buffer = new SharedArrayBuffer(of.bytes);
        let written = 0;
        for (const leaf of leavesOf(viewsOf(of, buffer))) for (let i = 0; i < leaf.length; i++) leaf[i] = ++written;
        let read = 0;
        for (const leaf of leavesOf(viewsOf(planted(tree), buffer)))
          for (let i = 0; i < leaf.length; i++) expect(leaf[i]).toBe(++read);
        expect(read).toBe(written);
      }),
    );
  });

  test("does not fit into a buffer that is a byte too small", () => {
    fc.assert(
      fc.property(
        anyTree.filter((tree) => planted(tree).bytes > 0),
        (tree) => {
          const of = planted(tree);
          expect(() => viewsOf(of, new ArrayBuffer(of.bytes - 1))).toThrow(/the buffer has \d+/);
          expect(() => viewsOf(of, new ArrayBuffer(of.bytes), 64)).toThrow(`needs ${of.bytes + 64} bytes`);
        },
      ),
    );
  });
});

describe("the signature", () => {
  /** One small change of a tree: a name, a type, a shape, a count, or the order. */
  const changes = (tree: Tree): Tree[] =>
    tree.flatMap(({ name, node }, i): Tree[] => {
      const replaced = (by: Plant, called = name): Tree =>
        tree.map((old, k) => (k === i ? { name: called, node: by } : old));
      const out: Tree[] = [replaced(node, `${name}x`), tree.filter((_, k) => k !== i)];
      if (i > 0) out.push(tree.map((_, k) => (k === i ? tree[i - 1] : k === i - 1 ? tree[i] : tree[k])));
      if (node.kind === "field") {
        const { type, shape } = node;
        out.push(
          replaced({ ...node, type: type === "f32" ? "i32" : "f32" }),
          replaced({ ...node, shape: [...shape, 1] }),
          ...shape.map((_, d) => replaced({ ...node, shape: shape.map((size, k) => (k === d ? size + 1 : size)) })),
        );
      } else {
        if (node.kind === "repeated")
          out.push(replaced({ ...node, count: node.count + 1 }), replaced({ kind: "layout", tree: node.tree }));
        for (const inner of changes(node.tree)) out.push(replaced({ ...node, tree: inner }));
      }
      return out;
    });

  test("differs when any name, type, shape, count or order differs, and only then", () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const { signature } = planted(tree);
        expect(planted(structuredClone(tree)).signature).toBe(signature);
        for (const other of changes(tree)) expect(planted(other).signature).not.toBe(signature);
      }),
    );
  });

  test("equal signatures are equal memory", () => {
    const a = layout({ a: f32(2, 3), b: repeated(2, layout({ c: i32(1) })) });
    const b = layout({ a: f32(2, 3), b: repeated(2, layout({ c: i32(1) })) });
    expect([b.signature, b.bytes, b.offsets]).toEqual([a.signature, a.bytes, a.offsets]);
    expect(layout({ a: f32(6) }).signature).not.toBe(layout({ a: f32(2, 3) }).signature);
    expect(layout({ a: f32(1), b: f32(1) }).signature).not.toBe(layout({ b: f32(1), a: f32(1) }).signature);
  });
});

test("a layout counted by hand", () => {
  const inner = layout({ x: i32(1), y: f64(3) });
  // x at 0 (4 bytes), y at 16 (24 bytes): 40, up to 64
  expect([inner.offsets, inner.bytes]).toEqual([{ x: 0, y: 16 }, 64]);
  const outer = layout({ head: u32(5), inner, many: repeated(3, inner), tail: f32(1) });
  // head 20 bytes; inner on the next line at 64; three of 64 bytes from 128; tail at 320: 324, up to 384
  expect([outer.offsets, outer.bytes]).toEqual([{ head: 0, inner: 64, many: 128, tail: 320 }, 384]);
});

test("views of many fields are no dictionaries, which are slow to read", () => {
  setFlagsFromString("--allow-natives-syntax");
  const isFast = new Function("views", "return %HasFastProperties(views)") as (views: object) => boolean;
  setFlagsFromString("--no-allow-natives-syntax");
  // Layouts of many shapes went before, as in a run; the names are new, so that no object has shown the way.
  const fieldsOf = (count: number, name: string) =>
    layout(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}_${i}`, [f32, i32, f64][i % 3](1)])));
  for (let shape = 0; shape < 2000; shape++) viewsOf(fieldsOf(1 + (shape % 9), `shape${shape}`), new ArrayBuffer(1024));
  for (const fields of [12, 18, 20, 60]) {
    const many = fieldsOf(fields, `of${fields}`);
    const of = layout({ each: repeated(2, many) });
    const { each } = viewsOf(of, new ArrayBuffer(of.bytes));
    expect(each.map(isFast), `${fields} fields`).toEqual([true, true]);
  }
});

test("what has no meaning is refused", () => {
  expect(() => f32(-1)).toThrow("whole sizes");
  expect(() => f32(1.5)).toThrow("whole sizes");
  expect(() => f32(Number.NaN)).toThrow("whole sizes");
  expect(() => viewsOf(layout({ a: f32(1) }), new ArrayBuffer(256), 32)).toThrow("multiple of 64");
});

test("hash32 is FNV-1a: the published values of the empty text, a and foobar", () => {
  // http://www.isthe.com/chongo/tech/comp/fnv/ (32-bit FNV-1a test vectors)
  expect(hash32("")).toBe(0x811c9dc5);
  expect(hash32("a")).toBe(0xe40c292c);
  expect(hash32("foobar")).toBe(0xbf9cf968);
  expect(hash32(new TextEncoder().encode("foobar"))).toBe(0xbf9cf968);
});
