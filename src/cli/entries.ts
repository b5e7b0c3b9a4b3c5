/**
 * What the bundle of a worker must be like: nobody imports its entry. WebKit evaluates the entry of a module worker once
 * more when a chunk imports it, and everything that it set up is then there twice: a run would be learnt by two learners
 * on one memory.
 */
import type { Plugin } from "vite";

/** For `worker.plugins`: what lazy chunks share with the entry gets chunks of its own; fails the build where that does not suffice. */
export const workerEntries = (): Plugin => ({
  name: "cartpool:worker-entries",
  apply: "build",
  options: (options) => ({ ...options, preserveEntrySignatures: "strict" }),
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    const entries = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
    for (const { fileName, imports, dynamicImports } of chunks) {
      const entry = [...imports, ...dynamicImports].find((imported) => entries.has(imported));
      if (entry)
        this.error(`${fileName} imports ${entry}, which a worker starts with: move what both need to another module`);
    }
  },
});
