/** Looks for a graphics adapter without loading anything. */

export interface Adapter {
  readonly name: string;
  /** A software adapter: WebGPU emulated on the processor. */
  readonly isSoftware: boolean;
}

const emulators = /swiftshader|llvmpipe|software|microsoft basic render/i;

/** What an adapter says of itself; a browser that does not mark software adapters still names them. */
export function describeAdapter(info: Partial<GPUAdapterInfo>): Adapter {
  const { description, vendor, architecture } = info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "unnamed adapter";
  const isNamedSo = [description, vendor, architecture].some((text) => emulators.test(text ?? ""));
  return { name, isSoftware: info.isFallbackAdapter || isNamedSo };
}

/** The adapter that WebGPU would use, or why there is none. */
export async function findAdapter(): Promise<Adapter | { missing: string }> {
  if (!("gpu" in navigator) || !navigator.gpu) return { missing: "this browser offers no WebGPU here" };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter ? describeAdapter(adapter.info) : { missing: "WebGPU found no graphics adapter" };
}
