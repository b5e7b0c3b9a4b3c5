/**
 * Shared memory by declaration: the only place that computes a byte offset.
 *
 * A layout is a tree. Its leaves are arrays of numbers with a shape; its branches are layouts inside layouts, and
 * repeated layouts (one an actor, one a bank). Offsets, total size, typed views and a hash of the whole declaration all
 * come from the tree. Leaves are aligned to 16 bytes (a SIMD register), branches to 64 (a cache line, so that words
 * that different threads write do not share one).
 */

const LEAF_ALIGN = 16;
const BRANCH_ALIGN = 64;
const align = (at: number, to: number) => Math.ceil(at / to) * to;

interface Arrays {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u32: Uint32Array;
}
type ElementType = keyof Arrays;
type ArrayOver<A> = {
  new (buffer: ArrayBufferLike, at: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
};
const arrays: { readonly [E in ElementType]: ArrayOver<Arrays[E]> } = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
};

/** A leaf: numbers of one type. The shape is outermost first; the last axis is contiguous. */
export interface Field<E extends ElementType = ElementType> {
  readonly kind: "field";
  readonly type: E;
  readonly shape: readonly number[];
  readonly length: number;
}

/** The same layout count times in a row. */
export interface Repeated<L extends Layout = Layout> {
  readonly kind: "repeated";
  readonly count: number;
  readonly layout: L;
  readonly stride: number;
}

type Node = Field | Layout | Repeated;
type Nodes = Readonly<Record<string, Node>>;

export interface Layout<N extends Nodes = Nodes> {
  readonly kind: "layout";
  readonly nodes: N;
  /** Byte offset of every node from the start of the layout. */
  readonly offsets: Readonly<Record<keyof N & string, number>>;
  readonly bytes: number;
  /** The declaration as text; equal texts mean equal memory. */
  readonly signature: string;
}

/** Typed views of a layout that lies in a buffer, by name. */
export type Views<L extends Layout> = { readonly [K in keyof L["nodes"]]: ViewOf<L["nodes"][K]> };
type ViewOf<N> =
  N extends Field<infer E>
    ? Arrays[E]
    : N extends Repeated<infer L>
      ? readonly Views<L>[]
      : N extends Layout
        ? Views<N>
        : never;

function field<E extends ElementType>(type: E, shape: readonly number[]): Field<E> {
  for (const size of shape)
    if (!Number.isSafeInteger(size) || size < 0) throw new Error(`a shape holds whole sizes ≥ 0, not ${shape}`);
  return { kind: "field", type, shape, length: shape.reduce((a, b) => a * b, 1) };
}

export const f32 = (...shape: number[]) => field("f32", shape);
export const f64 = (...shape: number[]) => field("f64", shape);
export const i32 = (...shape: number[]) => field("i32", shape);
export const u32 = (...shape: number[]) => field("u32", shape);

export function repeated<L extends Layout>(count: number, inner: L): Repeated<L> {
  return { kind: "repeated", count, layout: inner, stride: align(inner.bytes, BRANCH_ALIGN) };
}

const bytesOf = (node: Node): number =>
  node.kind === "field"
    ? node.length * arrays[node.type].BYTES_PER_ELEMENT
    : node.kind === "layout"
      ? node.bytes
      : node.count * node.stride;

const signatureOf = (node: Node): string =>
  node.kind === "field"
    ? `${node.type}[${node.shape}]`
    : node.kind === "layout"
      ? node.signature
      : `${node.count}×${node.layout.signature}`;

/** Lays nodes out one after the other, in the order of their declaration. */
export function layout<const N extends Nodes>(nodes: N): Layout<N> {
  const offsets: Record<string, number> = {};
  let at = 0;
  for (const [name, node] of Object.entries(nodes)) {
    at = align(at, node.kind === "field" ? LEAF_ALIGN : BRANCH_ALIGN);
    offsets[name] = at;
    at += bytesOf(node);
  }
  const signature = `{${Object.entries(nodes).map(([name, node]) => `${name}:${signatureOf(node)}`)}}`;
  return { kind: "layout", nodes, offsets, bytes: align(at, BRANCH_ALIGN), signature } as Layout<N>;
}

/** Views of a layout that begins at byte `at` of the buffer. Throws when it does not fit. */
export function viewsOf<L extends Layout>(of: L, buffer: ArrayBufferLike, at = 0): Views<L> {
  if (at % BRANCH_ALIGN !== 0) throw new Error(`a layout begins at a multiple of ${BRANCH_ALIGN} bytes, not at ${at}`);
  if (at + of.bytes > buffer.byteLength)
    throw new Error(`the layout needs ${at + of.bytes} bytes; the buffer has ${buffer.byteLength}`);
  const views: Record<string, unknown> = {};
  for (const [name, node] of Object.entries(of.nodes)) {
    const from = at + of.offsets[name];
    if (node.kind === "field") views[name] = new arrays[node.type](buffer, from, node.length);
    else if (node.kind === "layout") views[name] = viewsOf(node, buffer, from);
    else
      views[name] = Array.from({ length: node.count }, (_, i) => viewsOf(node.layout, buffer, from + i * node.stride));
  }
  return { ...views } as Views<L>; // a copy: V8 makes an object of twenty and more computed names a slow dictionary
}

/** FNV-1a over the bytes of a text or an array, as an unsigned 32-bit number. */
export function hash32(data: string | ArrayLike<number>): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < data.length; i++)
    h = Math.imul(h ^ (typeof data === "string" ? data.charCodeAt(i) : data[i]), 0x01000193);
  return h >>> 0;
}
