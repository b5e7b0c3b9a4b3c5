import "@mantine/core/styles/Menu.css";
import { Button, TextInput, UnstyledButton } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { withValues } from "../../runtime/config.ts";
import { plural } from "../format.ts";
import { useLive } from "../live.ts";
import { useDrawnRun } from "../overlays.ts";
import { MOST_SHOWN } from "../preferences.ts";
import { isUnderWay } from "../session.ts";
import { usePage } from "../store.ts";
import { differences, labelOf } from "../studies/differences.ts";
import { useCaption } from "./caption.ts";
import { weightsFor } from "./database.ts";
import { exportChart } from "./exports.ts";
import { forget, take, useLibrary } from "./library.ts";
import { closeRun, useOpenedRun } from "./opened.ts";
import { RunRow } from "./RunRow.tsx";
import type { Imported } from "./reading.ts";
import { readRunFile } from "./readRunFile.ts";
import { configOf, type Recording } from "./recording.ts";
import classes from "./runs.module.css";

/** Every run of this browser. */
export default function RunsPanel() {
  const { runs, problem: refused, unreadable } = useLibrary();
  const drawn = useDrawnRun().id;
  const opened = useOpenedRun();
  const shown = usePage((s) => s.preferences.shown);
  const config = usePage((s) => s.config);
  const underWay = useLive((s) => isUnderWay(s.phase));
  const caption = useCaption();
  const [search, setSearch] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [forgotten, setForgotten] = useState<Imported | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const reading = useRef<AbortController>(null);
  /** Of the file that is being read. */
  const [nameRead, setNameRead] = useState<string | null>(null);
  const rows = useMemo(() => {
    const all = runs.map((run) => {
      const begun = configOf(run);
      // What the controls leave to the machine is no difference.
      const left = Object.entries(config.values).filter(([, value]) => value === "auto");
      const own = withValues(begun, Object.fromEntries(left));
      const keys = differences([config, own]).filter((key) => key !== "pace" && key !== "until");
      return { run, differs: keys.length === 0 ? "" : labelOf(own, keys) };
    });
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = all.filter(({ run, differs }) => {
      const text = `${run.name} ${run.query} ${differs} ${run.phase}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return matches.sort((a, b) => Number(b.run.pinned) - Number(a.run.pinned));
  }, [runs, config, search]);

  const load = async (chosen: File | undefined) => {
    if (!chosen) return;
    reading.current?.abort(); // the file chosen last is the one that is meant
    reading.current = new AbortController();
    const { signal } = reading.current;
    setProblem(null);
    setNameRead(chosen.name);
    try {
      const { run, weights } = await readRunFile(chosen, signal);
      await take(run, weights ?? undefined);
    } catch (error) {
      if (!signal.aborted) setProblem((error as Error).message);
    }
    if (!signal.aborted) setNameRead(null);
  };
  const remove = async (run: Recording) => {
    const weights = await weightsFor(run.id).catch(() => null);
    if (opened?.run.id === run.id) closeRun();
    await forget(run);
    setForgotten({ run, weights });
  };
  const picture = async (as: "svg" | "png") => setProblem(await exportChart(as, caption()));

  return (
    <section
      className={classes.runs}
      aria-label="Runs"
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        void load(e.dataTransfer.files[0]);
      }}
    >
      <div className={classes.head}>
        <TextInput
          size="xs"
          aria-label="Search runs"
          placeholder="Search runs"
          value={search}
          onChange={(e) => setSearch(e.currentTarget.value)}
        />
        <span className={classes.muted}>
          {runs.length} kept in this browser; up to {MOST_SHOWN} on the chart
        </span>
        <div className={classes.tools}>
          <Button size="compact-xs" variant="default" onClick={() => void picture("svg")}>
            Chart as SVG
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => void picture("png")}>
            PNG
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => file.current?.click()}>
            Import
          </Button>
          <input
            ref={file}
            type="file"
            accept=".json,application/json"
            hidden
            aria-label="Run to import"
            onChange={(e) => {
              void load(e.currentTarget.files?.[0]);
              e.currentTarget.value = "";
            }}
          />
        </div>
      </div>
      {nameRead !== null && (
        <p role="status" className={classes.muted} style={{ overflowWrap: "anywhere" }}>
          Reading {nameRead}…
        </p>
      )}
      {unreadable > 0 && (
        <p role="status" className={classes.muted}>
          {`${plural(unreadable, "kept run")} cannot be read by this version of the page: not shown, and not deleted.`}
        </p>
      )}
      {(problem ?? refused) !== null && (
        <p role="alert" className={classes.problem}>
          {problem ?? refused}
        </p>
      )}
      {forgotten && (
        <p role="status" className={classes.muted}>
          Deleted {forgotten.run.name || "a run"}.{" "}
          <UnstyledButton
            className={classes.action}
            onClick={() => {
              void take(forgotten.run, forgotten.weights ?? undefined);
              setForgotten(null);
            }}
          >
            Undo
          </UnstyledButton>
        </p>
      )}
      {rows.length === 0 ? (
        <p className={classes.muted}>
          {runs.length === 0 ? "Every run that you train is kept here." : "No run matches."}
        </p>
      ) : (
        <div className={classes.scroll}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">on chart</th>
                <th scope="col">
                  <span className={classes.unseen}>colour</span>
                </th>
                <th scope="col">run</th>
                <th scope="col">differs from the controls by</th>
                <th scope="col">
                  <span>env-steps</span>
                </th>
                <th scope="col">
                  solved at <span className={classes.muted}>env-steps</span>
                </th>
                <th scope="col">mean of last 100</th>
                <th scope="col">
                  <span>time, s</span>
                </th>
                <th scope="col">begun</th>
                <th scope="col">
                  <span className={classes.unseen}>actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ run, differs }) => (
                <RunRow
                  key={run.id}
                  run={run}
                  differs={differs}
                  shown={shown.includes(run.id)}
                  state={run.id !== drawn ? null : opened ? "opened" : underWay ? "under way" : "ended"}
                  onProblem={setProblem}
                  onForget={(gone) => void remove(gone)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
