/** What the page says of a run that was interrupted, and of one that goes on. */
import { Button, CloseButton } from "@mantine/core";
import { useState } from "react";
import { compact } from "../parts/format.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay } from "../state/session.ts";
import { configOf } from "./configOf.ts";
import { goOn } from "./going.ts";
import { dismissGoneOn, useGoneOn } from "./goneOn.ts";
import { settleInterrupted, useInterrupted } from "./interrupted.ts";
import { useLibrary } from "./library.ts";
import { openRun } from "./open.ts";
import { useOpenedRun } from "./opened.ts";

/** Offers the run that was under way when the page was left. */
export function Interrupted() {
  const { run } = useInterrupted();
  const isKept = useLibrary((s) => s.runs.some(({ id }) => id === run?.id));
  const isFree = useLive((s) => s.phase === "idle");
  const isOpen = useOpenedRun() !== null;
  const [problem, setProblem] = useState<string | null>(null);
  if (run === null || !isKept || !isFree || isOpen) return null;
  return (
    <aside className="strip" aria-label="Interrupted run">
      <p>
        <strong>
          {`Your run${run.name && ` “${run.name}”`} of ${compact(run.envSteps)} env-steps on ${configOf(run).env} was interrupted.`}
        </strong>
        {problem !== null && <span role="alert"> {problem}</span>}
      </p>
      <Button size="compact-xs" onClick={async () => setProblem(await goOn(run))}>
        Go on
      </Button>
      <Button size="compact-xs" variant="default" onClick={async () => setProblem(await openRun(run))}>
        Open
      </Button>
      <CloseButton size="sm" aria-label="Dismiss the interrupted run" onClick={settleInterrupted} />
    </aside>
  );
}

/** From where the run under way goes on. */
export function GoneOn() {
  const { from } = useGoneOn();
  const goesOn = useLive((s) => isUnderWay(s.phase));
  if (from === null || !goesOn) return null;
  const rest =
    from.further === null
      ? ""
      : ` The record up to ${compact(from.further)} env-steps stays in Runs; this is a run of its own beside it.`;
  return (
    <aside className="strip" aria-label="From where the run goes on">
      <p role="status">
        <strong>{`Goes on from ${compact(from.envSteps)} env-steps.`}</strong>{" "}
        <span>{`That is update ${compact(from.updates)}, the last that was saved.${rest}`}</span>
      </p>
      <CloseButton size="sm" aria-label="Dismiss where the run goes on from" onClick={dismissGoneOn} />
    </aside>
  );
}
