import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { type Group, groups } from "../../core/params.ts";
import { defaultConfig, paramsOf } from "../../runtime/plan/config.ts";
import { encodeRun } from "../address/url.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay, resetValues, waitingForRestart } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { Control } from "./Control.tsx";
import classes from "./controls.module.css";
import { Restart } from "./Restart.tsx";

/** Every hyperparameter of the system, group by group. elsewhere: those that the top bar shows. */
export function Parameters({ elsewhere }: { elsewhere: readonly string[] }) {
  const config = usePage((s) => s.config);
  const collapsed = usePage((s) => s.preferences.collapsed);
  const prefer = usePage((s) => s.prefer);
  const phase = useLive((s) => s.phase);
  const running = useLive((s) => s.running);
  const begun = useLive((s) => s.begun);
  const params = useMemo(() => paramsOf(config.algo, config.env), [config.algo, config.env]);
  const waiting = useMemo(
    () => (isUnderWay(phase) ? waitingForRestart(config, running, begun) : []),
    [phase, config, running, begun],
  );
  const usual = useMemo(() => defaultConfig(config.algo, config.env), [config.algo, config.env]);
  const differs = encodeRun(config) !== encodeRun(usual);

  const toggle = (group: Group, open: boolean) => {
    const others = usePage.getState().preferences.collapsed.filter((g) => g !== group);
    if (open === collapsed.includes(group)) prefer({ collapsed: open ? others : [...others, group] });
  };

  return (
    <section aria-labelledby="parameters-title">
      <div className={classes.title}>
        <h2 id="parameters-title" className="panel-title">
          Parameters
        </h2>
        <UnstyledButton className={classes.all} disabled={!differs} onClick={resetValues}>
          Defaults
        </UnstyledButton>
      </div>
      {waiting.length > 0 && <Restart waiting={waiting} shown={config} running={running} />}
      {groups.map((group) => {
        const keys = Object.keys(params).filter((key) => params[key].group === group && !elsewhere.includes(key));
        if (keys.length === 0) return null;
        return (
          <details
            key={group}
            className={classes.group}
            open={!collapsed.includes(group)}
            onToggle={(event) => toggle(group, event.currentTarget.open)}
          >
            <summary>
              <h3>{group[0].toUpperCase() + group.slice(1)}</h3>
            </summary>
            {keys.map((key) => (
              <Control
                key={key}
                name={key}
                param={params[key]}
                usual={usual.values[key]}
                waiting={waiting.includes(key)}
              />
            ))}
          </details>
        );
      })}
    </section>
  );
}
