/** The threads of a page. */
import type { Host, Purpose } from "./host.ts";

const start: Record<Purpose, (name: string) => Worker> = {
  actor: (name) => new Worker(new URL("./actor.worker.ts", import.meta.url), { type: "module", name }),
  learner: (name) => new Worker(new URL("./learner.worker.ts", import.meta.url), { type: "module", name }),
  evaluator: (name) => new Worker(new URL("./evaluator.worker.ts", import.meta.url), { type: "module", name }),
  solo: (name) => new Worker(new URL("./solo.worker.ts", import.meta.url), { type: "module", name }),
};

export const webWorkers: Host = {
  spawn(purpose, name) {
    const worker = start[purpose](name);
    return {
      endpoint: worker,
      post: (message) => worker.postMessage(message),
      onMessage: (heed) => worker.addEventListener("message", ({ data }) => heed(data)),
      onDeath(heed) {
        worker.addEventListener("error", ({ message }) =>
          heed(message || "its script could not be loaded; reload the page if this stays"),
        );
        worker.addEventListener("messageerror", () => heed("it received a message that it could not read"));
      },
      terminate: () => worker.terminate(),
    };
  },
  problem: () =>
    globalThis.crossOriginIsolated
      ? null
      : "This page is not cross-origin isolated, so the browser gives it no shared memory.",
  afterDeath: "Everything learnt so far is still shown; press Train to start again.",
};
