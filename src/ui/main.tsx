import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { BenchOptions, BenchReport } from "../bench/bench.ts";
import type { MeasureGrid } from "../bench/crossover.ts";
import { App } from "./App.tsx";
import { EmbedApp } from "./EmbedApp.tsx";
import { ensureIsolation } from "./isolation.ts";
import { Stopgap } from "./Notices.tsx";
import { type Report, report, run } from "./report.ts";
import { runOnOneThread } from "./session.ts";
import { usePage } from "./store.ts";
import { lastStudy } from "./studies/last.ts";
import { cssVariables, theme } from "./theme.ts";

declare global {
  interface Window {
    cartpool?: {
      report(): Report;
      run(query: string): Promise<Report>;
      bench(options: BenchOptions): Promise<BenchReport>;
      crossover: MeasureGrid;
      study(): typeof lastStudy;
    };
  }
}

const { embed } = usePage.getState();
/** A frame in a page that is not isolated gets no shared memory, whatever this page does. */
const solo = embed !== null && !window.crossOriginIsolated && window.self !== window.top;
if (solo) await runOnOneThread();
const isolation = solo ? "isolated" : await ensureIsolation();
if (isolation !== "reloading") {
  const isolated = isolation === "isolated";
  const root = createRoot(document.getElementById("root")!);
  const bench = async (options: BenchOptions) => {
    root.unmount(); // a page that draws takes processor time from what is measured
    return (await import("../bench/bench.ts")).runBench(options);
  };
  const crossover: MeasureGrid = async (grid, say) => {
    root.unmount();
    return (await import("../bench/bench.ts")).runCrossover(grid, say);
  };
  if (isolated) window.cartpool = { report, run, bench, crossover, study: () => lastStudy };
  root.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        {!isolated ? <Stopgap problem={isolation.problem} /> : embed ? <EmbedApp show={embed} solo={solo} /> : <App />}
      </MantineProvider>
    </StrictMode>,
  );
}
