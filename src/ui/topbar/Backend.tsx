import { Popover, UnstyledButton } from "@mantine/core";
import { useLive } from "../live.ts";
import { usePage } from "../store.ts";
import classes from "./topbar.module.css";

/** Where gradients are computed; on a press, why there. */
export function Backend() {
  const engine = useLive((s) => s.engine);
  const wanted = usePage((s) => s.config.values.engine as string);
  const label = engine?.label ?? (wanted === "auto" ? "auto" : wanted);
  return (
    <Popover width={300} position="bottom-end" withArrow shadow="sm" trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.backend} aria-label={`Learner backend: ${label}. Why?`}>
          <span className={classes.dot} data-on={engine !== null || undefined} />
          {label}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="Learner backend" tabIndex={-1} data-autofocus>
        {engine ? (
          <>
            <p>{engine.reason}</p>
            {engine.adapter && (
              <p className={classes.aside}>
                Graphics adapter: <strong>{engine.adapter}</strong>
              </p>
            )}
          </>
        ) : (
          <p>
            {wanted === "auto"
              ? "The learner uses WebGPU on a real graphics processor, else WebAssembly. Which of the two is decided when training starts."
              : `The learner will use ${wanted}.`}
          </p>
        )}
        <p className={classes.aside}>Choose another under Parameters, Run, Learner engine.</p>
      </Popover.Dropdown>
    </Popover>
  );
}
