import { Alert, Button, CloseButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { clause } from "../../core/text.ts";
import { isSameTask } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { Boundary, reloadKept } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { useRelease } from "../faults/release.ts";
import { endingText } from "../parts/ending.ts";
import { clock, compact, plural } from "../parts/format.ts";
import { useGoneOn } from "../runs/goneOn.ts";
import { useInterrupted } from "../runs/interrupted.ts";
import { useLibrary } from "../runs/library.ts";
import { useDrawnEnvironment } from "../runs/opened.ts";
import { dismissGhost, useShared } from "../share/ghost.ts";
import type { SharedRun, Verdict } from "../share/run.ts";
import { useLive } from "../state/live.ts";
import { isOnOneThread } from "../state/session.ts";
import { usePage } from "../state/store.ts";

/** Wanted once there is a run. */
const Doctor = part(async () => ({ default: (await import("../doctor/Doctor.tsx")).Doctor }));

/** Wanted where a run was interrupted, and where one goes on. */
const Interrupted = part(async () => ({ default: (await import("../runs/Interrupted.tsx")).Interrupted }));
const GoneOn = part(async () => ({ default: (await import("../runs/Interrupted.tsx")).GoneOn }));
const loadStorageCards = () => import("../runs/StorageCards.tsx");
const StorageCards = part(loadStorageCards);

/** What is wrong with the storage of this browser. Loaded with the page, so that it can be said when nothing can be loaded. */
function Storage() {
  const isWrong = useLibrary((s) => s.problem !== null || s.deleted !== null);
  useEffect(() => void loadStorageCards().catch(() => {}), []);
  return isWrong && <StorageCards />;
}

/** Wanted once a first update takes long; where it cannot be fetched, nothing is said. */
const FirstUpdate = part(() => import("./FirstUpdate.tsx").catch(() => ({ default: () => null })));

/** What this page is and what to press, until it is dismissed or Train was pressed; a lesson says so itself. */
function Intro() {
  const { introDismissed, hasTrained } = usePage((s) => s.preferences);
  const prefer = usePage((s) => s.prefer);
  const inLesson = usePage((s) => s.lesson !== null);
  const { about, subject } = envs[usePage((s) => s.config.env)];
  if (introDismissed || hasTrained || inLesson || isOnOneThread()) return null;
  return (
    <aside className="strip" aria-label="What this is">
      <p>
        <strong>Several Web Workers learn together in this tab: </strong>
        <span>{`${clause(about)}. Press Train, watch the ${subject.many} and the curve, and change any parameter marked `}</span>
        <em>live</em> while they learn.
      </p>
      <CloseButton size="sm" aria-label="Dismiss the introduction" onClick={() => prefer({ introDismissed: true })} />
    </aside>
  );
}

/** What was wrong with the address. */
function AddressProblems() {
  const problems = usePage((s) => s.urlProblems);
  const dismiss = usePage((s) => s.dismissUrlProblems);
  if (problems.length === 0) return null;
  return (
    <Alert
      className="notice"
      color="orange"
      variant="light"
      role="alert"
      title={`${plural(problems.length, "part")} of the address ${problems.length === 1 ? "was" : "were"} not understood; the rest is in effect`}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={dismiss}
    >
      <ul>
        {problems.map(({ message }) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
    </Alert>
  );
}

/** What went wrong with the run, and what to do. */
function RunProblem() {
  const problem = useLive((s) => s.problem);
  const phase = useLive((s) => s.phase);
  const [dismissed, setDismissed] = useState<string | null>(null);
  if (problem === null || problem === dismissed) return null;
  const failed = phase === "failed";
  return (
    <Alert
      className="notice"
      color={failed ? "red" : "orange"}
      variant="light"
      role="alert"
      title={failed ? "The run has ended by a fault" : "The run goes on, but"}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={() => setDismissed(problem)}
    >
      {problem}
    </Alert>
  );
}

/** How the run under the eyes ended, until it is dismissed. */
function EndingCard() {
  const reason = useLive((s) => s.stopReason);
  const solvedAt = useLive((s) => s.solvedAt);
  const [dismissed, setDismissed] = useState(false);
  if (reason === null || dismissed) return null;
  const { head, rest } = endingText(reason, solvedAt);
  return (
    <aside className="strip" aria-label="End of the run" data-solved={solvedAt !== null || undefined}>
      <p>
        <strong>{head}</strong> {rest}
      </p>
      <CloseButton size="sm" aria-label="Dismiss the end of the run" onClick={() => setDismissed(true)} />
    </aside>
  );
}

/** A run that met its stop condition. */
function Ending() {
  return useLive((s) => s.phase === "stopped") && <EndingCard />;
}

const verdicts: Record<NonNullable<Verdict>, { mark: string; means: string }> = {
  reproduced: {
    mark: "Reproduced, bit for bit.",
    means: "Every return and every parameter is the one of the shared run.",
  },
  differs: {
    mark: "Not the same.",
    means: "Something was changed in one of the two runs, or they ran on engines that round differently.",
  },
  "same configuration": {
    mark: "Same configuration.",
    means: "An asynchronous run never repeats exactly: compare the curves.",
  },
};

const summaryOf = ({ envSteps, updates, seconds, edits }: SharedRun): string => {
  const changes = edits.length > 0 ? `, ${plural(edits.length, "live change")}` : "";
  return `${compact(envSteps)} env-steps, ${plural(updates, "update")} in ${clock(seconds)}${changes}.`;
};

/** The run that came with the address, and how this one compares. */
function Ghost() {
  const { run, env, problem, repeats, notRepeated, verdict } = useShared();
  const isHere = isSameTask(envs[env], useDrawnEnvironment());
  const idle = useLive((s) => s.phase === "idle");
  if (problem !== null)
    return (
      <Alert
        className="notice"
        color="orange"
        variant="light"
        role="alert"
        withCloseButton
        closeButtonLabel="Dismiss"
        onClose={dismissGhost}
      >
        {problem}
      </Alert>
    );
  if (run === null) return null;
  const said = verdict && verdicts[verdict];
  const raced = run.missing || notRepeated;
  const prospect =
    raced > 0
      ? `${plural(raced, "change")} cannot be repeated here, so press Train to race it, without a promise of the same bits.`
      : repeats && !idle
        ? "This run repeats it."
        : isHere
          ? "Its curve is on the chart: press Train to race it."
          : `It is a run of ${env}: its curve is not on this chart.`;
  return (
    <aside className="strip" aria-label="Shared run">
      <p role="status" data-verdict={verdict ?? undefined}>
        <strong>{said ? said.mark : "A shared run:"}</strong>{" "}
        <span>{said ? said.means : `${summaryOf(run)} ${prospect}`}</span>
      </p>
      <CloseButton size="sm" aria-label="Dismiss the shared run" onClick={dismissGhost} />
    </aside>
  );
}

/** Parts of this version are gone from the host: what it takes to get the newer one. */
function NewerVersion() {
  const newer = useRelease((s) => s.reason === "newer");
  if (!newer) return null;
  return (
    <aside className="strip" aria-label="Newer version">
      <p role="status">
        <strong>A newer version of this page has been published.</strong> Parts of this one can no longer be fetched.
        The run goes on; before a reload it is kept.
      </p>
      <Button size="compact-xs" variant="default" onClick={() => void reloadKept()}>
        Reload
      </Button>
    </aside>
  );
}

/** What is to be read before a run: above the panels, and there from the start. */
export function Notices() {
  const embedded = usePage((s) => s.embed !== null);
  const wasInterrupted = useInterrupted((s) => s.run !== null);
  return (
    <>
      <Boundary of="the introduction">{!embedded && <Intro />}</Boundary>
      <Boundary of="the notice of a newer version">
        <NewerVersion />
      </Boundary>
      <Boundary of="the interrupted run">{wasInterrupted && <Interrupted />}</Boundary>
      <Boundary of="what is wrong with the address">
        <AddressProblems />
      </Boundary>
      <Boundary of="the shared run">
        <Ghost />
      </Boundary>
    </>
  );
}

/** The doctor; where it cannot be had, a person can do without for this run. */
function Consulted() {
  const [without, setWithout] = useState(false);
  return (
    <Boundary of="the doctor" onClose={() => setWithout(true)}>
      {!without && <Doctor />}
    </Boundary>
  );
}

/**
 * What happens while one looks: cards over the lower end of the parameters, so that no chart moves and none is covered. A
 * frame has room for a fault only, and a lesson tells the end of a run itself.
 */
export function Cards() {
  const embedded = usePage((s) => s.embed !== null);
  const inLesson = usePage((s) => s.lesson !== null);
  const begun = useLive((s) => s.phase !== "idle");
  const wentOn = useGoneOn((s) => s.from !== null);
  return (
    <div className="cards">
      <Boundary of="what went wrong with the run">
        <RunProblem />
      </Boundary>
      <Boundary of="the first update">{begun && <FirstUpdate />}</Boundary>
      <Boundary of="where the run went on from">{wentOn && !embedded && <GoneOn />}</Boundary>
      <Boundary of="what is wrong with the storage">{!embedded && <Storage />}</Boundary>
      {begun && !embedded && <Consulted />}
      <Boundary of="the end of the run">{!embedded && !inLesson && <Ending />}</Boundary>
    </div>
  );
}

/** A page that cannot share memory: what is wrong and what to do, instead of the page. */
export function Stopgap({ problem }: { problem: string }) {
  return (
    <main className="stopgap">
      <h1>Cartpool cannot run here</h1>
      <p>{problem}</p>
      <Button mt={16} variant="default" onClick={() => location.reload()}>
        Reload
      </Button>
    </main>
  );
}
