/** What the doctor finds, as quiet cards: cause, remedy, and a button that applies it. */
import { Button, CloseButton } from "@mantine/core";
import { useEffect, useMemo } from "react";
import { create } from "zustand";
import { withValues } from "../../runtime/plan/config.ts";
import { useLive } from "../state/live.ts";
import { runner, setValue, startRun } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { diagnose, type Finding, gravest, isTreatment, type Remedy } from "./diagnose.ts";
import classes from "./doctor.module.css";

/** Milliseconds that a card stays after its finding no longer holds, so that none flickers. */
const LINGER = 5000;

/** What is known of one run; another run has files of its own. */
interface Files {
  /** See Snapshot. */
  readonly generation: number | null;
  /** Since the last treatment, and when each was last found. */
  readonly findings: readonly { readonly finding: Finding; readonly at: number }[];
  readonly dismissed: readonly Finding["id"][];
  /** A remedy was pressed and is on its way: it is not found again before it was seen to be gone, or treated. */
  readonly treated: readonly Finding["id"][];
}

const empty = { findings: [], dismissed: [], treated: [] };
const useFiles = create<Files>()(() => ({ generation: 0, ...empty }));

/** Fresh findings replace their older selves; those that no longer hold stay for a while. */
function note(found: readonly Finding[], now: number): void {
  const { findings, treated } = useFiles.getState();
  const fresh = found.filter(({ id }) => !treated.includes(id));
  const lingering = findings.filter(({ finding, at }) => now - at < LINGER && !fresh.some((f) => f.id === finding.id));
  const waiting = treated.filter((id) => found.some((f) => f.id === id));
  if (fresh.length === 0 && lingering.length === findings.length && waiting.length === treated.length) return;
  useFiles.setState({ findings: [...fresh.map((finding) => ({ finding, at: now })), ...lingering], treated: waiting });
}

function apply(id: Finding["id"], remedy: Remedy): void {
  useFiles.setState(({ findings, treated }) => ({
    findings: findings.filter(({ finding }) => finding.id !== id),
    treated: [...treated, id],
  }));
  if (remedy.kind === "replace") runner().killActor(remedy.actor);
  else if (remedy.kind === "restart") {
    // Whatever is found from here on is of a run that is being ended.
    useFiles.setState({ generation: null, ...empty });
    void startRun(withValues(usePage.getState().config, remedy.values));
  } else {
    if (remedy.rollBack) runner().rollBack();
    for (const [key, value] of Object.entries(remedy.values)) setValue(key, value);
  }
}

function useFindings(): readonly Finding[] {
  const phase = useLive((s) => s.phase);
  const trouble = useLive((s) => s.trouble);
  const config = useLive((s) => s.running);
  const returns = useLive((s) => s.returns);
  const updateSeries = useLive((s) => s.updateSeries);
  const evaluations = useLive((s) => s.evaluations);
  const edits = useLive((s) => s.edits);
  const solvedAt = useLive((s) => s.solvedAt);
  const treatments = edits.filter(isTreatment).length;
  const found = useMemo(
    () => diagnose({ phase, trouble, config, returns, updateSeries, evaluations, edits, solvedAt }),
    [phase, trouble, config, returns, updateSeries, evaluations, edits, solvedAt],
  );
  const generation = useLive((s) => s.generation);
  // biome-ignore lint/correctness/useExhaustiveDependencies: forgotten at every treatment and every new run
  useEffect(() => useFiles.setState({ generation, ...empty }), [treatments, generation]);
  useEffect(() => note(found, performance.now()), [found]);
  const { findings, dismissed, ...of } = useFiles();
  if (of.generation !== generation) return [];
  return gravest(findings.map(({ finding }) => finding)).filter(({ id }) => !dismissed.includes(id));
}

export function Doctor() {
  const findings = useFindings();
  const dismiss = (id: Finding["id"]) => useFiles.setState(({ dismissed }) => ({ dismissed: [...dismissed, id] }));
  return (
    <div role="status" aria-label="Doctor">
      {findings.map(({ id, severity, title, cause, remedy, action }) => (
        <section key={id} className={classes.finding} data-severity={severity} aria-labelledby={`finding-${id}`}>
          <div className={classes.text}>
            <h2 id={`finding-${id}`} className="panel-title">
              {title}
            </h2>
            <p>
              {cause} <span className={classes.remedy}>{remedy}</span>
            </p>
          </div>
          <Button size="xs" variant="default" className={classes.action} onClick={() => apply(id, action.does)}>
            {action.label}
          </Button>
          <CloseButton size="sm" aria-label={`Dismiss: ${title}`} onClick={() => dismiss(id)} />
        </section>
      ))}
    </div>
  );
}
