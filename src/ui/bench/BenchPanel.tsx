import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/Table.css";
import { Button, Modal, Table } from "@mantine/core";
import { useState } from "react";
import type { BenchReport } from "../../bench/bench.ts";
import { missingTexts, type RatioName, ratioNames, ratioText } from "../../bench/ratios.ts";
import { compact } from "../parts/format.ts";
import { useLive } from "../state/live.ts";
import { isOnOneThread, isUnderWay } from "../state/session.ts";
import classes from "./bench.module.css";

type State =
  | { is: "waiting" }
  | { is: "measuring"; line: string }
  | { is: "done"; report: BenchReport }
  | { is: "failed"; why: string };

/** The benchmark of `npm run bench -- --quick`, on the visitor's own machine. */
export default function BenchPanel({ onClose }: { onClose(): void }) {
  const [state, setState] = useState<State>({ is: "waiting" });
  const underWay = useLive((s) => isUnderWay(s.phase));
  const start = async () => {
    setState({ is: "measuring", line: "loading" });
    try {
      const { runBench } = await import("../../bench/bench.ts");
      const report = await runBench({ scale: "quick", onProgress: (line) => setState({ is: "measuring", line }) });
      setState({ is: "done", report });
    } catch (error) {
      setState({ is: "failed", why: error instanceof Error ? error.message : String(error) });
    }
  };
  const busy = state.is === "measuring";
  return (
    // Without Modal.Header, which would be a second banner of the page.
    <Modal.Root opened onClose={onClose} size="lg" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <div className={classes.head}>
            <Modal.Title>How fast is this machine?</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          <p className={classes.about}>
            Acting and learning by our SIMD kernels, by plain JavaScript, by TensorFlow.js and on the graphics device,
            what threads hand to each other, then whole training loops, in turns in this tab. It takes about half a
            minute; compare figures of one measurement only.
          </p>
          <div className={classes.start}>
            <Button size="xs" onClick={() => void start()} disabled={busy || underWay || isOnOneThread()}>
              {state.is === "done" ? "Measure again" : "Measure"}
            </Button>
            <span role="status">
              {busy
                ? state.line
                : state.is === "failed"
                  ? `It failed: ${state.why}`
                  : isOnOneThread()
                    ? "It measures threads that share memory, which this browser does not let the page have."
                    : underWay && "Reset the run first: it would share the processor."}
            </span>
          </div>
          {state.is === "done" && <Figures report={state.report} />}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Figures({ report: { results, missing, ratios, endToEnd, solve } }: { report: BenchReport }) {
  const rows = [
    ...results.map(
      (r) =>
        [
          r.name,
          r.engine,
          r.network === "none" ? "–" : r.network,
          r.batch.toLocaleString("en"),
          `${compact(r.perSecond)} ${r.unit}/s`,
          r.spread,
        ] as const,
    ),
    ...endToEnd.runs.map(
      (r) =>
        [
          "train",
          r.actors === 1 ? "1 actor" : `${r.actors} actors`,
          r.network,
          "64 × 32",
          `${compact(r.stepsPerSecond)} env-steps/s`,
          r.spread,
        ] as const,
    ),
  ];
  return (
    <>
      <ul className={classes.ratios}>
        {(Object.keys(ratioNames) as RatioName[]).map((name) => (
          <li key={name}>
            <strong>{ratioText(name, ratios[name])}</strong>
            <span>{ratioNames[name]}</span>
          </li>
        ))}
        <li>
          <strong>{solve.medianSeconds.toFixed(2)} s</strong>
          <span>
            from Train to solved, A2C with the defaults on CartPole-v1 ({solve.solved} of {solve.seeds} seeds)
          </span>
        </li>
        {missingTexts(missing).map((reason) => (
          <li key={reason}>
            <strong>–</strong>
            <span>{reason}</span>
          </li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wider than a narrow screen, so the keyboard must scroll it */}
      <section className={classes.wide} aria-label="All figures" tabIndex={0}>
        <Table className={classes.table} verticalSpacing={2} fz="xs">
          <Table.Thead>
            <Table.Tr>
              {["what", "by", "network"].map((head) => (
                <Table.Th key={head}>{head}</Table.Th>
              ))}
              {["batch", "median", "spread"].map((head) => (
                <Table.Th key={head} className={classes.number}>
                  {head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([what, by, network, batch, median, spread]) => (
              <Table.Tr key={`${what} ${by} ${network} ${batch}`}>
                <Table.Td>{what}</Table.Td>
                <Table.Td>{by}</Table.Td>
                <Table.Td>{network}</Table.Td>
                <Table.Td className={classes.number}>{batch}</Table.Td>
                <Table.Td className={classes.number}>{median}</Table.Td>
                <Table.Td className={classes.number}>± {(100 * spread).toFixed(0)} %</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </>
  );
}
