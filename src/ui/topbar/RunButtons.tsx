import { Button } from "@mantine/core";
import { IconButton } from "../parts/IconButton.tsx";
import { PauseIcon, PlayIcon, ResetIcon, StepIcon } from "../parts/icons.tsx";
import { useLive } from "../state/live.ts";
import { resetRun, stepOnce, trainOrPause } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** Train, Pause, Step, Reset. Before the first run Train stands out: it is the one thing to press. */
export function RunButtons() {
  const phase = useLive((s) => s.phase);
  const isNew = usePage((s) => !s.preferences.hasTrained);
  const running = phase === "running";
  return (
    <div className={classes.buttons}>
      <Button
        className={classes.train}
        data-new={isNew || undefined}
        h={32}
        px={12}
        variant={running ? "default" : "filled"}
        leftSection={running ? <PauseIcon /> : <PlayIcon />}
        disabled={phase === "starting"}
        aria-keyshortcuts="Space"
        onClick={trainOrPause}
      >
        {running ? "Pause" : phase === "starting" ? "Starting" : phase === "paused" ? "Train on" : "Train"}
      </Button>
      <IconButton label="Step one update" shortcut="S" disabled={phase === "starting"} onClick={() => void stepOnce()}>
        <StepIcon />
      </IconButton>
      <IconButton label="Reset" shortcut="R" disabled={phase === "idle"} onClick={() => void resetRun()}>
        <ResetIcon />
      </IconButton>
    </div>
  );
}
