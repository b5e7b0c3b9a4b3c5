import { Button, SegmentedControl } from "@mantine/core";
import { FastIcon } from "../parts/icons.tsx";
import { setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

const paces = [
  { value: "full", label: "Full" },
  { value: "watchable", label: "Watchable" },
  { value: "step", label: "Step" },
];

/** How fast a run goes. It changes no bit of what is learned. */
export function Pace() {
  const pace = usePage((s) => s.config.values.pace as string);
  return (
    <div className={classes.pace}>
      <SegmentedControl
        aria-label="Pace"
        size="xs"
        data={paces}
        value={pace}
        onChange={(next) => setValue("pace", next)}
        transitionDuration={0}
      />
      <Button
        className={classes.fast}
        data-shown={pace !== "full" || undefined}
        size="xs"
        h={28}
        px={10}
        variant="light"
        c="var(--accent-text)"
        leftSection={<FastIcon />}
        onClick={() => setValue("pace", "full")}
      >
        Full speed
      </Button>
    </div>
  );
}
