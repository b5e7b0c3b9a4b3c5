import { UnstyledButton } from "@mantine/core";
import { roomFor } from "../../runtime/plan/config.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay, setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./actors.module.css";

/** Takes an actor out of the run under way, or puts one in. */
export function Crew() {
  const phase = useLive((s) => s.phase);
  const room = useLive((s) => roomFor(s.begun.values.actors as number));
  const working = usePage((s) => s.config.values.actors as number);
  if (!isUnderWay(phase)) return null;
  return (
    <fieldset className={classes.crew}>
      <legend>Actors at work</legend>
      <UnstyledButton
        aria-label="One actor less"
        title="The last actor rests"
        disabled={working <= 1}
        onClick={() => setValue("actors", working - 1)}
      >
        −
      </UnstyledButton>
      <output>{working}</output>
      <UnstyledButton
        aria-label="One actor more"
        title={`Another worker joins; this run has room for ${room}`}
        disabled={working >= room}
        onClick={() => setValue("actors", working + 1)}
      >
        +
      </UnstyledButton>
    </fieldset>
  );
}
