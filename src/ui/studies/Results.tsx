import { Button, SegmentedControl, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { envs } from "../../envs/index.ts";
import { LineSwatch } from "../charts/LineSwatch.tsx";
import { compact, NOTHING } from "../parts/format.ts";
import { lineStyle } from "../parts/palette.ts";
import { fileName } from "../runs/fileName.ts";
import { handOver } from "../runs/save.ts";
import type { StudyAxis } from "./curves.ts";
import { configsOf } from "./kept.ts";
import type { Study } from "./outcome.ts";
import { StudyChart } from "./StudyChart.tsx";
import { inWords } from "./statistics.ts";
import { forgetStudy, type LiveRun } from "./store.ts";
import classes from "./studies.module.css";
import { clockProblem, csvOf, labelsOf, type Summary, summaries } from "./study.ts";

function Table({ rows, timed }: { rows: readonly Summary[]; timed: boolean }) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label="Results">
        <thead>
          <tr>
            <th scope="col">configuration</th>
            <th scope="col">runs</th>
            <th scope="col">solved</th>
            <th scope="col">median env-steps to solve</th>
            <th scope="col">median time to solve, s</th>
            <th scope="col">final return, IQM [95 %]</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same label
            <tr key={i}>
              <th scope="row">
                <LineSwatch style={lineStyle(i)} /> {row.label}
              </th>
              <td>{row.runs}</td>
              <td>{row.runs > 0 ? `${Math.round((100 * row.solved) / row.runs)} %` : ""}</td>
              <td>{row.stepsToSolve === null ? NOTHING : compact(row.stepsToSolve)}</td>
              <td>{row.secondsToSolve === null || !timed ? NOTHING : row.secondsToSolve.toFixed(2)}</td>
              <td>{row.runs === 0 ? NOTHING : inWords(row.final)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Curves and table of a study, while it runs and afterwards. */
export function Results({ study, live, busy }: { study: Study; live: readonly LiveRun[]; busy: boolean }) {
  const [chosen, setAxis] = useState<StudyAxis>("envSteps");
  const [single, setSingle] = useState(false);
  const configs = useMemo(() => configsOf(study), [study]);
  const labels = useMemo(() => labelsOf(configs), [configs]);
  const rows = useMemo(() => summaries(study.outcomes, labels), [study, labels]);
  const problem = clockProblem(study);
  const axis = problem === null ? chosen : "envSteps";
  const [refusal, setRefusal] = useState<string | null>(null);
  const table = () =>
    handOver("The comparison", () => [
      { name: fileName("study", "csv"), content: csvOf(study.outcomes, labels), type: "text/csv" },
    ]);
  return (
    <>
      <div className={classes.form}>
        <SegmentedControl
          aria-label="Horizontal axis of the comparison"
          size="xs"
          data={[
            { value: "envSteps", label: "Env-steps" },
            { value: "seconds", label: "Wall time", disabled: problem !== null },
          ]}
          value={axis}
          onChange={(next) => setAxis(next as StudyAxis)}
          transitionDuration={0}
        />
        <Switch size="xs" label="every seed" checked={single} onChange={(e) => setSingle(e.currentTarget.checked)} />
        {problem && <span className={classes.muted}>{problem}</span>}
        <div className={classes.right}>
          <Button
            size="compact-xs"
            variant="default"
            disabled={study.outcomes.length === 0}
            onClick={() => void table().then(setRefusal)}
          >
            CSV
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            disabled={busy}
            title="Forgets this comparison; its runs stay under Runs"
            onClick={() => void forgetStudy()}
          >
            Clear
          </Button>
        </div>
      </div>
      {refusal && (
        <p role="alert" className={classes.problem}>
          {refusal}
        </p>
      )}
      <StudyChart
        outcomes={study.outcomes}
        live={live}
        labels={labels}
        finals={rows}
        axis={axis}
        single={single}
        environment={envs[configs[0].env]}
      />
      <Table rows={rows} timed={problem === null} />
    </>
  );
}
