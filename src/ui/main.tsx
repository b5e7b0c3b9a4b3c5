import "./page/styles.ts";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { BenchOptions, BenchReport } from "../bench/bench.ts";
import type { MeasureGrid } from "../bench/crossover.ts";
import { Boundary } from "./faults/Boundary.tsx";
import { NotFetched } from "./faults/part.tsx";
import { followRelease } from "./faults/release.ts";
import { bearTranslators } from "./faults/translated.ts";
import { App } from "./page/App.tsx";
import { refuseDrops } from "./page/drops.ts";
import { EmbedApp } from "./page/EmbedApp.tsx";
import { canShareMemory, ensureIsolation, keepOffline } from "./page/isolation.ts";
import { Stopgap } from "./page/Notices.tsx";
import { cssVariables, theme } from "./page/theme.ts";
import { write } from "./runs/library.ts";
import { policy, report, run } from "./state/console.ts";
import type { Report } from "./state/report.ts";
import { runOnOneThread } from "./state/session.ts";
import { usePage } from "./state/store.ts";
import { lastStudy } from "./studies/last.ts";

declare global {
  interface Window {
    cartpool?: {
      report(): Report;
      policy: typeof policy;
      run(query: string): Promise<Report>;
      bench(options: BenchOptions): Promise<BenchReport>;
      crossover: MeasureGrid;
      study(): typeof lastStudy;
    };
  }
}

refuseDrops();
const { embed } = usePage.getState();
/** A frame in a page that is not isolated gets no shared memory, whatever this page does. */
const framed = embed !== null && !window.crossOriginIsolated && window.self !== window.top;
const isolation = framed ? "isolated" : await ensureIsolation();
if (framed || (isolation === "isolated" && !canShareMemory())) runOnOneThread(framed ? "frame" : "browser");
if (isolation !== "reloading") {
  const isolated = isolation === "isolated";
  bearTranslators();
  followRelease();
  keepOffline();
  const root = createRoot(document.getElementById("root")!, {
    // What could not be fetched the browser has said by itself.
    onCaughtError: (error, { componentStack }) => {
      if (!(error instanceof NotFetched)) console.error(error, componentStack);
    },
  });
  // Fetched at once, and whatever is drawn, or fails to be, runs are kept. Where it cannot be fetched, that is said and tried again.
  let stopKeeping = () => {};
  const keeping =
    isolated &&
    !embed &&
    write("what keeps runs", async () => {
      stopKeeping = (await import("./runs/recorder.ts")).followLibrary();
    });
  /** A page that draws and keeps takes processor time from what is measured. */
  const rest = async () => {
    root.unmount();
    await keeping;
    stopKeeping();
  };
  const bench = async (options: BenchOptions) => {
    await rest();
    return (await import("../bench/bench.ts")).runBench(options);
  };
  const crossover: MeasureGrid = async (grid, say) => {
    await rest();
    return (await import("../bench/bench.ts")).runCrossover(grid, say);
  };
  if (isolated) window.cartpool = { report, policy, run, bench, crossover, study: () => lastStudy };
  root.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <Boundary of="the page">
          {!isolated ? <Stopgap problem={isolation.problem} /> : embed ? <EmbedApp show={embed} /> : <App />}
        </Boundary>
      </MantineProvider>
    </StrictMode>,
  );
}
