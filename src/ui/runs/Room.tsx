import { Button } from "@mantine/core";
import { plural } from "../parts/format.ts";
import { MOST_UNPINNED } from "./database.ts";
import classes from "./runs.module.css";

interface RoomProps {
  /** Unpinned runs beyond those that there is room for. */
  beyond: number;
  /** Whether only these are listed. */
  alone: boolean;
  onAlone(alone: boolean): void;
  onDelete(): void;
}

/** Says that more runs are kept than there is room for. Nothing goes unless a person says so. */
export function Room({ beyond, alone, onAlone, onDelete }: RoomProps) {
  const oldest = beyond === 1 ? "the oldest" : `the ${beyond} oldest`;
  return (
    <fieldset aria-label="Too many runs" className={classes.asked}>
      <p role="status">
        {`${plural(MOST_UNPINNED + beyond, "run")} without a pin are kept here, ${beyond} more than this page is made for. Nothing is dropped by itself: pin or export what you want to keep of ${oldest}, and delete the rest.`}
      </p>
      <div className={classes.choices}>
        <Button size="compact-xs" variant="default" aria-pressed={alone} onClick={() => onAlone(!alone)}>
          {alone ? "Show all runs" : `Show ${oldest}`}
        </Button>
        <Button size="compact-xs" variant="default" color="red" onClick={onDelete}>
          {`Delete ${oldest}`}
        </Button>
      </div>
    </fieldset>
  );
}
