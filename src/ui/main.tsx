import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { BenchOptions, BenchReport } from "../bench/bench.ts";
import { App } from "./App.tsx";
import { ensureIsolation } from "./isolation.ts";
import { Stopgap } from "./Notices.tsx";
import { type Report, report, run } from "./report.ts";
import { lastStudy } from "./studies/last.ts";
import { cssVariables, theme } from "./theme.ts";

declare global {
  interface Window {
    cartpool?: {
      report(): Report;
      run(query: string): Promise<Report>;
      bench(options: BenchOptions): Promise<BenchReport>;
      study(): typeof lastStudy;
    };
  }
}

const isolation = await ensureIsolation();
if (isolation !== "reloading") {
  const isolated = isolation === "isolated";
  const root = createRoot(document.getElementById("root")!);
  const bench = async (options: BenchOptions) => {
    root.unmount(); // a page that draws takes processor time from what is measured
    return (await import("../bench/bench.ts")).runBench(options);
  };
  if (isolated) window.cartpool = { report, run, bench, study: () => lastStudy };
  root.render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        {isolated ? <App /> : <Stopgap problem={isolation.problem} />}
      </MantineProvider>
    </StrictMode>,
  );
}
