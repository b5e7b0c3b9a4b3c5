import { compact, oneDecimal } from "../parts/format.ts";
import { lineStyle } from "../parts/palette.ts";
import type { LiveRun } from "./store.ts";
import classes from "./studies.module.css";

interface Props {
  readonly live: readonly LiveRun[];
  readonly labels: readonly string[];
  /** Environment steps of each run. */
  readonly limit: number;
}

/** How far each run under way is. */
export function Progress({ live, labels, limit }: Props) {
  return (
    <ul className={classes.progress} aria-label="Runs under way">
      {live.map(({ group, seed, phase, envSteps, stepsPerSecond, mean100 }) => {
        const name = `${labels[group]} · seed ${seed}`;
        return (
          <li key={name + group}>
            <span className={classes.ofRun}>{name}</span>
            <progress
              max={limit}
              value={Math.min(limit, envSteps)}
              style={{ color: lineStyle(group).colour }}
              aria-label={`Progress of ${name}`}
            />
            {phase === "starting" ? (
              <span className={classes.muted}>starting</span>
            ) : (
              <>
                <span>
                  {compact(envSteps)} <span className={classes.muted}>of {compact(limit)} env-steps</span>
                </span>
                <span>
                  {oneDecimal(mean100)} <span className={classes.muted}>mean of last 100</span>
                </span>
                <span>
                  {compact(stepsPerSecond)} <span className={classes.muted}>steps/s</span>
                </span>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
