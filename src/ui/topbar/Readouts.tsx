import type { Snapshot } from "../../runtime/view.ts";
import { compact, elapsed, oneDecimal, short } from "../format.ts";
import { useNarrow } from "../narrow.ts";
import { isWholeRun, ratesOf } from "../rates.ts";
import { Readout } from "../readout.tsx";
import classes from "./topbar.module.css";

const mean = (s: Snapshot) => (isWholeRun(s) ? "mean" : "");
const readouts: readonly {
  name: string;
  /** A function where it depends on the run. */
  unit: string | ((s: Snapshot) => string);
  read(s: Snapshot): string;
  minor?: boolean;
}[] = [
  { name: "Elapsed", unit: "", read: (s) => elapsed(s.seconds) },
  { name: "Env-steps", unit: "", read: (s) => compact(s.envSteps) },
  { name: "Steps/s", unit: mean, read: (s) => compact(ratesOf(s).steps) },
  { name: "Updates/s", unit: mean, read: (s) => compact(ratesOf(s).updates), minor: true },
  { name: "Updates", unit: "", read: (s) => compact(s.updates), minor: true },
  { name: "Episodes", unit: "", read: (s) => compact(s.episodes), minor: true },
  { name: "Mean return", unit: "last 100", read: (s) => oneDecimal(s.meanReturn100) },
  { name: "Staleness", unit: "mean, updates", read: (s) => short(s.staleness.mean), minor: true },
];

/** The run in numbers, of a fixed width so that nothing moves but digits. */
export function Readouts() {
  const narrow = useNarrow();
  return (
    // One behind the other where it is narrow, so they scroll.
    <dl className={classes.readouts} tabIndex={narrow ? 0 : undefined}>
      {readouts.map(({ name, unit, read, minor }) => (
        <div key={name} className={classes.readout} data-minor={minor || undefined}>
          <dt>
            {name}{" "}
            {typeof unit === "string" ? (
              unit && <span className={classes.unit}>{unit}</span>
            ) : (
              <span className={classes.unit} data-changes>
                <Readout read={unit} />
              </span>
            )}
          </dt>
          <dd>
            <Readout read={read} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
