import { Button, Popover, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { Boundary } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { useLive } from "../state/live.ts";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

/** Wanted once the reason is looked at. */
const Engines = part(() => import("./Engines.tsx"));
const BenchPanel = part(() => import("../bench/BenchPanel.tsx"));

/** Where gradients are computed; on a press, why there. */
export function Backend() {
  const engine = useLive((s) => s.engine);
  const wanted = usePage((s) => s.config.values.engine as string);
  const label = engine?.label ?? (wanted === "auto" ? "auto" : wanted);
  const [opened, setOpened] = useState(false);
  const [measuring, setMeasuring] = useState(false);
  return (
    <>
      <Popover
        width="min(440px, calc(100vw - 24px))"
        position="bottom-end"
        withArrow
        shadow="sm"
        trapFocus
        opened={opened}
        onChange={setOpened}
      >
        <Popover.Target>
          <UnstyledButton
            className={classes.backend}
            aria-label={`Learner backend: ${label}. Why?`}
            onClick={() => setOpened(!opened)}
          >
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
                ? "The engines that this machine has are measured before training starts, and the fastest is taken."
                : `The learner will use ${wanted}.`}
            </p>
          )}
          <Boundary of="the engines">
            <Engines chosen={engine} />
          </Boundary>
          <Button
            mt={8}
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              setOpened(false);
              setMeasuring(true);
            }}
          >
            How fast is this machine?
          </Button>
        </Popover.Dropdown>
      </Popover>
      <Boundary of="the benchmark" place="over" onClose={() => setMeasuring(false)}>
        {measuring && <BenchPanel onClose={() => setMeasuring(false)} />}
      </Boundary>
    </>
  );
}
