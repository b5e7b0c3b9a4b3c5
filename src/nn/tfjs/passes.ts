/** Compute pipelines of one shader module, and what a device must allow for them. */
import { type GradientKernels, SPAN } from "./wgsl.ts";

/** Throws where a buffer or a workgroup is larger than the device allows. */
export function checkLimits(
  limits: GPUSupportedLimits,
  kernels: GradientKernels,
  floats: Readonly<Record<string, number>>,
) {
  const check = (what: string, needed: number, limit: number) => {
    if (needed > limit)
      throw new Error(`this network needs ${needed} ${what}, and the graphics device allows ${limit}`);
  };
  for (const [name, size] of Object.entries(floats))
    check(`bytes for ${name}`, 4 * size, Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize));
  const invocations = Math.max(kernels.invocations, SPAN);
  check("invocations in a workgroup", invocations, limits.maxComputeInvocationsPerWorkgroup);
  check("invocations in a row of a workgroup", invocations, limits.maxComputeWorkgroupSizeX);
  check("bytes of workgroup memory", Math.max(kernels.workgroupBytes, 4 * SPAN), limits.maxComputeWorkgroupStorageSize);
  check("workgroups", Math.ceil(floats.gradient / SPAN), limits.maxComputeWorkgroupsPerDimension);
  check("storage buffers in a kernel", 5, limits.maxStorageBuffersPerShaderStage);
}

/** Pipelines by the name of their entry point, and a way to bind buffers to all of them. */
export function passOf(
  device: GPUDevice,
  code: string,
  names: readonly string[],
  types: readonly GPUBufferBindingType[],
) {
  const module = device.createShaderModule({ code });
  const layout = device.createBindGroupLayout({
    entries: types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
  });
  const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
  const pipelines: Record<string, GPUComputePipeline> = {};
  for (const entryPoint of names)
    pipelines[entryPoint] = device.createComputePipeline({ layout: pipelineLayout, compute: { module, entryPoint } });
  return {
    pipelines,
    bind: (bound: readonly GPUBuffer[]) =>
      device.createBindGroup({ layout, entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })) }),
  };
}
