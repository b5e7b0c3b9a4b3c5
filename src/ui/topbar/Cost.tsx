import { type ReactNode, useMemo } from "react";
import { costInWords, costOf } from "../parts/cost.ts";
import { useLive } from "../state/live.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** What the run that Train would start will cost, where that is much. */
export default function Cost(): ReactNode {
  const config = usePage((s) => s.config);
  const engine = useLive((s) => s.engine);
  const preparedFor = useLive((s) => s.preparedFor);
  const words = useMemo(() => costInWords(costOf(config, engine, preparedFor)), [config, engine, preparedFor]);
  return (
    <ul className={classes.cost} aria-label="What this run will cost">
      {words.map((part) => (
        <li key={part}>{part}</li>
      ))}
    </ul>
  );
}
