/** Loads a TensorFlow.js backend in the learner's worker. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import { type EngineChoice, engineLabels } from "../engine.ts";
import { findAdapter } from "./adapter.ts";

export { tf };

export type TfjsEngine = Exclude<EngineChoice["engine"], "simd">;

/** Set when the device reports an error that nobody throws, or is lost. */
export interface Health {
  fault: string | null;
}

/** The graphics device that TensorFlow.js uses, for kernels of one's own beside its. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly adapter: string;
  /** WebGPU emulated on the processor. */
  readonly isSoftware: boolean;
  readonly health: Health;
  /** Submits what TensorFlow.js holds back, so that it runs before what is submitted next. */
  flush(): void;
}

export interface Loaded {
  readonly choice: EngineChoice;
  readonly health: Health;
  /** Where there is one. */
  readonly gpu: Gpu | null;
}

/** A backend that cannot be had: why not. */
export class Unavailable extends Error {}

/** What of tfjs's WebGPU backend is used here. */
interface WebgpuBackend {
  readonly device: GPUDevice;
  readonly commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** The device that TensorFlow.js holds: it does not notice when that is lost. */
let held: { readonly device: GPUDevice; health: Health; isLost: boolean } | null = null;

/** The health of a device for those who use it now; a fault is of those who used it when it was reported. */
function healthOf(device: GPUDevice): Health {
  if (held?.device === device) {
    if (held.health.fault) held.health = { fault: null };
    return held.health;
  }
  const watched = { device, health: { fault: null } as Health, isLost: false };
  device.addEventListener("uncapturederror", (event) => {
    const [what] = event.error.message.split("\n"); // the lines that follow name calls
    watched.health.fault = `the graphics device reported: ${what.replace(/\.$/, "")}`;
  });
  void device.lost.then((info) => {
    watched.isLost = true;
    watched.health.fault = `the graphics device was lost (${info.message || info.reason || "no reason given"})`;
  });
  held = watched;
  return watched.health;
}

/** Lets TensorFlow.js ask for a new device. */
function forgetDevice(): void {
  const factory = tf.findBackendFactory("webgpu");
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", factory);
}

/** Makes WebGPU the backend of TensorFlow.js. Throws where that cannot be had, and says why. */
export async function loadDevice(): Promise<Gpu> {
  const adapter = await findAdapter();
  if ("missing" in adapter) throw new Unavailable(adapter.missing);
  await import("@tensorflow/tfjs-backend-webgpu");
  if (held?.isLost) forgetDevice();
  if (!(await tf.setBackend("webgpu"))) throw new Unavailable("TensorFlow.js could not start its WebGPU backend");
  await tf.ready();
  const backend = tf.backend() as unknown as WebgpuBackend;
  const { device } = backend;
  const flush = () => {
    if (!backend.commandEncoder) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  };
  return { device, adapter: adapter.name, isSoftware: adapter.isSoftware, health: healthOf(device), flush };
}

async function loadWasm(): Promise<void> {
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // its threaded build does not survive minification
  wasm.setWasmPaths({
    "tfjs-backend-wasm.wasm": plainUrl,
    "tfjs-backend-wasm-simd.wasm": simdUrl,
    "tfjs-backend-wasm-threaded-simd.wasm": simdUrl,
  });
  if (!(await tf.setBackend("wasm"))) throw new Unavailable("TensorFlow.js could not start its WebAssembly backend");
  await tf.ready();
}

async function loadCpu(): Promise<void> {
  await import("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
  await tf.ready();
}

const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * The engine asked for; when it cannot be had, the next one is, and the reason says so. Nothing of TensorFlow.js takes
 * the place of the fused step: without a device, throws the reason as a sentence.
 */
export async function loadBackend(request: TfjsEngine): Promise<Loaded> {
  const missed: string[] = [];
  const chosen = (engine: TfjsEngine, instead: string, adapter: string | null = null): EngineChoice => ({
    engine,
    label: engineLabels[engine],
    reason: [...missed, request === engine ? "Chosen by you." : instead].join(" "),
    adapter,
    trials: [],
  });

  if (request === "webgpu" || request === "tfjs-webgpu") {
    try {
      const gpu = await loadDevice();
      return { choice: chosen(request, "", gpu.adapter), health: gpu.health, gpu };
    } catch (error) {
      missed.push(`No WebGPU: ${sentence(error)}.`);
      if (request === "webgpu") throw new Unavailable(missed[0]);
    }
  }
  if (request !== "tfjs-cpu") {
    try {
      await loadWasm();
      return {
        choice: chosen("tfjs-wasm", "Gradients run in WebAssembly instead."),
        health: { fault: null },
        gpu: null,
      };
    } catch (error) {
      missed.push(`No WebAssembly: ${sentence(error)}.`);
    }
  }
  await loadCpu();
  return {
    choice: chosen("tfjs-cpu", "Gradients run in plain JavaScript, slowly."),
    health: { fault: null },
    gpu: null,
  };
}
