import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { ensureIsolation } from "./isolation.ts";
import { Stopgap } from "./Notices.tsx";
import { type Report, report } from "./report.ts";
import { cssVariables, theme } from "./theme.ts";

declare global {
  interface Window {
    cartpool?: { report(): Report };
  }
}

const isolation = await ensureIsolation();
if (isolation !== "reloading") {
  const isolated = isolation === "isolated";
  if (isolated) window.cartpool = { report };
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        {isolated ? <App /> : <Stopgap problem={isolation.problem} />}
      </MantineProvider>
    </StrictMode>,
  );
}
