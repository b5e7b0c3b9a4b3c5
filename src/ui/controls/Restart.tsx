import { Button } from "@mantine/core";
import { paramsOf, type RunConfig } from "../../runtime/plan/config.ts";
import { plural } from "../parts/format.ts";
import { startRun } from "../state/session.ts";
import classes from "./controls.module.css";

interface RestartProps {
  waiting: readonly string[];
  shown: RunConfig;
  running: RunConfig;
}

/** What the run does not follow, and the button that starts it anew. */
export function Restart({ waiting, shown, running }: RestartProps) {
  const params = paramsOf(shown.algo, shown.env);
  const change = (key: string) => {
    if (key === "algo" || key === "env") return `${running[key]} → ${shown[key]}`;
    const param = params[key];
    return `${param.label} ${param.format(running.values[key])} → ${param.format(shown.values[key])}`;
  };
  return (
    <div className={classes.restart} role="status">
      <p>
        <strong>{plural(waiting.length, "change")} not in the run yet:</strong> {waiting.map(change).join(", ")}
      </p>
      <Button size="xs" variant="filled" onClick={() => void startRun()}>
        Restart to apply
      </Button>
    </div>
  );
}
