import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { licences, licencesOfThread } from "./src/cli/build/licences.ts";
import { offline } from "./src/cli/build/offline.ts";
import { workerEntries } from "./src/cli/entries.ts";
import { headersFor, readHeaders } from "./src/cli/headers.ts";
import { checkGenerated } from "./src/cli/kernels.ts";

const rules = readHeaders(fileURLToPath(new URL("public", import.meta.url)));

/** The development server puts scripts into the page itself, which the policy for the built one forbids. */
const { "Content-Security-Policy": _policy, ...whileDeveloping } = headersFor(rules, "/");

/** The preview sends what a host of the built page is asked to send. */
const declaredHeaders: Plugin = {
  name: "cartpool:declared-headers",
  configurePreviewServer(server) {
    server.middlewares.use((request, response, next) => {
      const [path] = (request.url ?? "/").split("?");
      for (const [name, value] of Object.entries(headersFor(rules, path))) response.setHeader(name, value);
      next();
    });
  },
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
const kernelsAreFresh: Plugin = {
  name: "cartpool:kernels-are-fresh",
  apply: "build",
  buildStart: () => checkGenerated(),
};

/** Of Mantine, what only dialogs and panes use: it is fetched with the first of them. */
const ofDialogs = /@mantine\/core\/esm\/components\/(Modal|ModalBase|Overlay|Paper|NumberInput|Switch|Table)\//;

export default defineConfig({
  // Relative addresses: the built page works in any folder of any host.
  base: "./",
  // One page: an address that is no file is not found, rather than answered with the page.
  appType: "mpa",
  plugins: [react(), pageWithoutTfjs, kernelsAreFresh, declaredHeaders, licences(), offline()],
  server: { headers: whileDeveloping },
  worker: { format: "es", plugins: () => [workerEntries(), licencesOfThread()] },
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
            {
              name: "mantine",
              test: (id) => /node_modules\/(@mantine|@floating-ui)\//.test(id) && !ofDialogs.test(id),
            },
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
