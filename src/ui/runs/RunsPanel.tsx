import "@mantine/core/styles/Menu.css";
import { Button, Menu, TextInput, UnstyledButton } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { withValues } from "../../runtime/config.ts";
import { compact, oneDecimal } from "../format.ts";
import { useLive } from "../live.ts";
import { actorColour } from "../palette.ts";
import { MOST_SHOWN } from "../preferences.ts";
import { isUnderWay, setConfig } from "../session.ts";
import { usePage } from "../store.ts";
import { differences, labelOf } from "../studies/differences.ts";
import { chartPng, chartSvg } from "./image.ts";
import { change, forget, goOn, take, useLibrary } from "./keep.ts";
import { weightsFor } from "./library.ts";
import { configOf, fromJson, MOST_BYTES, networkOf, type Recording, toCsv, toJson } from "./recording.ts";
import classes from "./runs.module.css";
import { save } from "./save.ts";
import { toggleShown } from "./shown.ts";
import { toLayersModel, toSafetensors } from "./weights.ts";

const fileName = (run: Recording, ending: string) =>
  `cartpool-${run.name.replace(/[^\w-]+/g, "-") || run.id.slice(0, 8)}.${ending}`;

const when = (created: string) =>
  new Date(created).toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

/** A name that is written where it stands. */
function Name({ run, otherwise }: { run: Recording; otherwise: string }) {
  const [text, setText] = useState<string | null>(null);
  const done = () => {
    if (text !== null && text.trim() !== run.name) void change(run, { name: text.trim().slice(0, 80) });
    setText(null);
  };
  if (text === null)
    return (
      <UnstyledButton
        className={classes.name}
        title="Rename"
        aria-label={`Rename ${run.name || otherwise}`}
        onClick={() => setText(run.name)}
      >
        {run.name || otherwise}
      </UnstyledButton>
    );
  return (
    <TextInput
      size="xs"
      aria-label="Name of the run"
      autoFocus
      maxLength={80}
      value={text}
      onChange={(e) => setText(e.currentTarget.value)}
      onBlur={done}
      onKeyDown={(e) => {
        if (e.key === "Enter") done();
        else if (e.key === "Escape") setText(null);
      }}
    />
  );
}

interface RowProps {
  run: Recording;
  /** What sets it apart from the configuration in the controls. */
  differs: string;
  shown: boolean;
  isCurrent: boolean;
  onProblem(problem: string | null): void;
  onForget(run: Recording): void;
}

function Row({ run, differs, shown, isCurrent, onProblem, onForget }: RowProps) {
  const { algo, env } = configOf(run);
  const resume = async () => onProblem(await goOn(run));
  const weights = async (what: "safetensors" | "model") => {
    const parameters = (await weightsFor(run.id))?.parameters;
    if (!parameters) return onProblem("This run has no weights: it was imported, or it ended too early.");
    const spec = networkOf(run);
    onProblem(null);
    if (what === "safetensors")
      return save(
        fileName(run, "safetensors"),
        toSafetensors(spec, parameters, { algo, env, query: run.query }),
        "application/octet-stream",
      );
    save("model.json", JSON.stringify(toLayersModel(spec)), "application/json");
    save("weights.bin", parameters.slice().buffer, "application/octet-stream");
  };
  const label = run.name || differs || `${algo} on ${env}`;
  return (
    <tr data-current={isCurrent || undefined}>
      <td>
        <input
          type="checkbox"
          aria-label={`Show ${label} on the chart`}
          checked={shown}
          disabled={isCurrent}
          onChange={() => toggleShown(run.id)}
        />
      </td>
      <td>
        <UnstyledButton
          className={classes.colour}
          style={{ background: actorColour(run.colour) }}
          aria-label={`Another colour for ${label}`}
          onClick={() => void change(run, { colour: (run.colour + 1) % 7 })}
        />
      </td>
      <th scope="row">
        <Name run={run} otherwise={`${algo.toUpperCase()} on ${env}`} />
      </th>
      <td className={classes.differs} title={differs}>
        {differs || "the same as the controls"}
      </td>
      <td>{compact(run.envSteps)}</td>
      <td>{run.solvedAt ? compact(run.solvedAt.envSteps) : "–"}</td>
      <td>{oneDecimal(run.mean100)}</td>
      <td>{run.seconds.toFixed(1)}</td>
      <td>{when(run.created)}</td>
      <td>
        <UnstyledButton
          className={classes.action}
          aria-pressed={run.pinned}
          aria-label={`Pin ${label}`}
          onClick={() => void change(run, { pinned: !run.pinned })}
        >
          {run.pinned ? "pinned" : "pin"}
        </UnstyledButton>
        <Menu position="bottom-end" width={220} shadow="sm" withinPortal transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <UnstyledButton className={classes.action} aria-label={`More about ${label}`}>
              more
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setConfig(configOf(run))}>Take its configuration</Menu.Item>
            <Menu.Item onClick={() => void resume()}>Go on with it</Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => save(fileName(run, "json"), toJson(run), "application/json")}>
              Run as JSON
            </Menu.Item>
            <Menu.Item onClick={() => save(fileName(run, "csv"), toCsv(run), "text/csv")}>Curves as CSV</Menu.Item>
            <Menu.Item onClick={() => void weights("safetensors")}>Weights as safetensors</Menu.Item>
            <Menu.Item onClick={() => void weights("model")}>Weights as TensorFlow.js model</Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" disabled={isCurrent} onClick={() => onForget(run)}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}

/** Every run of this browser. */
export default function RunsPanel() {
  const { runs, current, problem: refused } = useLibrary();
  const shown = usePage((s) => s.preferences.shown);
  const config = usePage((s) => s.config);
  const underWay = useLive((s) => isUnderWay(s.phase));
  const [search, setSearch] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [forgotten, setForgotten] = useState<Recording | null>(null);
  const file = useRef<HTMLInputElement>(null);
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
    try {
      if (chosen.size > MOST_BYTES) throw new Error(`The file is larger than ${MOST_BYTES / 2 ** 20} MB.`);
      await take(fromJson(await chosen.text()));
      setProblem(null);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const picture = async (kind: "svg" | "png") => {
    const content = kind === "svg" ? chartSvg()?.text : await chartPng();
    if (content) save(`cartpool-curve.${kind}`, content, kind === "svg" ? "image/svg+xml" : "image/png");
  };

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
      {(problem ?? refused) !== null && (
        <p role="alert" className={classes.problem}>
          {problem ?? refused}
        </p>
      )}
      {forgotten && (
        <p role="status" className={classes.muted}>
          Deleted {forgotten.name || "a run"}.{" "}
          <UnstyledButton
            className={classes.action}
            onClick={() => {
              void take(forgotten);
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
                <th scope="col">env-steps</th>
                <th scope="col">solved at</th>
                <th scope="col">mean 100</th>
                <th scope="col">s</th>
                <th scope="col">begun</th>
                <th scope="col">
                  <span className={classes.unseen}>actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ run, differs }) => (
                <Row
                  key={run.id}
                  run={run}
                  differs={differs}
                  shown={shown.includes(run.id)}
                  isCurrent={underWay && run.id === current?.id}
                  onProblem={setProblem}
                  onForget={(gone) => {
                    setForgotten(gone);
                    void forget(gone);
                  }}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
