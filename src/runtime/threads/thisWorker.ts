/** The Web Worker that this is loaded in, as a place of threads. */
import type { Place } from "./host.ts";
import { RETIRES } from "./protocol.ts";

export const thisWorker: Place = {
  cores: navigator.hardwareConcurrency,
  retire: () => postMessage(RETIRES),
};
