/** The threads of a run in Node. */
import { Worker } from "node:worker_threads";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import type { Host } from "../../runtime/threads/host.ts";
import type { Beginning } from "./thread.ts";

/**
 * @param script see threadScript
 * @param cores that the threads of one run share
 */
export const workerThreads = (script: string, cores: number): Host => ({
  spawn(purpose, name) {
    const workerData: Beginning = { purpose, cores };
    const execArgv: string[] = []; // without the loader of this thread
    const worker = new Worker(script, { name, workerData, execArgv });
    worker.setMaxListeners(0); // Comlink adds one a call
    return {
      endpoint: nodeEndpoint(worker),
      post: (message) => worker.postMessage(message),
      onMessage: (heed) => worker.on("message", heed),
      onDeath(heed) {
        worker.on("error", ({ message }) => heed(message));
        worker.on("messageerror", () => heed("it received a message that it could not read"));
        worker.on("exit", () => heed("it ended without a word"));
      },
      terminate: () => void worker.terminate(),
    };
  },
  problem: () => null,
  afterDeath: "",
});
