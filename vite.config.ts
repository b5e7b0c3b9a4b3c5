import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { workerEntries } from "./src/cli/entries.ts";
import { checkGenerated } from "./src/cli/kernels.ts";

/** SharedArrayBuffer exists only on a page whose every response carries these (public/_headers says the same). */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Fails the build where the page itself, rather than a worker, would load TensorFlow.js. Workers are built apart. */
const pageWithoutTfjs: Plugin = {
  name: "cartpool:page-without-tfjs",
  apply: "build",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "chunk") continue;
      const found = file.moduleIds.find((id) => id.includes("/@tensorflow/"));
      if (found) this.error(`${file.fileName} is part of the page and contains ${found}: only a worker may import it`);
    }
  },
};

/** Row functions that cannot be printed, and generated kernels older than their sources, fail the build. */
const kernelsAreFresh: Plugin = { name: "cartpool:kernels-are-fresh", apply: "build", buildStart: checkGenerated };

export default defineConfig({
  // Relative addresses: the built page works in any folder of any host.
  base: "./",
  plugins: [react(), pageWithoutTfjs, kernelsAreFresh],
  server: { headers: isolation },
  preview: { headers: isolation },
  worker: { format: "es", plugins: () => [workerEntries()] },
  build: {
    // Top-level await, Atomics.waitAsync, nested workers, WebAssembly SIMD: all in browsers with cross-origin isolation.
    target: "es2022",
    // The learner worker carries TensorFlow.js.
    chunkSizeWarningLimit: 2500,
    rolldownOptions: {
      output: {
        // Libraries change rarely: they stay in the browser's cache when the page's own code changes.
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "mantine", test: /node_modules\/(@mantine|@floating-ui)\// },
          ],
        },
      },
    },
  },
  optimizeDeps: {
    // Everything is found before the page opens, because a discovery later on would reload it in mid-run.
    entries: ["index.html", "src/**/*.worker.ts"],
    include: [
      "@mantine/core",
      "@mantine/hooks",
      "@tensorflow/tfjs",
      "@tensorflow/tfjs-backend-cpu",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgpu",
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-core/dist/register_all_gradients",
      "comlink",
      "react",
      "react-dom/client",
      "react/jsx-dev-runtime",
      "recharts",
      "zod",
      "zustand",
    ],
  },
  test: {
    environment: "node",
    setupFiles: ["tests/setup.ts"],
    include: ["tests/**/*.test.{ts,tsx}"],
    exclude: ["tests/e2e/**", "node_modules/**"],
    // Nothing waits so long; a machine that has much else to do may.
    testTimeout: 60_000,
    maxWorkers: 2,
  },
});
