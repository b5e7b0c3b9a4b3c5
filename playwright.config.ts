import { chromium, defineConfig } from "@playwright/test";
import { findBrowser, launchArgs, thisMachine } from "./src/cli/browser.ts";
import type { TabOptions } from "./tests/e2e/page.ts";

/** npm test sets a free one, so that two checkouts can be tested at once. */
const port = Number(process.env.CARTPOOL_TEST_PORT ?? 41739);
const machine = thisMachine(() => chromium.executablePath());

// Found once, for the processes of the tests too.
process.env.CHROMIUM_PATH ??= findBrowser(machine) ?? "";

/** Tests that judge time or memory. */
const measuring = /(budgets|frames|memory)\.spec\.ts$/;

export default defineConfig<TabOptions>({
  testDir: "tests/e2e",
  testMatch: "**/*.spec.ts",
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // Nothing waits so long; a machine that has much else to do may.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  reporter: "list",
  outputDir: "test-results",
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH || undefined,
      args: [
        ...launchArgs({ isRoot: machine.isRoot, softwareGpu: true }),
        // measureUserAgentSpecificMemory answers after a collection made for it, instead of the next that comes.
        "--enable-blink-features=ForceEagerMeasureMemory",
      ],
    },
    screenshot: "only-on-failure",
  },
  // npm test runs one after the other: what measures has the machine to itself, everything else comes two at a time.
  projects: [
    // Where its work is not the subject, the service worker would fetch the page twice in every test.
    { name: "together", testIgnore: measuring, use: { serviceWorkers: "block", sharesTab: true } },
    { name: "alone", testMatch: measuring },
  ],
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
    timeout: 60_000,
  },
});
