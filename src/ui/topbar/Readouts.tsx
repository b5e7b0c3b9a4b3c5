import { useMemo } from "react";
import { useNarrow } from "../page/narrow.ts";
import { compact, elapsed, oneDecimal, short } from "../parts/format.ts";
import { isWholeRun, ratesOf } from "../parts/rates.ts";
import { Readout } from "../parts/readout.tsx";
import { type Numbers, numbersOf } from "../runs/numbers.ts";
import { useOpenedRun } from "../runs/opened.ts";
import classes from "./topbar.module.css";

const mean = (s: Numbers) => (isWholeRun(s) ? "mean" : "");
const readouts: readonly {
  name: string;
  /** A function where it depends on the run. */
  unit: string | ((s: Numbers) => string);
  read(s: Numbers): string;
  minor?: boolean;
}[] = [
  { name: "Elapsed", unit: "", read: (s) => elapsed(s.seconds) },
  { name: "Env-steps", unit: "", read: (s) => compact(s.envSteps) },
  { name: "Steps/s", unit: mean, read: (s) => compact(ratesOf(s).steps) },
  { name: "Updates/s", unit: mean, read: (s) => compact(ratesOf(s).updates), minor: true },
  { name: "Updates", unit: "", read: (s) => compact(s.updates), minor: true },
  { name: "Episodes", unit: "", read: (s) => compact(s.episodes), minor: true },
  { name: "Mean return", unit: "last 100", read: (s) => oneDecimal(s.meanReturn100) },
  { name: "Staleness", unit: "mean, versions", read: (s) => short(s.staleness.mean), minor: true },
];

/** The page's run in numbers, else the kept one that is open; of a fixed width so that nothing moves but digits. */
export function Readouts() {
  const narrow = useNarrow();
  const opened = useOpenedRun();
  const kept = useMemo(() => opened && numbersOf(opened.run), [opened]);
  const shown = (read: (s: Numbers) => string) => (kept ? <span>{read(kept)}</span> : <Readout read={read} />);
  return (
    // One behind the other where it is narrow, so they scroll.
    <dl className={classes.readouts} tabIndex={narrow ? 0 : undefined}>
      {readouts.map(({ name, unit, read, minor }) => (
        <div key={name} className={classes.readout} data-minor={minor || undefined}>
          <dt>
            <span>{`${name} `}</span>
            {typeof unit === "string" ? (
              unit && <span className={classes.unit}>{unit}</span>
            ) : (
              <span className={classes.unit} data-changes>
                {shown(unit)}
              </span>
            )}
          </dt>
          <dd>{shown(read)}</dd>
        </div>
      ))}
    </dl>
  );
}
