import type { Snapshot } from "../../runtime/view.ts";
import { clock, compact, oneDecimal, short } from "../format.ts";
import { Readout } from "../readout.tsx";
import classes from "./topbar.module.css";

const readouts: readonly { name: string; unit: string; read(s: Snapshot): string; minor?: boolean }[] = [
  { name: "Elapsed", unit: "min:s", read: (s) => clock(s.seconds) },
  { name: "Env-steps", unit: "", read: (s) => compact(s.envSteps) },
  { name: "Steps/s", unit: "", read: (s) => compact(s.stepsPerSecond) },
  { name: "Updates/s", unit: "", read: (s) => compact(s.updatesPerSecond), minor: true },
  { name: "Updates", unit: "", read: (s) => compact(s.updates), minor: true },
  { name: "Episodes", unit: "", read: (s) => compact(s.episodes), minor: true },
  { name: "Mean return", unit: "last 100", read: (s) => oneDecimal(s.meanReturn100) },
  { name: "Staleness", unit: "mean, updates", read: (s) => short(s.staleness.mean), minor: true },
];

/** The run in numbers, of a fixed width so that nothing moves but digits. */
export function Readouts() {
  return (
    <dl className={classes.readouts}>
      {readouts.map(({ name, unit, read, minor }) => (
        <div key={name} className={classes.readout} data-minor={minor || undefined}>
          <dt>
            {name} {unit && <span className={classes.unit}>{unit}</span>}
          </dt>
          <dd>
            <Readout read={read} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
