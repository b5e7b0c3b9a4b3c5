/** Looks for a graphics adapter without loading anything. */

export interface Adapter {
  readonly name: string;
  /** A software adapter: WebGPU emulated on the processor. */
  readonly isSoftware: boolean;
}

/** The adapter that WebGPU would use, or why there is none. */
export async function findAdapter(): Promise<Adapter | { missing: string }> {
  if (!("gpu" in navigator) || !navigator.gpu) return { missing: "this browser offers no WebGPU here" };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { missing: "WebGPU found no graphics adapter" };
  const { info } = adapter;
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unnamed adapter";
  return { name, isSoftware: info.isFallbackAdapter };
}
