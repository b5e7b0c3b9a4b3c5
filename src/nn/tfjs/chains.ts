/** What the fused kernels can carry: networks that are chains of dense layers, side by side, and parameters without an input. */
import type { DenseLayer, FreeLayer, Layer, NetworkSpec, NormaliseLayer } from "../graph.ts";
import { OBSERVATION } from "../graph.ts";

/** A layer of outputs: its first column among the columns of its chain, and among all. */
export interface Head {
  readonly layer: DenseLayer | FreeLayer;
  readonly own: number;
  readonly column: number;
}

/** Hidden layers from the observation up, and the outputs that read the last; or parameters without an input, which read nothing. */
export interface Chain {
  readonly normalise: NormaliseLayer | null;
  readonly hidden: readonly DenseLayer[];
  readonly heads: readonly Head[];
  /** What the outputs read, 0 where that is nothing; and their columns. */
  readonly inputs: number;
  readonly outputs: number;
}

/** Why the fused kernels cannot carry a network; null where they can. */
export function fusedProblem({ layers, outputs }: NetworkSpec): string | null {
  const layerOf = new Map(layers.map((layer) => [layer.name, layer]));
  const shown = new Set(outputs.map(({ name }) => name));
  const readers = (name: string) =>
    new Set(layers.filter(({ from }) => from.includes(name)).map((layer) => (shown.has(layer.name) ? "" : layer.name)));
  for (const layer of layers) {
    const { name, kind, from } = layer;
    if (kind === "sde") return "the fused WebGPU step has no state-dependent exploration (gSDE)";
    if (from.length > 1)
      return `the fused WebGPU step joins no inputs, and the layer ${name} reads ${from.join(" and ")}`;
    if (kind === "normalise" && (from[0] !== OBSERVATION || shown.has(name)))
      return `the fused WebGPU step normalises observations alone, not ${shown.has(name) ? "an output" : from[0]}`;
    if (kind === "dense" && shown.has(name) && layer.activation !== null)
      return `the fused WebGPU step has no activation of an output, and ${name} has one`;
    if (kind === "dense" && layerOf.get(from[0])?.kind === "free")
      return `the fused WebGPU step has no layer such as ${name} on parameters without an input`;
    const isRead = readers(name).size;
    if (kind === "normalise") continue;
    if (isRead > 1 || (isRead > 0 && shown.has(name)))
      return `the fused WebGPU step hands a layer to one reader, and ${name} has more`;
  }
  return null;
}

/** Throws where there is a problem. */
export function chainsOf(spec: NetworkSpec): Chain[] {
  const problem = fusedProblem(spec);
  if (problem !== null) throw new Error(problem);
  const layerOf = new Map(spec.layers.map((layer) => [layer.name, layer]));
  const groups = new Map<string, Head[]>();
  for (const { name, column } of spec.outputs) {
    const layer = layerOf.get(name) as DenseLayer | FreeLayer;
    const key = layer.from[0] ?? "";
    const before = groups.get(key) ?? [];
    const own = before.reduce((sum, head) => sum + head.layer.outputs, 0);
    groups.set(key, [...before, { layer, own, column }]);
  }
  return [...groups].map(([top, heads]) => {
    const hidden: DenseLayer[] = [];
    let below: Layer | undefined = layerOf.get(top);
    for (; below?.kind === "dense"; below = layerOf.get(below.from[0])) hidden.unshift(below);
    return {
      normalise: below?.kind === "normalise" ? below : null,
      hidden,
      heads,
      inputs: heads[0].layer.inputs,
      outputs: heads.reduce((sum, { layer }) => sum + layer.outputs, 0),
    };
  });
}
