import { Button, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { type EngineChoice, type EngineTrial, engineLabels } from "../../nn/engine.ts";
import { bytes, NOTHING, short } from "../parts/format.ts";
import { useLive } from "../state/live.ts";
import { isOnOneThread, isUnderWay, runner, setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** What one update costs on every engine, as far as it was measured, and a way to take another than the chosen one. */
export default function Engines({ chosen }: { chosen: EngineChoice | null }) {
  const config = usePage((s) => s.config);
  const wanted = config.values.engine as string;
  const underWay = useLive((s) => isUnderWay(s.phase));
  const [all, setAll] = useState<readonly EngineTrial[] | null>(null);
  const [state, setState] = useState<"idle" | "measuring" | { problem: string }>("idle");
  const trials = all ?? chosen?.trials ?? [];
  const used = wanted === "auto" ? chosen?.engine : wanted;
  const fastest = Math.min(...trials.map((t) => t.milliseconds ?? Number.POSITIVE_INFINITY));

  const measure = async () => {
    setState("measuring");
    try {
      const found = await runner().measure(config);
      if (found?.length) setAll(found); // a run that starts cuts measuring short
      setState("idle");
    } catch (error) {
      setState({ problem: error instanceof Error ? error.message : String(error) });
    }
  };

  return (
    <>
      {trials.length > 0 && (
        <table className={classes.engines}>
          <caption>One update of this network and batch, measured here</caption>
          <thead>
            <tr>
              <th scope="col">engine</th>
              <th scope="col">ms</th>
              <th scope="col" title="Compute passes that the graphics device is told to run">
                dispatches
              </th>
              <th scope="col">to device</th>
              <th scope="col">back</th>
              <th scope="col">
                <span className={classes.unseen}>choose</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {trials.map(({ engine, label, milliseconds, isEstimate, dispatches, uploadBytes, readBytes, note }) => (
              <tr key={engine} data-best={milliseconds === fastest || undefined}>
                <th scope="row" title={note ?? undefined}>
                  {label}
                </th>
                {milliseconds === null ? (
                  <td colSpan={4} className={classes.note}>
                    {note}
                  </td>
                ) : (
                  <>
                    <td title={isEstimate ? "Extrapolated from fewer rows" : undefined}>
                      {`${isEstimate ? "≈ " : ""}${short(milliseconds)}`}
                    </td>
                    <td>{dispatches === 0 ? NOTHING : dispatches}</td>
                    <td>{dispatches === 0 ? NOTHING : bytes(uploadBytes)}</td>
                    <td>{dispatches === 0 ? NOTHING : bytes(readBytes)}</td>
                  </>
                )}
                <td>
                  <UnstyledButton
                    className={classes.take}
                    disabled={wanted === engine}
                    aria-current={used === engine || undefined}
                    title={used !== wanted && used === engine ? "Chosen by auto" : undefined}
                    aria-label={`Use ${label}`}
                    onClick={() => setValue("engine", engine)}
                  >
                    {used === engine ? "in use" : "use"}
                  </UnstyledButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {typeof state === "object" && <p role="alert">The engines could not be measured: {state.problem}</p>}
      <div className={classes.engineButtons}>
        <Button
          size="compact-xs"
          variant="default"
          loading={state === "measuring"}
          disabled={underWay || isOnOneThread()}
          title={isOnOneThread() ? "Other engines need threads" : underWay ? "While nothing trains" : undefined}
          onClick={() => void measure()}
        >
          Measure every engine
        </Button>
        {wanted !== "auto" && (
          <Button size="compact-xs" variant="default" onClick={() => setValue("engine", "auto")}>
            Take the fastest again
          </Button>
        )}
      </div>
      {wanted !== "auto" && underWay && (
        <p className={classes.aside}>{engineLabels[wanted as EngineTrial["engine"]]} is used from the next Train on.</p>
      )}
    </>
  );
}
