import { NativeSelect } from "@mantine/core";
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { type EnvId, envs } from "../../envs/index.ts";
import { pairProblem } from "../../runtime/plan/config.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** What can be chosen; what goes with the other choice not at all is there with the reason. */
const optionOf = (value: string, label: string, refusal: string | null) =>
  refusal === null ? { value, label } : { value, label: `${label}: ${refusal}`, disabled: true };
const algorithmsFor = (env: EnvId) =>
  Object.entries(algorithms).map(([id, { title }]) => optionOf(id, title, pairProblem(id as AlgorithmId, env)));
const environmentsFor = (algo: AlgorithmId) =>
  Object.keys(envs).map((id) => optionOf(id, id, pairProblem(algo, id as EnvId)));

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
        data={algorithmsFor(env)}
        value={algo}
        onChange={(e) => switchTo({ algo: e.currentTarget.value as AlgorithmId })}
      />
      <NativeSelect
        aria-label="Environment"
        title={envs[env].about}
        data={environmentsFor(algo)}
        value={env}
        onChange={(e) => switchTo({ env: e.currentTarget.value as EnvId })}
      />
    </div>
  );
}
