import { Button } from "@mantine/core";
import { compact, plural } from "../parts/format.ts";
import { arrivalOf } from "./arrival.ts";
import type { Imported } from "./reading.ts";
import type { Recording } from "./recording.ts";
import classes from "./runs.module.css";

const far = ({ updates, envSteps }: Recording) => `${plural(updates, "update")} (${compact(envSteps)} env-steps)`;

interface ChoiceProps {
  file: Imported;
  kept: Imported;
  onChoice(choice: "kept" | "file" | "both"): void;
}

/** Asks which of two runs of the same id is to be kept. */
export function ImportChoice({ file, kept, onChoice }: ChoiceProps) {
  const further = arrivalOf(file.run, kept.run) === "further";
  const name = kept.run.name || file.run.name;
  return (
    <fieldset aria-label="A run that is here already" className={classes.asked}>
      <p role="alert">
        {`This run${name ? `, ${name},` : ""} is here already: with ${far(kept.run)}; in the file it has ${far(file.run)}${file.weights ? "" : " and no weights"}. Which is to be kept?`}
      </p>
      <div className={classes.choices}>
        <Button size="compact-xs" variant={further ? "default" : "filled"} onClick={() => onChoice("kept")}>
          The one here
        </Button>
        <Button size="compact-xs" variant={further ? "filled" : "default"} onClick={() => onChoice("file")}>
          The one of the file
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => onChoice("both")}>
          Both, the file as a copy
        </Button>
      </div>
    </fieldset>
  );
}
