import { Alert, Button, CloseButton } from "@mantine/core";
import { Doctor } from "./doctor/Doctor.tsx";
import { plural } from "./format.ts";
import { useLive } from "./live.ts";
import { usePage } from "./store.ts";

/** What this page is and what to press, until it is dismissed; a lesson says so itself. */
function Intro() {
  const dismissed = usePage((s) => s.preferences.introDismissed);
  const prefer = usePage((s) => s.prefer);
  const inLesson = usePage((s) => s.lesson !== null);
  if (dismissed || inLesson) return null;
  return (
    <aside className="strip" aria-label="What this is">
      <p>
        <strong>Several Web Workers learn to balance a pole, together, in this tab.</strong> Press Train, watch the
        poles and the curve, and change any parameter marked <em>live</em> while they learn.
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
  if (problem === null) return null;
  const failed = phase === "failed";
  return (
    <Alert
      className="notice"
      color={failed ? "red" : "orange"}
      variant="light"
      role="alert"
      title={failed ? "The run has ended by a fault" : "The run goes on, but"}
    >
      {problem}
    </Alert>
  );
}

/** A run that met its stop condition. */
function Ending() {
  const phase = useLive((s) => s.phase);
  const reason = useLive((s) => s.stopReason);
  const solved = useLive((s) => s.solvedAt !== null);
  if (phase !== "stopped" || reason === null) return null;
  return (
    <aside className="strip" aria-label="End of the run">
      <p>
        <strong>{solved ? "Solved." : "The run has ended."}</strong> {reason}
      </p>
    </aside>
  );
}

export function Notices() {
  return (
    <>
      <Intro />
      <AddressProblems />
      <RunProblem />
      <Doctor />
      <Ending />
    </>
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
