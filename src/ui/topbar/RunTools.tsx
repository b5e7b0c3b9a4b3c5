import { Button } from "@mantine/core";
import type { Environment } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { bestEvaluation, isBelowBest } from "../doctor/best.ts";
import { compact, oneDecimal } from "../parts/format.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay, runner, stopsWhenSolved, stopWhenSolved } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** Back to the parameters of the best evaluation, while the latest play clearly worse. */
function BackToBest() {
  const evaluations = useLive((s) => s.evaluations);
  const returns = useLive((s) => s.returns);
  const env = useLive((s) => s.running.env);
  const shown = useLive((s) => isUnderWay(s.phase)) && isBelowBest(envs[env], { evaluations, returns });
  const best = bestEvaluation(evaluations);
  return (
    <Button
      className={classes.best}
      data-shown={shown || undefined}
      size="xs"
      h={28}
      px={8}
      variant="light"
      c="var(--accent-text)"
      title={
        best
          ? `The parameters after ${compact(best.envSteps)} env-steps, whose evaluation earned ${oneDecimal(best.mean)}, with fresh moments`
          : undefined
      }
      onClick={() => runner().rollBack()}
    >
      Back to the best
    </Button>
  );
}

/** When the run ends by itself, and a way back. */
export function RunTools() {
  const stops = usePage((s) => stopsWhenSolved(s.config));
  const { solvedAt } = envs[usePage((s) => s.config.env)] as Environment;
  return (
    <div className={classes.tools}>
      <label
        className={classes.untilSolved}
        title={solvedAt === null ? "For this task no return is published that counts as solved" : undefined}
      >
        <input
          type="checkbox"
          disabled={solvedAt === null && !stops}
          checked={stops}
          onChange={(e) => stopWhenSolved(e.currentTarget.checked)}
        />
        Stop when solved
      </label>
      <BackToBest />
    </div>
  );
}
