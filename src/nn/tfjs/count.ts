/** Counts what is asked of graphics devices while some work is done: real calls, whoever makes them. */

const nothing = {
  dispatches: 0,
  submits: 0,
  writes: 0,
  /** Bytes handed to the device, by writes and in buffers that are made with contents. */
  uploadBytes: 0,
  copies: 0,
  reads: 0,
  /** Bytes mapped for reading. */
  readBytes: 0,
  buffersCreated: 0,
  bindGroupsCreated: 0,
};
export type DeviceWork = typeof nothing;

type Method = (this: never, ...args: never[]) => unknown;

/** One at a time on a thread. */
export async function countDeviceWork(work: () => Promise<void>): Promise<DeviceWork> {
  const counts = { ...nothing };
  const restore: (() => void)[] = [];
  const count = <T extends object>(
    of: { prototype: T },
    name: keyof T & string,
    note: (self: T, args: never[]) => void,
  ) => {
    const original = of.prototype[name] as Method;
    const counted = function (this: T, ...args: never[]) {
      note(this, args);
      return original.apply(this as never, args);
    };
    Object.assign(of.prototype, { [name]: counted });
    restore.push(() => Object.assign(of.prototype, { [name]: original }));
  };
  count(GPUComputePassEncoder, "dispatchWorkgroups", () => counts.dispatches++);
  count(GPUComputePassEncoder, "dispatchWorkgroupsIndirect", () => counts.dispatches++);
  count(GPUCommandEncoder, "copyBufferToBuffer", () => counts.copies++);
  count(GPUDevice, "createBindGroup", () => counts.bindGroupsCreated++);
  count(GPUQueue, "submit", () => counts.submits++);
  count(GPUQueue, "writeBuffer", (_, args) => {
    const [, , data, , size] = args as unknown as [GPUBuffer, number, ArrayBufferView | ArrayBuffer, number?, number?];
    counts.writes++;
    const unit = "BYTES_PER_ELEMENT" in data ? (data.BYTES_PER_ELEMENT as number) : 1;
    counts.uploadBytes += size === undefined ? data.byteLength : size * unit;
  });
  count(GPUDevice, "createBuffer", (_, args) => {
    const [of] = args as unknown as [GPUBufferDescriptor];
    counts.buffersCreated++;
    if (of.mappedAtCreation) counts.uploadBytes += of.size;
  });
  count(GPUBuffer, "mapAsync", (buffer, args) => {
    const [, offset, size] = args as unknown as [number, number?, number?];
    counts.reads++;
    counts.readBytes += size ?? buffer.size - (offset ?? 0);
  });
  try {
    await work();
  } finally {
    for (const undo of restore.toReversed()) undo();
  }
  return counts;
}
