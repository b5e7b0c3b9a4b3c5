import { NativeSelect } from "@mantine/core";
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { type EnvId, envs } from "../../envs/index.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

const algorithmOptions = Object.values(algorithms).map(({ id, title }) => ({ value: id, label: title }));
const environmentOptions = Object.values(envs).map(({ id }) => ({ value: id, label: id }));

/** Which algorithm learns which environment. A running run keeps its own until the next Train. */
export function System() {
  const algo = usePage((s) => s.config.algo);
  const env = usePage((s) => s.config.env);
  const switchTo = usePage((s) => s.switchTo);
  return (
    <div className={classes.system}>
      <NativeSelect
        aria-label="Algorithm"
        title={algorithms[algo].about}
        data={algorithmOptions}
        value={algo}
        onChange={(e) => switchTo({ algo: e.currentTarget.value as AlgorithmId })}
      />
      <NativeSelect
        aria-label="Environment"
        title={envs[env].about}
        data={environmentOptions}
        value={env}
        onChange={(e) => switchTo({ env: e.currentTarget.value as EnvId })}
      />
    </div>
  );
}
