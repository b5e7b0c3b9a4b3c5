/**
 * Plans where a network lies in a workspace. Dense outputs that nobody else reads and that read the same stand side by side in
 * one matrix; parameters without an input are columns of it whose weights are zero. Where there is one such matrix, its rows are
 * the rows of all outputs.
 */
import {
  type Activation,
  type DenseLayer,
  type FreeLayer,
  type Layer,
  type NetworkSpec,
  type NormaliseLayer,
  OBSERVATION,
  type SdeLayer,
} from "../graph.ts";
import {
  type Block,
  type Columns,
  type Gathered,
  type Handing,
  OUTPUT_SLOT,
  type Packing,
  padded,
  type Region,
  type Step,
} from "./packing.ts";

/** @param rows whose activations are kept */
export function packingOf(spec: NetworkSpec, rows: number): Packing {
  const plan = new Planner(spec, rows);
  plan.place();
  plan.findWayBack();
  return plan;
}

/** Columns of a region. */
type Within = Columns & { readonly of: Region };

class Planner implements Packing {
  readonly steps: Step[] = [];
  readonly blocks: Block[] = [];
  outputs: Region = { at: 0, n: 0, width: 0 };
  gathered: Gathered[] = [];
  parameters = 0;
  transposed = 0;
  activations = 0;
  slots = 1;
  widest = 0;
  private readonly regions = new Map<string, Region | null>([[OBSERVATION, null]]);
  private readonly widths = new Map<string, number>();
  /** Layers with parameters of their own, or below them: a gradient goes there. */
  private readonly learning = new Set<string>();

  constructor(
    private readonly spec: NetworkSpec,
    private readonly rows: number,
  ) {
    this.widths.set(OBSERVATION, spec.inputs);
    for (const { name, kind, from, outputs } of spec.layers) {
      this.widths.set(name, outputs);
      if (kind !== "normalise" || this.learning.has(from[0])) this.learning.add(name);
    }
  }

  /** Lays everything out in the order of the layers; heads stand where the first of them is. */
  place(): void {
    const { spec } = this;
    const heads = this.heads();
    const isDirect = heads.length === 1;
    const members = new Map(heads.flatMap((head) => head.map((layer) => [layer.name, head] as const)));
    const where = new Map<string, Within>();
    for (const layer of spec.layers) {
      const head = members.get(layer.name);
      if (head === undefined) this.regions.set(layer.name, this.alone(layer));
      else if (!where.has(layer.name)) this.placeHead(head, isDirect, where);
    }
    if (!isDirect) this.outputs = this.region(spec.width);
    this.gathered = spec.outputs.flatMap(({ name, outputs: width, column }) => {
      const from = where.get(name) ?? { of: this.regions.get(name) as Region, first: 0, width, column };
      return from.of === this.outputs ? [] : [{ ...from, column, delta: -1 }];
    });
  }

  /** Outputs that may share a matrix: those that read the same; parameters without an input join the first. */
  private heads(): Layer[][] {
    const { layers, outputs } = this.spec;
    const read = new Set(layers.flatMap(({ from }) => from));
    const shown = outputs.map(({ name }) => layers.find((layer) => layer.name === name) as Layer);
    const unread = shown.filter(({ name }) => !read.has(name));
    const groups = new Map<string, Layer[]>();
    for (const layer of unread) {
      if (layer.kind !== "dense" || layer.activation !== null) continue;
      const key = JSON.stringify(layer.from);
      groups.set(key, [...(groups.get(key) ?? []), layer]);
    }
    const [first, ...others] = groups.values();
    if (!first) return [];
    return [[...first, ...unread.filter(({ kind }) => kind === "free")], ...others];
  }

  private region(width: number): Region {
    const region = { at: this.activations, n: padded(width), width };
    this.activations += this.rows * region.n;
    this.widest = Math.max(this.widest, region.n);
    return region;
  }

  /** Room for packed numbers. */
  private pack(size: number): number {
    const at = this.parameters;
    this.parameters += size;
    return at;
  }

  private block(flat: number, packed: number, rows: number, columns: number, n: number, learns = true): void {
    this.blocks.push({ flat: 4 * flat, packed: 4 * packed, rows, columns, n, learns });
  }

  /** What a layer reads: one region, or several joined. */
  private read(from: readonly string[]): Region | null {
    if (from.length === 1) return this.regions.get(from[0]) as Region | null;
    let column = 0;
    const parts = from.map((name): Columns => {
      const width = this.widths.get(name) as number;
      const part = { of: this.regions.get(name) as Region | null, first: 0, width, column };
      column += width;
      return part;
    });
    const y = this.region(column);
    if (parts.length > 0) this.steps.push({ kind: "join", x: null, inputs: column, y, delta: -1, parts });
    return y;
  }

  /** Rows of a layer that shares its matrix with no other. */
  private alone(layer: Layer): Region {
    switch (layer.kind) {
      case "dense":
        return this.matrix([{ layer, column: 0 }], layer.outputs, layer.activation);
      case "free":
        return this.matrix([{ layer, column: 0 }], layer.outputs, null);
      case "normalise":
        return this.normalise(layer);
      case "sde":
        return this.sde(layer);
    }
  }

  private normalise({ from, inputs, outputs, ...layer }: NormaliseLayer): Region {
    const x = this.read(from);
    const n = padded(outputs);
    const mean = this.pack(n);
    const scale = this.pack(n);
    this.block(layer.mean, mean, 1, inputs, n, false);
    this.block(layer.variance, scale, 1, inputs, n, false);
    const y = this.region(outputs);
    const hands = this.handings(from, 0, 0);
    this.steps.push({ kind: "normalise", x, inputs, y, delta: -1, mean, scale, hands });
    return y;
  }

  private sde({ from, inputs, outputs, weight }: SdeLayer): Region {
    const x = this.read(from);
    const n = padded(outputs);
    const logSigma = this.pack(inputs * n);
    this.pack(n); // the sums of the deltas: of no use
    const variance = this.pack(inputs * n);
    const epsilon = this.pack(n);
    this.block(weight, logSigma, inputs, outputs, n);
    const squares = this.region(inputs);
    const sums = this.region(outputs);
    const y = this.region(outputs);
    this.steps.push({ kind: "sde", x, inputs, y, delta: -1, squares, sums, logSigma, variance, epsilon });
    return y;
  }

  private placeHead(head: readonly Layer[], isDirect: boolean, where: Map<string, Within>): void {
    let width = 0;
    const parts = head.map((layer) => {
      const column = isDirect ? (this.spec.outputs.find(({ name }) => name === layer.name)?.column ?? 0) : width;
      width += layer.outputs;
      return { layer: layer as DenseLayer, column };
    });
    const y = this.matrix(parts, isDirect ? this.spec.width : width, null);
    if (isDirect) this.outputs = y;
    for (const { layer, column } of parts)
      where.set(layer.name, { of: y, first: column, width: layer.outputs, column });
  }

  /** Layers side by side in one matrix. */
  private matrix(
    parts: readonly { readonly layer: DenseLayer | FreeLayer; readonly column: number }[],
    width: number,
    activation: Activation | null,
  ): Region {
    const [{ layer: first }] = parts;
    const { from, inputs } = first;
    const x = this.read(from);
    const n = padded(width);
    const weight = this.pack(inputs * n);
    const bias = this.pack(n);
    for (const { layer, column } of parts) {
      const { outputs } = layer;
      if (layer.kind === "dense") this.block(layer.weight, weight + column, inputs, outputs, n);
      this.block(layer.bias, bias + column, 1, outputs, n);
    }
    const y = this.region(width);
    const hands = this.handings(from, weight, n);
    this.steps.push({ kind: "dense", x, inputs, y, delta: -1, weight, bias, activation, hands });
    return y;
  }

  /** What is handed on to each of the inputs below which something learns. */
  private handings(from: readonly string[], weight: number, n: number): Handing[] {
    let row = 0;
    return from.flatMap((name) => {
      const width = this.widths.get(name) as number;
      const of = this.regions.get(name);
      const handing = { to: -1, by: -1, weight: weight + row * n, transposed: this.transposed, width };
      row += width;
      if (!of || !this.learning.has(name)) return [];
      this.transposed += n * padded(width);
      return [{ ...handing, of }];
    });
  }

  /** Gives every region a slot for its deltas while they are in use: from the last that reads it, down to its own layer. */
  findWayBack(): void {
    const taken = new Map<Region, number>([[this.outputs, OUTPUT_SLOT]]);
    const free: number[] = [];
    const take = () => free.pop() ?? this.slots++;
    for (const part of this.gathered) {
      part.delta = take();
      taken.set(part.of as Region, part.delta);
    }
    if (!this.steps.some(({ y }) => y === this.outputs)) free.push(OUTPUT_SLOT);
    for (const step of this.steps.toReversed()) {
      const slot = taken.get(step.y);
      if (slot === undefined) continue;
      step.delta = slot;
      if ("hands" in step)
        for (const hand of step.hands) {
          const before = taken.get(hand.of);
          hand.by = take();
          hand.to = before ?? hand.by;
          if (before === undefined) taken.set(hand.of, hand.by);
          else free.push(hand.by);
        }
      free.push(slot);
    }
  }
}
