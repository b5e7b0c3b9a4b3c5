import { Menu, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { LineSwatch } from "../charts/LineSwatch.tsx";
import { compact, NOTHING, oneDecimal } from "../format.ts";
import { LINE_STYLES, lineStyle } from "../palette.ts";
import { setConfig } from "../session.ts";
import { change, wholeRun } from "./library.ts";
import { closeRun, openRun } from "./opened.ts";
import { goOn } from "./recorder.ts";
import { configOf, MOST_BYTES, networkOf, type Recording, toCsv, toJson } from "./recording.ts";
import classes from "./runs.module.css";
import { save } from "./save.ts";
import { toggleShown } from "./shown.ts";
import { toLayersModel, toSafetensors } from "./weights.ts";
import { when } from "./when.ts";

const fileName = (run: Recording, ending: string) =>
  `cartpool-${run.name.replace(/[^\w-]+/g, "-") || run.id.slice(0, 8)}.${ending}`;

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
  /** How the page holds it: under way, drawn in full as it ended or was opened, or not. */
  state: "under way" | "ended" | "opened" | null;
  onProblem(problem: string | null): void;
  onForget(run: Recording): void;
}

const titles = {
  "under way": "This run is under way: its curve is drawn in full",
  ended: "This run has just ended: its curve is drawn in full",
  opened: "This run is open: its curve is drawn in full",
} as const;

/** One run of the library. */
export function RunRow({ run, differs, shown, state, onProblem, onForget }: RowProps) {
  const { algo, env } = configOf(run);
  /** What goes wrong is said, and what is asked for anew clears it. */
  const attempt = (work: () => Promise<string | null>) =>
    void work().then(onProblem, (error: Error) => onProblem(`That could not be done: ${error.message}.`));
  const without = "This run has no weights: it was imported, or it ended too early.";
  // Curves and weights as they are kept, of the same moment.
  const whole = async () => {
    const kept = await wholeRun(run.id);
    if (!kept?.weights?.parameters) return without;
    const text = toJson(kept.run, kept.weights);
    if (text.length > MOST_BYTES) return `With its weights the file would be larger than ${MOST_BYTES / 2 ** 20} MB.`;
    save(fileName(run, "json"), text, "application/json");
    return null;
  };
  const weights = async (what: "safetensors" | "model") => {
    const parameters = (await wholeRun(run.id))?.weights?.parameters;
    if (!parameters) return without;
    const spec = networkOf(run);
    if (what === "safetensors") {
      const file = toSafetensors(spec, parameters, { algo, env, query: run.query });
      save(fileName(run, "safetensors"), file, "application/octet-stream");
      return null;
    }
    save("model.json", JSON.stringify(toLayersModel(spec)), "application/json");
    save("weights.bin", parameters.slice().buffer, "application/octet-stream");
    return null;
  };
  const label = run.name || differs || `${algo} on ${env}`;
  return (
    <tr data-current={state ?? undefined}>
      <td className={classes.check}>
        <input
          type="checkbox"
          aria-label={`Show ${label} on the chart`}
          title={state ? titles[state] : undefined}
          checked={shown || state !== null}
          disabled={state !== null}
          onChange={() => toggleShown(run.id)}
        />
      </td>
      <td className={classes.line}>
        <UnstyledButton
          className={classes.colour}
          title="Another colour"
          aria-label={`Another colour for ${label}`}
          onClick={() => void change(run, { colour: (run.colour + 1) % LINE_STYLES })}
        >
          <LineSwatch style={lineStyle(run.colour)} />
        </UnstyledButton>
      </td>
      <th scope="row">
        <Name run={run} otherwise={`${algo.toUpperCase()} on ${env}`} />
      </th>
      <td className={classes.differs} title={differs}>
        {differs || "the same as the controls"}
      </td>
      <td data-name="env-steps">{compact(run.envSteps)}</td>
      <td data-name="solved at env-steps">{run.solvedAt ? compact(run.solvedAt.envSteps) : NOTHING}</td>
      <td data-name="mean of last 100">{oneDecimal(run.mean100)}</td>
      <td data-name="time, s">{run.seconds.toFixed(1)}</td>
      <td data-name="begun">{when(run.created)}</td>
      <td className={classes.actions}>
        <UnstyledButton
          className={classes.action}
          aria-pressed={run.pinned}
          aria-label={`Pin ${label}`}
          onClick={() => void change(run, { pinned: !run.pinned })}
        >
          {run.pinned ? "pinned" : "pin"}
        </UnstyledButton>
        <Menu position="bottom-end" width={220} shadow="sm" withinPortal>
          <Menu.Target>
            <UnstyledButton className={classes.action} aria-label={`More about ${label}`}>
              more
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            {state === "opened" ? (
              <Menu.Item onClick={closeRun}>Close</Menu.Item>
            ) : (
              <Menu.Item disabled={state !== null} onClick={() => attempt(() => openRun(run))}>
                Open, with curves and weights
              </Menu.Item>
            )}
            <Menu.Item onClick={() => setConfig(configOf(run))}>Take its configuration</Menu.Item>
            <Menu.Item onClick={() => attempt(() => goOn(run))}>Go on with it</Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => save(fileName(run, "json"), toJson(run), "application/json")}>
              Run as JSON
            </Menu.Item>
            <Menu.Item onClick={() => attempt(whole)}>Run as JSON, with weights</Menu.Item>
            <Menu.Item onClick={() => save(fileName(run, "csv"), toCsv(run), "text/csv")}>Curves as CSV</Menu.Item>
            <Menu.Item onClick={() => attempt(() => weights("safetensors"))}>Weights as safetensors</Menu.Item>
            <Menu.Item onClick={() => attempt(() => weights("model"))}>Weights as TensorFlow.js model</Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" disabled={state === "under way"} onClick={() => onForget(run)}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}
