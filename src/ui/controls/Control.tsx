import { NativeSelect, Slider, Tooltip, UnstyledButton } from "@mantine/core";
import { memo, useMemo, useState } from "react";
import { type Param, type ParamValue, sameValue } from "../../core/params.ts";
import { combinationProblem } from "../../runtime/plan/config.ts";
import { InfoIcon, UndoIcon } from "../parts/icons.tsx";
import { setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./controls.module.css";
import { positionOf, stopsOf, valueAt } from "./stops.ts";
import { ValueInput } from "./ValueInput.tsx";

interface ControlProps {
  name: string;
  param: Param<ParamValue>;
  /** The default of the pair. */
  usual: ParamValue;
  /** The value shown cannot reach the run without a restart. */
  waiting: boolean;
}

/** One hyperparameter, from its declaration alone. */
export const Control = memo(function Control({ name, param, usual, waiting }: ControlProps) {
  const value = usePage((s) => s.config.values[name]);
  const [problem, setProblem] = useState<string | null>(null);
  const clash = usePage((s) => {
    const found = combinationProblem(s.config);
    return found?.key === name ? found.message : null;
  });
  const stops = useMemo(
    () => (param.control.type === "slider" ? stopsOf(param.control, param.kind === "integer") : []),
    [param],
  );
  const id = `param-${name}`;
  const commit = (next: ParamValue) => setValue(name, next);
  const changed = !sameValue(param, value, usual);
  const hasSlider = stops.length > 0;

  return (
    <div className={classes.control} data-changed={changed || undefined} data-compact={!hasSlider || undefined}>
      <div className={classes.head}>
        <span className={classes.symbol} aria-hidden="true">
          {param.symbol}
        </span>
        <label htmlFor={id} className={classes.label}>
          {param.label}
        </label>
        <Tooltip
          label={param.help}
          multiline
          w={260}
          position="top-start"
          events={{ hover: true, focus: true, touch: true }}
          withArrow
        >
          <UnstyledButton className={classes.info} aria-label={`About ${param.label}`}>
            <InfoIcon />
          </UnstyledButton>
        </Tooltip>
        <span className={classes.badge} data-waiting={waiting || undefined}>
          {waiting ? "at restart" : param.live ? "live" : "needs restart"}
        </span>
        <UnstyledButton
          className={classes.undo}
          disabled={!changed}
          aria-label={`Restore ${param.label} to ${param.format(usual)}`}
          title={`Restore the default, ${param.format(usual)}`}
          onClick={() => commit(usual)}
        >
          <UndoIcon />
        </UnstyledButton>
      </div>
      <div className={classes.body}>
        {hasSlider && (
          <Slider
            className={classes.slider}
            size={3}
            thumbSize={14}
            min={0}
            max={stops.length - 1}
            step={1}
            value={positionOf(stops, value as number)}
            onChange={(position) => commit(valueAt(stops, position))}
            label={null}
            thumbLabel={param.label}
            thumbValueText={`${param.format(value)}${param.unit ? ` ${param.unit}` : ""}`}
          />
        )}
        {param.control.type === "select" ? (
          <NativeSelect
            id={id}
            size="xs"
            className={classes.select}
            data={[...param.control.options]}
            value={value as string}
            onChange={(event) => commit(event.currentTarget.value)}
          />
        ) : (
          <ValueInput
            id={id}
            param={param}
            value={value}
            stops={hasSlider ? stops : undefined}
            onCommit={commit}
            onProblem={setProblem}
            width={param.control.type === "text" ? "100%" : hasSlider ? 76 : 112}
          />
        )}
        {param.unit && <span className={classes.unit}>{param.unit}</span>}
      </div>
      {problem && (
        <p id={`${id}-problem`} role="alert" className={classes.problem}>
          {problem}. In effect: {param.format(value)}.
        </p>
      )}
      {clash && (
        <p role="alert" className={classes.problem}>
          {clash}.
        </p>
      )}
    </div>
  );
});
