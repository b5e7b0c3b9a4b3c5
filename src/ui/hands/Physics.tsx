import { Slider } from "@mantine/core";
import type { AnyValues } from "../../core/params.ts";
import type { Environment } from "../../envs/environment.ts";
import { short } from "../parts/format.ts";
import classes from "./hands.module.css";

interface Props {
  readonly of: Environment;
  readonly values: Readonly<AnyValues>;
  onChange(values: Readonly<AnyValues>): void;
}

/** A slider of every number of an environment's physics. */
export function Physics({ of, values, onChange }: Props) {
  const params = Object.entries(of.params).filter(([, param]) => param.control.type === "slider");
  return (
    <div className={classes.physics}>
      {params.map(([key, param]) => {
        const control = param.control as { min: number; max: number; step: number };
        return (
          <div key={key}>
            <span>
              {param.label} <b>{short(values[key] as number)}</b> {param.unit}
            </span>
            <Slider
              size={3}
              thumbSize={14}
              min={control.min}
              max={control.max}
              step={control.step > 0 ? control.step : (control.max - control.min) / 200}
              value={values[key] as number}
              onChange={(value) => onChange({ ...values, [key]: value })}
              label={null}
              thumbLabel={param.label}
              thumbValueText={`${short(values[key] as number)} ${param.unit ?? ""}`}
            />
          </div>
        );
      })}
    </div>
  );
}
