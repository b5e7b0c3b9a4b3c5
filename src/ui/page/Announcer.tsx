import { VisuallyHidden } from "@mantine/core";
import type { Phase } from "../../runtime/seen/view.ts";
import { useLive } from "../state/live.ts";

const words: Record<Phase, string> = {
  idle: "",
  starting: "Starting",
  running: "Training",
  paused: "Paused",
  stopped: "The run has ended",
  failed: "The run has failed",
};

/** Says to a screen reader what the run does. */
export function Announcer() {
  const phase = useLive((s) => s.phase);
  return <VisuallyHidden role="status">{words[phase]}</VisuallyHidden>;
}
