import "@mantine/core/styles/Menu.css";
import { Button, TextInput, UnstyledButton } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { withValues } from "../../runtime/plan/config.ts";
import { plural } from "../parts/format.ts";
import { useLive } from "../state/live.ts";
import { useDrawnRun } from "../state/overlays.ts";
import { MOST_SHOWN } from "../state/preferences.ts";
import { isUnderWay } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { differences, labelOf } from "../studies/differences.ts";
import { arrivalOf, copyOf } from "./arrival.ts";
import { useCaption } from "./caption.ts";
import { configOf } from "./configOf.ts";
import { surplus } from "./database.ts";
import { exportChart } from "./exports.ts";
import { ImportChoice } from "./ImportChoice.tsx";
import { forget, replace, take, useLibrary } from "./library.ts";
import { closeRun, useOpenedRun } from "./opened.ts";
import { Room } from "./Room.tsx";
import { RunRow } from "./RunRow.tsx";
import type { Imported } from "./reading.ts";
import { readRunFile } from "./readRunFile.ts";
import classes from "./runs.module.css";

/** Every run of this browser. */
export default function RunsPanel() {
  const { runs, isRead, unreadable } = useLibrary();
  const drawn = useDrawnRun().id;
  const opened = useOpenedRun();
  const shown = usePage((s) => s.preferences.shown);
  const config = usePage((s) => s.config);
  const underWay = useLive((s) => isUnderWay(s.phase));
  const caption = useCaption();
  const [search, setSearch] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [forgotten, setForgotten] = useState<readonly Imported[]>([]);
  /** A file whose run is here already. */
  const [arrived, setArrived] = useState<{ file: Imported; kept: Imported } | null>(null);
  const [said, say] = useState<string | null>(null);
  const beyond = useMemo(() => surplus(runs), [runs]);
  const [onlyBeyond, setOnlyBeyond] = useState(false);
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
    const listed = onlyBeyond && beyond.length > 0 ? matches.filter(({ run }) => beyond.includes(run.id)) : matches;
    return listed.sort((a, b) => Number(b.run.pinned) - Number(a.run.pinned));
  }, [runs, config, search, onlyBeyond, beyond]);

  /** What goes wrong is said; what was said before goes. */
  const attempt = async (work: () => Promise<void>) => {
    setProblem(null);
    say(null);
    try {
      await work();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };

  const load = async (chosen: File | undefined) => {
    if (!chosen) return;
    reading.current?.abort(); // the file chosen last is the one that is meant
    reading.current = new AbortController();
    const { signal } = reading.current;
    setProblem(null);
    say(null);
    setArrived(null);
    setNameRead(chosen.name);
    try {
      await takeIn(await readRunFile(chosen, signal));
    } catch (error) {
      if (!signal.aborted) setProblem((error as Error).message);
    }
    if (!signal.aborted) setNameRead(null);
  };
  /** Takes the run of a file in; where it is here already, what it adds, or a person is asked. */
  const takeIn = async (file: Imported) => {
    const kept = await take(file).catch((error: Error) => {
      throw new Error(`The run of the file could not be kept: ${error.message}.`);
    });
    if (!kept) return;
    const same = arrivalOf(file.run, kept.run) === "the same";
    if (!same) return setArrived({ file, kept });
    const more = file.weights && !kept.weights?.checkpoint;
    if (more) await replace({ run: kept.run, weights: file.weights });
    say(`The run of the file is here already${more ? ": its weights were added" : ", as far as in the file"}.`);
  };
  const choose = (choice: "kept" | "file" | "both") =>
    attempt(async () => {
      if (!arrived) return;
      if (choice === "file") await replace(arrived.file);
      else if (choice === "both") await take(copyOf(arrived.file));
      setArrived(null);
    });
  const remove = (ids: readonly string[]) =>
    attempt(async () => {
      const gone: Imported[] = [];
      try {
        for (const id of ids) {
          const what = await forget({ id });
          if (opened?.run.id === id) closeRun();
          if (what) gone.push(what);
        }
      } finally {
        setForgotten(gone);
      }
    });
  const undo = () =>
    attempt(async () => {
      for (const each of forgotten) await take(each);
      setForgotten([]);
    });
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
          {`${isRead ? `${runs.length} kept in this browser; up` : "Up"} to ${MOST_SHOWN} on the chart`}
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
      {problem !== null && (
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      )}
      {said !== null && (
        <p role="status" className={classes.muted}>
          {said}
        </p>
      )}
      {arrived && <ImportChoice {...arrived} onChoice={(choice) => void choose(choice)} />}
      {beyond.length > 0 && (
        <Room beyond={beyond.length} alone={onlyBeyond} onAlone={setOnlyBeyond} onDelete={() => void remove(beyond)} />
      )}
      {forgotten.length > 0 && (
        <p role="status" className={classes.muted}>
          {`Deleted ${forgotten.length > 1 ? plural(forgotten.length, "run") : forgotten[0].run.name || "a run"}. `}
          <UnstyledButton className={classes.action} onClick={() => void undo()}>
            Undo
          </UnstyledButton>
        </p>
      )}
      {rows.length === 0 ? (
        <p className={classes.muted}>
          {!isRead ? "" : runs.length === 0 ? "Every run that you train is kept here." : "No run matches."}
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
                  onForget={(gone) => void remove([gone.id])}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
