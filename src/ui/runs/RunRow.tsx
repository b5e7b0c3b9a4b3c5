import { Menu, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { oneLine } from "../../core/text.ts";
import { isSameTask } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { LineSwatch } from "../charts/LineSwatch.tsx";
import { isComposing } from "../controls/composing.ts";
import { pasteOnOneLine } from "../controls/paste.ts";
import { compact, NOTHING, oneDecimal } from "../parts/format.ts";
import { LINE_STYLES, lineStyle } from "../parts/palette.ts";
import { setConfig } from "../state/session.ts";
import { configOf } from "./configOf.ts";
import { exportRun } from "./exports.ts";
import { goOn } from "./going.ts";
import { change } from "./library.ts";
import { openRun } from "./open.ts";
import { closeRun, useDrawnEnvironment } from "./opened.ts";
import { LONGEST_NAME, type Recording } from "./recording.ts";
import classes from "./runs.module.css";
import { toggleShown } from "./shown.ts";
import { when } from "./when.ts";

/** A name that is written where it stands. */
function Name({ run, otherwise }: { run: Recording; otherwise: string }) {
  const [text, setText] = useState<string | null>(null);
  const done = () => {
    const name = oneLine(text ?? run.name, LONGEST_NAME);
    if (name !== run.name) void change(run, { name });
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
      maxLength={LONGEST_NAME}
      value={text}
      onChange={(e) => setText(e.currentTarget.value)}
      onPaste={pasteOnOneLine}
      onBlur={done}
      onKeyDown={(e) => {
        if (isComposing(e)) return;
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
  elsewhere: "This run is of another task: its returns are on another scale",
} as const;

/** One run of the library. */
export function RunRow({ run, differs, shown, state, onProblem, onForget }: RowProps) {
  const { algo, env } = configOf(run);
  const isHere = isSameTask(envs[env], useDrawnEnvironment());
  /** What goes wrong is said, and what is asked for anew clears it. */
  const attempt = (work: () => Promise<string | null>) =>
    void work().then(onProblem, (error: Error) => onProblem(`That could not be done: ${error.message}.`));
  const file = (as: Parameters<typeof exportRun>[1]) => attempt(() => exportRun(run, as));
  const label = run.name || differs || `${algo} on ${env}`;
  return (
    <tr data-current={state ?? undefined}>
      <td className={classes.check}>
        <input
          type="checkbox"
          aria-label={`Show ${label} on the chart`}
          title={state ? titles[state] : isHere ? undefined : titles.elsewhere}
          checked={(shown && isHere) || state !== null}
          disabled={state !== null || !isHere}
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
            <Menu.Item disabled={state === "under way"} onClick={() => attempt(() => goOn(run))}>
              Go on with it
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => file("json")}>Run as JSON</Menu.Item>
            <Menu.Item onClick={() => file("whole")}>Run as JSON, with weights</Menu.Item>
            <Menu.Item onClick={() => file("csv")}>Curves as CSV</Menu.Item>
            <Menu.Item onClick={() => file("safetensors")}>Weights as safetensors</Menu.Item>
            <Menu.Item onClick={() => file("model")}>Weights as TensorFlow.js model</Menu.Item>
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
