import { runParams } from "../../runtime/plan/config.ts";
import { ValueInput } from "../controls/ValueInput.tsx";
import { setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** The seed of the next run. */
export function SeedInput() {
  const seed = usePage((s) => s.config.values.seed);
  return (
    <div className={classes.seed}>
      <label htmlFor="seed">Seed</label>
      <ValueInput id="seed" param={runParams.seed} value={seed} onCommit={(value) => setValue("seed", value)} />
    </div>
  );
}
